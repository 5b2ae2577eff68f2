import assert from 'node:assert/strict'
import { test } from 'node:test'
import { limits } from '@aspara/protocol/limits.ts'
import { commitAt } from '../catalog/commit.ts'
import { finishRun } from '../catalog/finish-run.ts'
import { mergeIntoRun } from '../catalog/write-catalog.ts'
import type { BatchAppend } from '../journal/appends.ts'
import { writeAppends } from '../journal/write-appends.ts'
import { applyChanges } from '../series/changes.ts'
import { compact } from '../series/compact.ts'
import { openDatabase } from '../testing/open-database.ts'
import { readChanges } from './changes.ts'

const nowMs = Date.UTC(2026, 2, 1)
/** The commit at so many milliseconds. */
const at = (ms: number) => commitAt(nowMs + ms)

function batch(run: string, sequence: number, steps: number[]): BatchAppend {
  const writer = '11111111-1111-4111-8111-111111111111'
  const values = Float64Array.from(steps)
  const columns = [{ metric: 'a', values, rows: undefined }]
  return { project: 'p', run, writer, sequence, steps: Float64Array.from(steps), timestamps: values, columns }
}

/** The steps of a run that are new since a commit. */
function stepsOf(changes: Awaited<ReturnType<typeof readChanges>>, run: string): number[] | undefined {
  const told = changes.points.find((its) => its.run === run)
  return told && JSON.parse(told.columns).flatMap(({ steps }: { steps: number[] }) => steps)
}

test('of a run with many entries those after any commit are found, whatever has left the journal', async () => {
  await using opened = await openDatabase()
  const { db } = opened
  const count = 70
  for (let ms = 0; ms < count; ms++) await writeAppends(db, [batch('r', ms, [ms])], at(ms))
  const since = (ms: number) => readChanges(db, { project: 'p', runs: undefined, since: at(ms).stamp })
  const range = (from: number) => Array.from({ length: count - from }, (_, index) => from + index)
  for (let ms = 0; ms < count; ms++) {
    const changes = await since(ms)
    assert.deepEqual(stepsOf(changes, 'r') ?? [], range(ms + 1), `after ${ms}`)
    assert.equal(changes.cursor, at(count - 1).stamp)
  }
  const { id: run } = await db.selectFrom('runs').select('id').executeTakeFirstOrThrow()
  const gone = 30
  const compacted = await compact(db, run, at(gone).stamp)
  assert.ok(compacted && (await applyChanges(db, compacted)))
  for (let ms = 0; ms < count; ms++) {
    const changes = await since(ms)
    if (ms < gone - 1) assert.deepEqual([changes.resync, changes.points], [['r'], []], `after ${ms}`)
    else assert.deepEqual([changes.resync, stepsOf(changes, 'r') ?? []], [[], range(ms + 1)], `after ${ms}`)
  }
})

test('one event holds so much: what does not fit is read again, and what is small comes all the same', async () => {
  await using opened = await openDatabase()
  const { db } = opened
  const rows = Array.from({ length: 20_000 }, (_, row) => row)
  const large = ['a', 'b', 'c', 'd']
  for (const [index, run] of [...large, 'small'].entries()) {
    await writeAppends(db, [batch(run, 0, run === 'small' ? [1] : rows)], at(index))
  }
  await writeAppends(db, [batch('huge', 0, [...rows, ...rows])], at(9))
  const { points, resync } = await readChanges(db, { project: 'p', runs: undefined, since: at(-1).stamp })
  assert.deepEqual(
    points.map(({ run }) => run),
    ['a', 'b', 'small'],
  )
  assert.deepEqual(resync, ['c', 'd', 'huge'])
})

test('more runs than an event holds, or documents, are a word to read all again', async () => {
  await using opened = await openDatabase()
  const { db } = opened
  const runs = Array.from({ length: limits.streamRunsMax + 1 }, (_, index) => `r${index}`)
  await writeAppends(
    db,
    runs.slice(1).map((run) => batch(run, 0, [1])),
    at(0),
  )
  const request = { project: 'p', runs: undefined, since: at(-1).stamp }
  const all = await readChanges(db, request)
  assert.deepEqual([all.resync, all.runs.length, all.points.length], [[], limits.streamRunsMax, limits.streamRunsMax])
  await writeAppends(db, [batch(runs[0], 0, [1])], at(1))
  const tooMany = await readChanges(db, request)
  assert.deepEqual([tooMany.resync, tooMany.runs, tooMany.points], [null, [], []])

  const document = { text: 'x'.repeat(limits.documentBytesMax - 100) }
  for (const [index, run] of runs.slice(0, 3).entries()) {
    await mergeIntoRun(db, { project: 'p', run, part: 'config', document }, at(2 + index))
  }
  assert.equal((await readChanges(db, { ...request, since: at(1).stamp })).resync, null)
  assert.equal((await readChanges(db, { ...request, since: at(3).stamp })).runs.length, 1)
})

test('a run that is lost or ends because its writers fell silent is told', async () => {
  await using opened = await openDatabase()
  const { db } = opened
  const other = '22222222-2222-4222-8222-222222222222'
  await writeAppends(db, [batch('r', 0, [1]), { ...batch('r', 0, [2]), writer: other }, batch('s', 0, [1])], at(0))
  await finishRun(db, { project: 'p', run: 'r', exitCode: 1, writer: other }, at(1_000))
  const ended = 1_000 + limits.lostMs
  const told = async (fromMs: number, toMs: number) => {
    const lost = { fromMs: nowMs + fromMs, toMs: nowMs + toMs }
    return (await readChanges(db, { project: 'p', runs: undefined, since: undefined, lost })).runs.map(
      ({ name }) => name,
    )
  }
  assert.deepEqual(
    [await told(0, ended), await told(ended, ended + 1), await told(ended + 1, ended + 2)],
    [['s'], ['r'], []],
  )
  const { stamp } = at(ended + 500)
  await writeAppends(db, [batch('r', 1, [3])], at(ended + 1_000))
  const since = await readChanges(db, { project: 'p', runs: undefined, since: stamp })
  assert.deepEqual(
    since.runs.map(({ name }) => name),
    ['r'],
    'and that it goes on',
  )
})
