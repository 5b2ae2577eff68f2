// `npm run demo`: a project worth looking at, in less than a minute. examples/demo/ trains, and logs by the Python client;
// here is what stands around it: a tracker, if there is none yet, and what is said of the project afterwards.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { delimiter } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { DemoError, ensureTracker } from './demo-tracker.ts'

const file = (path: string) => fileURLToPath(new URL(path, import.meta.url))
const python = file(process.platform === 'win32' ? '../.venv/Scripts/python.exe' : '../.venv/bin/python')

const projectNotes = `Which learning rate, which optimizer, which size? scikit-learn's 1,797 **handwritten digits**, a grid of four
optimizers and rates × two sizes × three seeds, trained by \`examples/demo/\`.

- choose by \`val/acc\`; \`test_acc\` in the summary is for the end
- \`sgd lr=1 128x2\` diverges, with every seed
- group by *group* to see the seeds of a setting as one line with its band
`

try {
  await demo()
} catch (error) {
  if (!(error instanceof DemoError)) throw error
  console.error(`demo: ${error.message}`)
  process.exitCode = 1
}

async function demo(): Promise<void> {
  const { values } = parseArgs({
    options: { project: { type: 'string', default: 'digits-sweep' }, runs: { type: 'string' } },
  })
  const started = performance.now()
  const address = (process.env.ASPARA_TRACKER_URI || 'http://127.0.0.1:3142')
    .replace(/\/+$/, '')
    .replace(/\/tracker$/, '')
  const tracker = await ensureTracker(address)
  if (tracker) {
    console.log(
      `No tracker answered on ${address}: started one (process ${tracker.pid}, its log is ${tracker.logFile})`,
    )
  }
  await train(address, values.project, values.runs)
  await describe(address, values.project)
  console.log(`\nDone in ${Math.round((performance.now() - started) / 1_000)} s. Look at it:`)
  console.log(`  ${address}/projects/${values.project}`)
}

async function train(address: string, project: string, runs: string | undefined): Promise<void> {
  const args = ['--tracker', address, '--project', project, ...(runs === undefined ? [] : ['--runs', runs])]
  const training = spawn(python, [file('../examples/demo/sweep.py'), ...args], {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: {
      ...process.env,
      PYTHONPATH: [file('../python/src'), process.env.PYTHONPATH].filter(Boolean).join(delimiter),
      PYTHONDONTWRITEBYTECODE: '1',
    },
  })
  const [code] = (await once(training, 'exit')) as [number | null]
  if (code !== 0) throw new DemoError(`the trainings ended with ${code}`)
}

/** What a person would write beside the runs: what the project is about, and which run won. */
async function describe(address: string, project: string): Promise<void> {
  const base = `${address}/tracker/api/v1/projects/${project}`
  await ask('PATCH', base, { display_name: 'Handwritten digits', notes: projectNotes, tags: ['demo', 'sweep'] })
  const query = new URLSearchParams({ sort: '-metric:val/acc:max', limit: '1' })
  const { runs } = await ask('GET', `${base}/runs?${query}`)
  const best: BestRun | undefined = runs[0]
  if (!best || best.tags.includes('best')) return
  const step = best.metrics.find(({ metric }) => metric === 'val/acc')?.max_step
  const verdict = `The best \`val/acc\` of the sweep (\`${best.group}\`, step ${step}): the one to train for longer.`
  const notes = [best.notes, verdict].filter(Boolean).join('\n\n')
  await ask('PATCH', `${base}/runs/${best.name}`, { notes, tags: [...best.tags, 'best'] })
}

interface BestRun {
  name: string
  group: string
  tags: string[]
  notes: string | null
  metrics: { metric: string; max_step: number }[]
}

// biome-ignore lint/suspicious/noExplicitAny: an answer of the tracker, read in two places
async function ask(method: string, url: string, body?: object): Promise<any> {
  const token = process.env.ASPARA_TOKEN
  const answer = await fetch(url, {
    method,
    headers: {
      ...(body && { 'content-type': 'application/json' }),
      ...(token && { authorization: `Bearer ${token}` }),
    },
    body: body && JSON.stringify(body),
  })
  if (!answer.ok) throw new DemoError(`${method} ${url} was answered with ${answer.status}: ${await answer.text()}`)
  return answer.json()
}
