import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { readdir, readFile } from 'node:fs/promises'
import { get, type IncomingMessage } from 'node:http'
import { suite, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { deleteForGood, must } from '@aspara/tracker/testing/ask.ts'
import { startTracker, type TrackerProcess } from '@aspara/tracker/testing/tracker-process.ts'

const range = (count: number) => Array.from({ length: count }, (_, index) => index)

suite('a download that breaks off', () => {
  test('leaves nothing behind, however often it does and in whatever format', async (t) => {
    const own = await startTracker()
    t.after(() => own.stop())
    const api = `${own.api}/projects/p`
    const rows = 200_000
    const steps = range(rows)
    const metrics = { a: steps.map(Math.sqrt), b: steps.map(Math.sin) }
    const timestamps = steps.map((step) => 1769850000000 + step * 1_000)
    const batch = { writer: randomUUID(), sequence: 0, steps, timestamps, metrics }
    await must('POST', `${api}/runs/long/metrics/batch`, batch)
    const breakOff = async (format: string) => {
      const response = await download(`${api}/runs/long/metrics/export?format=${format}`)
      await once(response, 'readable')
      assert.ok(response.read(1))
      response.destroy()
    }
    const formats = ['jsonl', 'csv', 'arrow', 'parquet']
    const breakOffMany = async () => {
      for (let count = 0; count < 12; count++) await breakOff(formats[count % formats.length])
      // Some at once, as a page does that is left while it loads.
      await Promise.all(range(12).map((count) => breakOff(formats[count % formats.length])))
    }
    await breakOffMany()
    const first = await resources(own)
    await breakOffMany()
    await breakOffMany()
    const last = await resources(own)

    assert.equal(last.files, first.files)
    const grownMiB = (last.residentBytes - first.residentBytes) / 2 ** 20
    t.diagnostic(`48 more downloads that broke off: ${grownMiB.toFixed(0)} MiB more`)
    // Each of them held 5 MB of points, and what had been made of them.
    assert.ok(grownMiB < 120, `${grownMiB} MiB more`)
    assert.doesNotMatch(own.log.join('\n'), /"level":[56]0/)
    const { length } = (await (await fetch(`${api}/runs/long/metrics/export?format=csv`)).text()).split('\n')
    assert.equal(length, 2 * rows + 2)
    await deleteForGood(`${api}/runs/long`)
  })
})

/** An answer that is read only as far as is asked for. */
async function download(url: string): Promise<IncomingMessage> {
  const request = get(url, { highWaterMark: 16 * 1024, agent: false } as object)
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  assert.equal(response.statusCode, 200)
  return response
}

/** What the tracker's process holds when it has come to rest: it works on nothing any more. */
async function resources({ child }: TrackerProcess): Promise<{ files: number; residentBytes: number }> {
  if (process.platform !== 'linux') return { files: 0, residentBytes: 0 }
  const processorTicks = async () => {
    const fields = (await readFile(`/proc/${child.pid}/stat`, 'utf8')).split(') ')[1].split(' ')
    return Number(fields[11]) + Number(fields[12])
  }
  let ticks = await processorTicks()
  for (let tries = 0; ; tries++) {
    await wait(250)
    const now = await processorTicks()
    if (now - ticks <= 2) break
    assert.ok(tries < 80, 'the tracker goes on working for nobody')
    ticks = now
  }
  const status = await readFile(`/proc/${child.pid}/status`, 'utf8')
  return {
    files: (await readdir(`/proc/${child.pid}/fd`)).length,
    residentBytes: Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024,
  }
}
