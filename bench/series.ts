import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { apiBase } from '@aspara/protocol/names.ts'
import { compacted, diskBytes, givenBack } from './data-folder.ts'
import { get, post, timeGets } from './http.ts'
import { putLoad } from './load.ts'
import { PlainTable } from './plain-table.ts'
import { median, megabytes, printTable } from './report.ts'
import { batchBodies, fillJournal, rowsPerBatch } from './series-data.ts'
import { type ServerProcess, startBuiltTracker } from './server-process.ts'

const project = `${apiBase}/projects/bench`
const million = 1_000_000
const sizes = { '10 k': 10_000, '100 k': 100_000, '1 M': million, '10 M': 10 * million }
const repeats = 60

/** Compaction, charts of short and long runs, panels; what they cost beside each other; the disk. */
export async function measureSeries(): Promise<void> {
  await measureCompaction()
  const folder = await mkdtemp(join(tmpdir(), 'aspara-bench-'))
  let tracker = await startBuiltTracker(folder)
  try {
    await measureIngest(tracker, folder)
    tracker = await restart(tracker, folder)
    await measureCharts(tracker)
    await measurePanel(tracker, folder)
  } finally {
    await tracker.stop()
    await rm(folder, { recursive: true })
  }
}

/** A tracker that starts on a long journal: how fast it is compacted, and what acknowledgements and charts feel of it. */
async function measureCompaction(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'aspara-bench-'))
  const points = 10 * million
  await fillJournal(folder, 'alone', points)
  let tracker = await startBuiltTracker(folder)
  const started = performance.now()
  await compacted(folder)
  const alone = points / ((performance.now() - started) / 1_000)
  const quiet = await records(tracker, 5)
  await tracker.stop()

  await fillJournal(folder, 'beside', points)
  tracker = await startBuiltTracker(folder)
  const from = performance.now()
  let isDone = false
  const done = compacted(folder, 'beside').then(() => {
    isDone = true
    return points / ((performance.now() - from) / 1_000)
  })
  const charts = (async () => {
    const times: number[] = []
    while (!isDone) {
      times.push((await get(tracker.port, `${project}/series?runs=alone&metrics=loss`)).ms)
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    return times
  })()
  const busy = await records(tracker, 60, () => isDone)
  printTable(
    'Compaction of 10 M points in the journal: points/s, and single records on 16 connections meanwhile',
    ['', 'compacted', 'records/s', 'p50 / p99 ms', 'a chart of 10 M points, ms'],
    [
      ['alone', perSecond(alone), '', '', ''],
      ['records alone', '', perSecond(quiet.perSecond), `${quiet.p50Ms.toFixed(2)} / ${quiet.p99Ms.toFixed(2)}`, ''],
      [
        'all at once',
        perSecond(await done),
        perSecond(busy.perSecond),
        `${busy.p50Ms.toFixed(2)} / ${busy.p99Ms.toFixed(2)}`,
        median(await charts).toFixed(1),
      ],
    ],
  )
  await tracker.stop()
  await rm(folder, { recursive: true })
}

async function records(tracker: ServerProcess, secondsMax: number, isOver = () => false) {
  let step = 0
  const result = await putLoad({
    port: tracker.port,
    path: `${project}/runs/records/metrics`,
    connections: 16,
    secondsMax,
    next: () => (isOver() ? undefined : Buffer.from(`{"step":${step++},"metrics":{"loss":${1 / step},"acc":0.85}}`)),
  })
  return { ...result, perSecond: result.answered / result.seconds }
}

