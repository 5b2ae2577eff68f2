// Spools that a disk has damaged: what is left of them is read, and sent, exactly; what is not is counted.

import assert from 'node:assert/strict'
import { copyFileSync, cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { type Random, randomFromEnvironment } from '@aspara/store/testing/random.ts'
import { exportedPoints, must } from '@aspara/tracker/testing/ask.ts'
import { runAspara, startTracker, temporaryFolder } from '@aspara/tracker/testing/tracker-process.ts'
import { SpoolWriter } from 'aspara/spool.ts'
import { readSent } from 'aspara/spool-folder.ts'
import { SpoolReader } from 'aspara/spool-reader.ts'
import { runPython } from './python.ts'

const PYTHONPATH = fileURLToPath(new URL('../python/src', import.meta.url))
const writer = '0f1e2d3c-4b5a-4978-8695-a4b3c2d1e0f0'
const client = { language: 'typescript', version: '0', pid: 1, host: 'elsewhere' }
const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0)

async function folder(t: TestContext): Promise<string> {
  const path = await temporaryFolder()
  t.after(() => rmSync(path, { recursive: true, force: true }))
  return path
}

/** Writes a spool of several segments. Answers its rows, each as a text of all that is in it. */
function writeSpool(path: string, random: Random): string[] {
  const run = { type: 'run' as const, project: 'damage', name: 'r', id: writer, client, started: 1_000 }
  const spool = new SpoolWriter({ folder: path, writer, run, segmentBytes: 1_024 + random.below(4_096) })
  const shapes = [['loss'], ['loss', 'accuracy', 'lr'], ['b']].map((keys) => spool.shapeOf(keys))
  const rows: string[] = []
  for (let count = 20 + random.below(200); count > 0; count--) {
    if (random.below(8) === 0) spool.keepDocument({ type: 'summary', values: { [`n${count}`]: 'x'.repeat(count) } })
    const shape = shapes[random.below(shapes.length)]
    const values = shape.keys.map(() => random.below(1_000) / 7)
    spool.values.set(values)
    spool.keepRow(shape, rows.length, 1_000 + rows.length)
    rows.push(
      JSON.stringify([
        rows.length,
        1_000 + rows.length,
        Object.fromEntries(shape.keys.map((key, i) => [key, values[i]])),
      ]),
    )
  }
  spool.keepDocument({ type: 'finish', exit_code: 0, time: 9_000 })
  spool.close()
  return rows
}

/** Flips a bit, writes zeros or noise over a part, or cuts the end off. */
function damage(path: string, random: Random): void {
  const names = readdirSync(path)
  for (let times = 1 + random.below(3); times > 0; times--) {
    const file = join(path, names[random.below(names.length)])
    const bytes = readFileSync(file)
    if (bytes.length <= 64) continue
    const at = 64 + random.below(bytes.length - 64)
    const kind = random.below(4)
    if (kind === 0) bytes[at] ^= 1 << random.below(8)
    else if (kind < 3)
      for (let i = at; i < Math.min(bytes.length, at + 600); i++) bytes[i] = kind === 1 ? 0 : random.below(256)
    writeFileSync(file, kind === 3 ? bytes.subarray(0, at) : bytes)
  }
}

interface Read {
  /** By their numbers. */
  rows: Record<number, string>
  damaged: number
  total: number
}

function readSpool(path: string): Read {
  const reader = new SpoolReader(path)
  const rows: Read['rows'] = {}
  for (let item = reader.peek(); item; item = reader.peek()) {
    if (!item.document) {
      const { keys, step, time, values, at } = item
      rows[reader.row] = JSON.stringify([step, time, Object.fromEntries(keys.map((key, i) => [key, values[at + i]]))])
    }
    reader.pass()
  }
  reader.close()
  return { rows, damaged: sum(reader.refused.map(({ count }) => count)), total: reader.row }
}

const pythonReader = `
import json, sys
from pathlib import Path
from aspara.spool_reader import SpoolReader
for name in sys.argv[1:]:
    reader = SpoolReader(Path(name))
    rows, damaged = {}, 0
    while (found := reader.read()) is not None:
        if isinstance(found, dict):
            damaged += found["rows"] if found["type"] == "damaged" else 0
            continue
        for index in range(len(found)):
            values = {key: column[index] for key, column in found.columns.items() if column[index] is not None}
            rows[reader.rows - len(found) + index] = [found.steps[index], found.times[index], values]
    print(json.dumps({"rows": rows, "damaged": damaged, "total": reader.rows}))
`

