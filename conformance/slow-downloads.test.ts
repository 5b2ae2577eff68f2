// Exports that are longer than memory, read by somebody who is slow.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { must } from '@aspara/tracker/testing/ask.ts'
import { addPoints, slowly } from '@aspara/tracker/testing/slow-download.ts'
import { startTracker, type TrackerProcess } from '@aspara/tracker/testing/tracker-process.ts'

test('a million points leave in the memory that a tenth of them takes, at the pace of a slow reader', async (t) => {
  const own = await startTracker()
  t.after(() => own.stop())
  const run = (name: string) => `${own.api}/projects/p/runs/${name}`
  await addPoints(run('short'), 100_000)
  await addPoints(run('long'), 1_000_000)
  assert.equal((await must('GET', run('long'))).metrics[0].count, 1_000_000)
  const exported = async (name: string) => {
    let [lines, bytes, rssMax] = [0, 0, 0]
    for await (const piece of await slowly(`${run(name)}/metrics/export?format=csv`)) {
      for (const byte of piece) if (byte === 10) lines++
      // What has been made and not been read would show while the reader does something else.
      if (Math.floor(bytes / 2 ** 20) !== Math.floor((bytes + piece.length) / 2 ** 20)) {
        await must('GET', `${own.api}/health`)
        rssMax = Math.max(rssMax, await residentBytes(own))
      }
      bytes += piece.length
    }
    return { lines, bytes, rssMax }
  }

  await exported('short')
  const short = await exported('short')
  const long = await exported('long')
  assert.equal(long.lines, 1_000_001)
  assert.ok(long.bytes > 9 * short.bytes)
  const grownMiB = (long.rssMax - short.rssMax) / 2 ** 20
  t.diagnostic(`${(long.bytes / 2 ** 20).toFixed(0)} MiB of text, the tracker grew by ${grownMiB.toFixed(0)} MiB`)
  // Garbage that V8 has not looked at yet; held as a whole, the run would be 250 MiB of rows and text.
  if (process.platform === 'linux') assert.ok(grownMiB < 100, `${grownMiB} MiB`)

  // One who stops altogether leaves the rest unmade, and holds nobody up.
  const stuck = await slowly(`${run('long')}/metrics/export`)
  await once(stuck, 'readable')
  await must('POST', `${run('long')}/metrics`, { metrics: { loss: 1 } })
  await must('GET', `${own.api}/projects`)
  if (process.platform === 'linux') assert.ok((await residentBytes(own)) - short.rssMax < 100 * 2 ** 20)
  stuck.destroy()
})

/** VmRSS of the tracker's process. */
async function residentBytes({ child }: TrackerProcess): Promise<number> {
  if (process.platform !== 'linux') return 0
  const status = await readFile(`/proc/${child.pid}/status`, 'utf8')
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024
}
