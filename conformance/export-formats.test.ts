import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { ExportFormat } from '@aspara/protocol/metrics.ts'
import { encodePoints } from '@aspara/store/export/encode-points.ts'
import type { PointPage } from '@aspara/store/export/point-page.ts'
import { randomFromEnvironment } from '@aspara/store/testing/random.ts'
import { pointsOf, randomPages } from '@aspara/store/testing/random-pages.ts'
import { temporaryFolder } from '@aspara/store/testing/temporary-folder.ts'
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