test('whatever is damaged, both readers read the same rows under their own numbers, and count the rest', async (t) => {
  const random = randomFromEnvironment()
  t.diagnostic(`ASPARA_TEST_SEED=${random.seed}`)
  const root = await folder(t)
  const spools = Array.from({ length: 300 }, (_, index) => {
    const path = join(root, String(index))
    const rows = writeSpool(path, random)
    damage(path, random)
    return { path, rows }
  })
  const { exitCode, stdout, stderr } = await runPython(['-c', pythonReader, ...spools.map(({ path }) => path)], {
    env: { PYTHONPATH },
  })
  assert.equal(exitCode, 0, stderr)
  const byPython = stdout.trimEnd().split('\n')
  let read = 0
  for (const [index, { path, rows }] of spools.entries()) {
    const ours = readSpool(path)
    for (const [row, text] of Object.entries(ours.rows)) assert.equal(text, rows[Number(row)], path)
    read += Object.keys(ours.rows).length
    assert.equal(Object.keys(ours.rows).length + ours.damaged, ours.total, path)
    assert.ok(ours.total <= rows.length, path)
    const theirs = JSON.parse(byPython[index])
    // The order of a row's metrics is the writer's in one, and that of the batch in the other.
    const plain = (of: Record<string, string>) =>
      Object.fromEntries(Object.entries(of).map(([row, text]) => [row, JSON.parse(text)]))
    assert.deepEqual({ ...theirs }, { ...ours, rows: plain(ours.rows) }, path)
  }
  assert.ok(read > spools.length * 20, `${read} rows`)
})

for (const language of ['typescript', 'python'] as const) {
  test(`${language}: what is whole of a damaged spool is sent once, and the rest is said and counted`, async (t) => {
    const tracker = await startTracker()
    t.after(() => tracker.stop())
    const root = await folder(t)
    const path = join(root, writer)
    mkdirSync(path)
    const golden = fileURLToPath(new URL('spool/version-2-damaged', import.meta.url))
    for (const name of readdirSync(golden)) copyFileSync(join(golden, name), join(path, name))
    const env = { ASPARA_DATA_DIR: await folder(t), PYTHONPATH }
    const run = (...args: string[]) =>
      language === 'python' ? runPython(['-m', 'aspara', ...args], { env }) : runAspara(args, env)
    const to = ['--tracker-uri', tracker.url]
    const first = await run('sync', root, ...to)
    assert.match(first.stdout + first.stderr, /a part of .* was damaged on the disk, and is left out/)
    // 33 rows and 2 documents are damaged; a row of 1970 is refused, and a file is not there.
    assert.match(first.stdout, /^golden\/swift-otter-0f1e2d: 13 rows sent, 37 left out\n$/)
    const again = await run('sync', root, ...to)
    assert.doesNotMatch(again.stdout + again.stderr, /damaged|Traceback|\n\s+at /)
    const points = await exportedPoints(`${tracker.api}/projects/golden/runs/swift-otter-0f1e2d`)
    assert.equal(points.length, 39)
    assert.deepEqual([...new Set(points.map(({ step }) => step))].length, 13)
    const stored = (await must('GET', `${tracker.api}/projects/golden/runs/swift-otter-0f1e2d`)) as { status: string }
    assert.equal(stored.status, 'finished')
    const sent = readSent(path)
    assert.equal(sum(sent.refused.filter(({ reason }) => /damaged/.test(reason)).map(({ count }) => count)), 33)
    const verified = await run('verify', 'swift-otter-0f1e2d', '--dir', root, ...to)
    assert.match(verified.stdout, /equal: 13 rows, 39 points, checksum \w{8}[;,] 34 .*rows/)

    // It was damaged after it was sent.
    const whole = await folder(t)
    cpSync(fileURLToPath(new URL('spool/version-2', import.meta.url)), join(whole, writer), { recursive: true })
    writeFileSync(join(whole, writer, 'sent.json'), JSON.stringify({ ...sent, refused: [] }))
    const segment = join(whole, writer, '000001.spool')
    const bytes = readFileSync(segment)
    bytes[600] ^= 1
    writeFileSync(segment, bytes)
    const later = await run('verify', 'swift-otter-0f1e2d', '--dir', whole, ...to)
    assert.match(later.stdout, /1 rows of the spool were damaged on the disk: they can't be compared/)
    assert.notEqual(later.exitCode, 0)
  })
}