/** Batches of 20,000 points until there are 10 M, while what came before is compacted; then what is left of them on disk. */
async function measureIngest(tracker: ServerProcess, folder: string): Promise<void> {
  for (const [name, points] of Object.entries(sizes)) {
    if (points >= 10 * million) continue
    const rows = Math.min(points, rowsPerBatch)
    await send(tracker, runName(name), batchBodies(['loss'], rows, points / rows))
  }
  const rates: number[] = []
  const connections = 4
  const perRound = 500_000
  for (let sent = 0; sent < 10 * million; sent += perRound * connections) {
    const writers = Array.from({ length: connections }, (_, writer) =>
      batchBodies(['loss'], rowsPerBatch, perRound / rowsPerBatch, sent + writer * perRound),
    )
    const started = performance.now()
    await Promise.all(writers.map((bodies) => send(tracker, runName('10 M'), bodies)))
    rates.push((perRound * connections) / ((performance.now() - started) / 1_000))
  }
  await compacted(folder)
  await givenBack(folder)
  const bytes = await diskBytes(folder)
  const { now, peak } = await tracker.memory()
  console.log(
    `Batches of ${rowsPerBatch} points while compaction goes on, rounds of 2 M: ${rates.map(perSecond).join(', ')} points/s (median ${perSecond(median(rates))})`,
  )
  console.log(
    `11.1 M points compacted: ${megabytes(bytes)} on disk, ${(bytes / 11.11e6).toFixed(2)} bytes a point; memory ${megabytes(now)}, peak ${megabytes(peak)}\n`,
  )
}

const runName = (size: string) => `run-${size.replace(' ', '')}`

async function send(tracker: ServerProcess, run: string, bodies: Buffer[]): Promise<void> {
  const path = `${project}/runs/${run}/metrics/batch`
  await putLoad({ port: tracker.port, path, connections: 1, next: () => bodies.shift(), secondsMax: 120 })
}

async function measureCharts(tracker: ServerProcess): Promise<void> {
  const table = new PlainTable()
  const rows: string[][] = []
  for (const [index, [name, points]] of Object.entries(sizes).entries()) {
    const path = `${project}/series?runs=${runName(name)}&metrics=loss&points=1000`
    const cold = (await get(tracker.port, path)).ms
    const warm = await timeGets(tracker.port, Array(repeats).fill(path))
    const zooms = Array.from({ length: repeats * 3 }, () => {
      const width = Math.ceil(points ** (0.5 + Math.random() / 2))
      const from = Math.floor(Math.random() * (points - width))
      return `${path}&from=${from}&to=${from + width}`
    })
    const zoomed = await timeGets(tracker.port, zooms)
    table.fill(index, points)
    const bucket = 2 ** Math.max(0, Math.ceil(Math.log2(points / 1_000)))
    const peer = median(Array.from({ length: 3 }, () => table.read(index, 0, points, bucket)))
    rows.push([
      name,
      cold.toFixed(1),
      warm.median.toFixed(2),
      `${zoomed.median.toFixed(2)} / ${zoomed.p99.toFixed(2)} / ${zoomed.most.toFixed(2)}`,
      peer.toFixed(1),
      (peer / warm.median).toFixed(1),
    ])
  }
  const heading = ['points', 'first ms', 'median ms', 'any zoom: median / p99 / most ms', 'plain table ms', 'ratio']
  printTable('A chart of at most 1,000 buckets over HTTP', heading, rows)
  console.log(`The plain table: ${(table.bytes / 11.11e6).toFixed(1)} bytes a point\n`)
}

async function measurePanel(tracker: ServerProcess, folder: string): Promise<void> {
  const metrics = ['loss', 'val/loss', 'acc', 'val/acc', 'lr']
  const runs = Array.from({ length: 50 }, (_, run) => `panel-${run}`)
  for (const run of runs) await send(tracker, run, batchBodies(metrics, 2_000, 1))
  for (const run of runs) await post(tracker.port, `${project}/runs/${run}/finish`)
  await compacted(folder)
  const path = `${project}/series?runs=${runs}&metrics=${metrics}&points=500`
  const rows: string[][] = []
  for (const [name, accept] of [
    ['JSON', 'application/json'],
    ['Arrow', 'application/vnd.apache.arrow.stream'],
  ]) {
    const first = await get(tracker.port, path, accept)
    const { median: ms, most } = await timeGets(tracker.port, Array(20).fill(path), accept)
    rows.push([name, first.ms.toFixed(1), ms.toFixed(1), most.toFixed(1), megabytes(first.bytes)])
  }
  printTable('50 runs × 5 metrics × 500 buckets of 2,000 points', ['', 'first ms', 'median ms', 'most ms', ''], rows)
}

async function restart(tracker: ServerProcess, folder: string): Promise<ServerProcess> {
  await tracker.stop()
  return startBuiltTracker(folder)
}

const perSecond = (value: number) => Math.round(value).toLocaleString('en')
