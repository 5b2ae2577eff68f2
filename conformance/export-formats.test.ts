import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { ExportFormat } from '@aspara/protocol/metrics.ts'
import { encodePoints } from '@aspara/store/export/encode-points.ts'
import type { PointPage } from '@aspara/store/export/point-page.ts'
import { randomFromEnvironment } from '@aspara/store/testing/random.ts'
import { pointsOf, randomPages } from '@aspara/store/testing/random-pages.ts'
import { temporaryFolder } from '@aspara/store/testing/temporary-folder.ts'
import { startTracker } from '@aspara/tracker/testing/tracker-process.ts'
import { runPython } from './python.ts'

const random = randomFromEnvironment()
const script = fileURLToPath(new URL('export_formats.py', import.meta.url))
const document = new URL('../docs/format/export.md', import.meta.url)

async function writeExport(folder: string, format: ExportFormat, pages: PointPage[], withRun: boolean): Promise<void> {
  async function* given() {
    yield* pages
  }
  await writeFile(join(folder, `points.${format}`), encodePoints(format, given(), { withRun }))
}

/** What was exported, in files that need no code of ours to be read. */
async function writeExpected(folder: string, pages: PointPage[], withRun: boolean): Promise<void> {
  const points = pages.flatMap(pointsOf)
  const columns = {
    ...(withRun && { run: points.map(({ run }) => run) }),
    metric: points.map(({ metric }) => metric),
  }
  const microseconds = points.map(({ timestamp }) => BigInt(Math.round(timestamp * 1000)))
  await writeFile(join(folder, 'names.json'), JSON.stringify(columns))
  await writeFile(
    join(folder, 'step.i64'),
    BigInt64Array.from(points, ({ step }) => BigInt(step)),
  )
  await writeFile(join(folder, 'timestamp.i64'), BigInt64Array.from(microseconds))
  await writeFile(
    join(folder, 'value.f64'),
    Float64Array.from(points, ({ value }) => value),
  )
}

for (const { title, runs, pages, points, withRun } of [
  { title: 'a run of several row groups', runs: 1, pages: 6, points: 60_000, withRun: false },
  { title: 'many runs of a few points each', runs: 300, pages: 2, points: 40, withRun: true },
  { title: 'runs of more points than a row group', runs: 3, pages: 2, points: 60_000, withRun: true },
  { title: 'a single point', runs: 1, pages: 1, points: 1, withRun: false },
  { title: 'nothing of one run', runs: 0, pages: 0, points: 0, withRun: false },
  { title: 'nothing of several', runs: 0, pages: 0, points: 0, withRun: true },
]) {
  test(`pyarrow, polars and duckdb open the exports of ${title}, types and every point`, async (t) => {
    t.diagnostic(`ASPARA_TEST_SEED=${random.seed}`)
    const folder = await temporaryFolder()
    const given = randomPages(random, runs, pages, points)
    for (const format of ['arrow', 'parquet'] as const) await writeExport(folder, format, given, withRun)
    await writeExpected(folder, given, withRun)
    const { exitCode, stdout, stderr } = await runPython([script, folder])
    assert.equal(exitCode, 0, stderr)
    assert.equal(stdout, `${runs * pages * points}\n`)
  })
}

