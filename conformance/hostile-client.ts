// What hostile-tracker.test.ts has a hostile tracker answer: `hostile-client.ts PROJECT…`; a line for each call.

import { Api, ApiError, init } from 'aspara'

for (const project of process.argv.slice(2)) {
  const api = new Api()
  const attempt = async (what: string, call: () => Promise<unknown>) => {
    try {
      await call()
      console.log(project, what, 'ok')
    } catch (error) {
      const { name, message } = error as Error
      console.log(
        project,
        what,
        error instanceof ApiError ? 'ApiError' : `FAULT ${name}`,
        JSON.stringify(message).slice(0, 300),
      )
    }
  }
  const run = () => api.run(project, 'r')
  await attempt('runs', () => Array.fromAsync(api.runs(project)))
  await attempt('run', run)
  await attempt('history', async () => (await run()).history())
  for (const path of [undefined, 'into']) {
    await attempt('artifacts', async () => {
      const faults: unknown[] = []
      for await (const artifact of (await run()).artifacts()) {
        await artifact.download(path).catch((error) => faults.push(error))
      }
      if (faults[0]) throw faults[0]
    })
  }
  api.close()
  if (!process.env.TRAINS) continue
  const training = await init({ project, name: 'r', id: 'r', resume: 'allow' })
  training.log({ loss: 0.5 })
  await training.finish({ flushTimeoutMs: 500 })
}
console.log('memory', Math.round(process.resourceUsage().maxRSS / 1024))
