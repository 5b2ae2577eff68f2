import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { StreamHub } from '@aspara/dashboard/src/live/stream-hub.ts'
import { coarsen } from '@aspara/dashboard/src/series/fold.ts'
import type { Line } from '@aspara/dashboard/src/series/line.ts'
import { readLine, type SeriesAnswer } from '@aspara/dashboard/src/series/read-answer.ts'
import { type ChartSeries, SeriesStore } from '@aspara/dashboard/src/series/series-store.ts'
import { randomFromEnvironment } from '@aspara/store/testing/random.ts'
import { startTracker } from '@aspara/tracker/testing/tracker-process.ts'

/*
 * The page reads a line once and folds in what the stream tells. Whatever comes, in whatever order, while lines are being
 * read or not, it has to show what the tracker would answer if it were asked again. Its own store and stream are used, in
 * Node instead of a browser.
 */

const random = randomFromEnvironment()
const points = 64
const early = ['one', 'two', 'three']
const runs = [...early, 'late']
/** From this round on the last run has points: its lines have been asked for by then. */
const lateRound = 35

test(`lines kept up by the stream are those the tracker answers, seed ${random.seed}`, {
  timeout: 60_000,
}, async (t) => {
  t.diagnostic(`ASPARA_TEST_SEED=${random.seed}`)
  const tracker = await startTracker()
  t.after(() => tracker.stop())
  inBrowserManner(t, tracker.url)
  const project = `${tracker.api}/projects/live`
  const writers = runs.map((run) => ({ run, writer: randomUUID(), sequence: 0, next: 0 }))
  const log = async (from: number, count: number) => {
    const writer = writers[from % (from < lateRound ? early : runs).length]!
    // Mostly onwards; now and then something late, or twice the same step.
    const steps = Array.from({ length: count }, () => {
      writer.next += Math.floor(random.next() * 3)
      return random.next() < 0.05 ? Math.floor(random.next() * 500) - 100 : writer.next
    })
    const values = steps.map(() => (random.next() < 0.05 ? ['NaN', 'Infinity'][count % 2] : random.next() * 100 - 50))
    const body = { writer: writer.writer, sequence: writer.sequence++, steps, metrics: { loss: values } }
    const answer = await fetch(`${project}/runs/${writer.run}/metrics/batch`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    assert.equal(answer.status, 200)
  }
  // A run that says when it began: its time since start is counted from there.
  for (const index of early.keys()) await log(index, 5)
  await fetch(`${project}/runs`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'late' }),
  })

  const store = new SeriesStore('live')
  t.after(() => store.close())
  let cursor = 0
  const { promise: opened, resolve: open } = Promise.withResolvers<void>()
  const hub = new StreamHub(`${project}/stream`, {})
  const listener = {
    cursor: null,
    tell(message: Parameters<Parameters<StreamHub['add']>[0]['tell']>[0]) {
      if (message.kind === 'open') open()
      if (message.kind !== 'event') return
      const { points: told } = JSON.parse(message.data)
      for (const { run, columns } of told)
        for (const block of columns) store.add({ ...block, run, cursor: Number(block.cursor) })
      cursor = Number(message.id)
    },
  }
  hub.add(listener)
  t.after(() => hub.remove(listener))
  await opened

  const charts = [
    store.chart({ metric: 'loss', x: 'step', range: null, points }),
    store.chart({ metric: 'loss', x: 'step', range: [20, 90], points }),
    store.chart({ metric: 'loss', x: 'relative', range: null, points }),
    store.chart({ metric: 'loss', x: 'time', range: null, points }),
  ]
  for (const chart of charts) t.after(store.watch(chart, () => {}))
  for (let round = 0; round < 40; round++) {
    await log(round, 1 + Math.floor(random.next() * 30))
    // Some are asked for while points come in.
    if (round % 10 === 3) store.want(charts[(round - 3) / 10]!, runs)
  }
  const marker = await ask(project, charts[0]!)
  while (cursor < Number(marker.cursor) || charts.some(({ pending, stale }) => pending.size + stale.size > 0)) {
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  for (const chart of charts) assertSame(chart, await ask(project, chart))
})

async function ask(project: string, { key: { metric, x, range } }: ChartSeries): Promise<SeriesAnswer> {
  const ends: Record<string, string> = range ? { from: String(range[0]), to: String(range[1]) } : {}
  const query = new URLSearchParams({ metric, x, points: String(points), ...ends })
  return (await fetch(`${project}/series?${query}`)).json()
}

function assertSame({ key, lines }: ChartSeries, answer: SeriesAnswer): void {
  assert.equal(lines.size, answer.series.length)
  for (const told of answer.series) {
    const where = `ASPARA_TEST_SEED=${random.seed}, ${told.run} along ${key.x} ${key.range ?? ''}`
    const line = lines.get(told.run)!
    let wanted = readLine(told, answer.bucket, Number(answer.cursor))
    assert.equal(line.exact, wanted.exact, where)
    assert.equal(line.count, wanted.count, where)
    // Along times the grid follows what has been seen of the steps: it may be coarser by then, never finer.
    if (key.x === 'step') assert.equal(line.bucket, wanted.bucket, where)
    else if (line.bucket > wanted.bucket) wanted = coarsen(wanted, line.bucket)
    for (const column of ['step', 'x', 'y', 'min', 'max', 'finite', 'nonfinite'] as const) {
      if (line.exact && !['step', 'x', 'y'].includes(column)) continue
      assertColumn(line, wanted, column, where)
    }
  }
}

function assertColumn(line: Line, wanted: Line, column: 'step' | 'x' | 'y', where: string): void
function assertColumn(line: Line, wanted: Line, column: keyof Line, where: string): void
function assertColumn(line: Line, wanted: Line, column: keyof Line, where: string): void {
  assert.equal(line.length, wanted.length, where)
  const [its, others] = [line[column], wanted[column]] as Float64Array[]
  for (let row = 0; row < wanted.length; row++) {
    const [given, value] = [its![row]!, others![row]!]
    const isSame = Object.is(given, value) || Math.abs(given - value) <= 1e-9 * Math.max(1, Math.abs(value))
    assert.ok(isSame || given === value, `${where}: ${column} of row ${row} is ${given}, and should be ${value}`)
  }
}

/** Addresses are the tracker's own, and frames come. */
function inBrowserManner(t: { after: (deed: () => void) => void }, url: string): void {
  const before = globalThis.fetch
  globalThis.fetch = (address, init) => before(new URL(String(address), url), init)
  globalThis.requestAnimationFrame = (deed) => setImmediate(deed, 0) as unknown as number
  t.after(() => {
    globalThis.fetch = before
  })
}