test('what a tracker was sent is what pyarrow, polars and duckdb read in its exports, from the journal and from chunks', async (t) => {
  t.diagnostic(`ASPARA_TEST_SEED=${random.seed}`)
  const tracker = await startTracker()
  t.after(() => tracker.stop())
  const runs = ['first', 'second']
  const metrics = ['loss', 'Ä "x", y', 'acc']
  const rows = 30_000
  const pages: PointPage[] = []
  for (const run of runs) {
    const steps = Array.from({ length: rows }, (_, row) => Math.floor(row / 2) - 5_000)
    const timestamps = steps.map((_, row) => 1_767_225_600_000 + row * 20 + 0.125)
    const columns = metrics.map(() => steps.map(() => randomValue()))
    for (let sequence = 0; sequence < 3; sequence++) {
      const part = <Cell>(cells: Cell[]) => cells.slice((sequence * rows) / 3, ((sequence + 1) * rows) / 3)
      const words = columns.map((column) =>
        part(column).map((value) => (Number.isFinite(value) ? value : String(value))),
      )
      await send(`${tracker.api}/projects/p/runs/${run}/metrics/batch`, {
        writer: '00000000-0000-4000-8000-000000000000',
        sequence,
        steps: part(steps),
        timestamps: part(timestamps),
        metrics: Object.fromEntries(metrics.map((metric, index) => [metric, words[index]])),
      })
    }
    pages.push(inExportOrder(run, metrics, { steps, timestamps, columns }))
  }
  await send(`${tracker.api}/projects/p/runs/first/finish`, {})

  for (const isCompacted of [false, true]) {
    if (isCompacted) await emptyJournal(tracker)
    for (const { path, withRun, expected } of [
      { path: 'export?runs=first,second&', withRun: true, expected: pages },
      { path: 'runs/second/metrics/export?', withRun: false, expected: [pages[1]] },
    ]) {
      const folder = await temporaryFolder()
      await writeExpected(folder, expected, withRun)
      for (const format of ['arrow', 'parquet']) {
        const answer = await fetch(`${tracker.api}/projects/p/${path}format=${format}`)
        assert.equal(answer.status, 200)
        await writeFile(join(folder, `points.${format}`), new Uint8Array(await answer.arrayBuffer()))
      }
      const { exitCode, stdout, stderr } = await runPython([script, folder])
      assert.equal(exitCode, 0, stderr)
      assert.equal(stdout, `${expected.length * rows * metrics.length}\n`)
    }
  }
})

function randomValue(): number {
  const kind = random.next()
  if (kind < 0.01) return Number.NaN
  if (kind < 0.02) return kind < 0.015 ? Infinity : -Infinity
  return kind < 0.5 ? Math.fround(random.next()) : random.next() * 10 ** Math.floor(random.next() * 40 - 20)
}

/** By step, then by metric, then as they came; the steps are in order already. */
function inExportOrder(
  run: string,
  metrics: string[],
  { steps, timestamps, columns }: { steps: number[]; timestamps: number[]; columns: number[][] },
): PointPage {
  const points = metrics.flatMap((_, metric) => steps.map((step, row) => ({ metric, step, row })))
  points.sort((one, other) => one.step - other.step || one.metric - other.metric || one.row - other.row)
  return {
    run,
    metrics,
    metric: Uint32Array.from(points, ({ metric }) => metric),
    steps: Float64Array.from(points, ({ step }) => step),
    timestamps: Float64Array.from(points, ({ row }) => timestamps[row]),
    values: Float64Array.from(points, ({ metric, row }) => columns[metric][row]),
  }
}

async function send(url: string, body: object): Promise<void> {
  const headers = { 'content-type': 'application/json' }
  const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })
  assert.equal(answer.status, 200, await answer.text())
}

/** Resolves when the tracker has compacted all that it was sent. */
async function emptyJournal({ dataDir }: { dataDir: string }): Promise<void> {
  const database = new DatabaseSync(join(dataDir, 'aspara.db'), { readOnly: true })
  const left = database.prepare('select 1 from journal limit 1')
  while (left.get()) await new Promise((resolve) => setTimeout(resolve, 50))
  database.close()
}

/** How many points a line of Python has opened, and as what type their values came. */
const report = `
value = points.to_arrow_table()["value"] if hasattr(points, "to_arrow_table") else points["value"]
print(len(points), str(getattr(value, "dtype", None) or value.type).lower())
`

test('each line of Python in the document opens an export, with every point and its value as a number', async (t) => {
  t.diagnostic(`ASPARA_TEST_SEED=${random.seed}`)
  const blocks = Array.from((await readFile(document, 'utf8')).matchAll(/```python\n(.*?)```/gs), ([, code]) => code)
  assert.equal(blocks.length, 4)
  const folder = await temporaryFolder()
  const given = randomPages(random, 1, 2, 50)
  for (const format of ['jsonl', 'csv', 'arrow', 'parquet'] as const) await writeExport(folder, format, given, false)
  for (const block of blocks) {
    const lines = block.trim().split('\n')
    const opening = lines.filter((line) => line.startsWith('points'))
    const code = [...lines.filter((line) => !opening.includes(line)), ...opening.flatMap((line) => [line, report])]
    const { exitCode, stdout, stderr } = await runPython(['-c', code.join('\n')], { cwd: folder })
    assert.equal(exitCode, 0, `${block}\n${stderr}`)
    const opened = stdout.trim().split('\n')
    assert.equal(opened.length, opening.length)
    for (const [index, line] of opened.entries()) assert.match(line, /^100 (float64|double)$/, opening[index])
  }
})
