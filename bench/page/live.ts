import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { post } from '../http.ts'
import { megabytes, printTable } from '../report.ts'
import { startBuiltTracker } from '../server-process.ts'
import { cpuOf, launchBrowser, memoryOf, openPage } from './browser.ts'
import { ours } from './contenders.ts'
import { createRun } from './data-sets.ts'
import { madeUpRun, makeColumns, seededRandom } from './made-up-runs.ts'
import type { PageSettings } from './page.ts'
import { paintedOf, watchPainting } from './painting.ts'
import { printErrors } from './panels.ts'

const runCount = 50
const metrics = ['train/loss', 'train/acc', 'val/loss', 'val/acc']
const rowsPerSecond = 10
/** As the clients do it: what has gathered in half a second is a batch. */
const rowsPerBatch = 5
const project = 'live'
const parts = 5

/** 50 runs log 10 rows a second each, of four metrics, while the page shows them all. */
export async function measureLive({ seconds }: PageSettings): Promise<void> {
  const tracker = await startBuiltTracker()
  const browser = await launchBrowser()
  const counted = await countedPort(tracker.port)
  const stopping = new AbortController()
  try {
    const runs = await Promise.all(
      Array.from({ length: runCount }, async (_, index) => {
        const { columns, ...run } = madeUpRun(index, metrics, 1)
        return createRun(tracker.port, project, run)
      }),
    )
    const sent = { points: 0 }
    const logging = runs.map((run, index) => log(tracker.port, run, index, sent, stopping.signal))
    // So that there is something to show from the beginning.
    await sleep(5_000)
    const open = await openPage(browser)
    await watchPainting(open.page, ours.charts)
    await open.page.goto(`http://127.0.0.1:${counted.port}/projects/${project}`, { waitUntil: 'commit' })
    const { charts } = await paintedOf(open.page, 60)
    await sleep(5_000)

    const rows: string[][] = []
    for (let part = 1; part <= parts; part++) {
      const before = { ...(await cpuOf(browser)), bytes: counted.bytes(), points: sent.points, at: performance.now() }
      const trackerCpu = await tracker.cpuSeconds()
      await sleep((seconds * 1_000) / parts)
      const after = await cpuOf(browser)
      const took = (performance.now() - before.at) / 1_000
      const percent = (cpuSeconds: number) => `${((100 * cpuSeconds) / took).toFixed(0)} %`
      const [bytes, points] = [counted.bytes() - before.bytes, sent.points - before.points]
      const cpu = [
        percent(after.renderers - before.renderers),
        percent(after.browser - before.browser),
        percent((await tracker.cpuSeconds()) - trackerCpu),
      ]
      const memory = await memoryOf(browser, open)
      rows.push([
        `${Math.round((part * seconds) / parts)} s`,
        ...cpu,
        points.toLocaleString('en'),
        (bytes / points).toFixed(1),
        megabytes(memory.heap),
        megabytes(memory.renderer),
      ])
    }
    printTable(
      `${runCount} runs live, ${rowsPerSecond} rows of ${metrics.length} metrics a second each, ${charts} charts in sight; CPU in parts of a core`,
      ['until', 'page', 'whole browser', 'tracker', 'new points', 'bytes received a point', 'heap', 'process'],
      rows,
    )
    printErrors(open.errors)
    await open.close()
    stopping.abort()
    await Promise.all(logging)
  } finally {
    stopping.abort()
    await browser.close()
    counted.close()
    await tracker.stop()
  }
}

async function log(port: number, run: string, index: number, sent: { points: number }, signal: AbortSignal) {
  const writer = randomUUID()
  const random = seededRandom(index)
  const columnsFrom = makeColumns(metrics, 60 * rowsPerSecond, random)
  const everyMs = (1_000 * rowsPerBatch) / rowsPerSecond
  // Not all at the same moment.
  const started = performance.now() + random() * everyMs
  for (let sequence = 0; !signal.aborted; sequence++) {
    const early = started + sequence * everyMs - performance.now()
    if (early > 0) await sleep(early)
    const columns = columnsFrom(sequence * rowsPerBatch, rowsPerBatch)
    const timestamps = columns.steps.map((_, row) => Date.now() - (rowsPerBatch - row) * (1_000 / rowsPerSecond))
    await post(port, `${run}/metrics/batch`, { writer, sequence, ...columns, timestamps })
    sent.points += rowsPerBatch * metrics.length
  }
}

/** A port that leads to another one, and counts what comes back: whichever part of the browser asked for it. */
async function countedPort(target: number) {
  let bytes = 0
  const server = createServer((socket) => {
    const onwards = connect(target, '127.0.0.1')
    onwards.on('data', (piece) => {
      bytes += piece.length
    })
    socket.pipe(onwards).pipe(socket)
    for (const [one, other] of [
      [socket, onwards],
      [onwards, socket],
    ]) {
      one.on('error', () => other.destroy()).on('close', () => other.destroy())
    }
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { port: (server.address() as AddressInfo).port, bytes: () => bytes, close: () => server.close() }
}
