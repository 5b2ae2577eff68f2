import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Problem } from '@aspara/protocol/errors.ts'
import { batch, record, writerOf } from '../testing/plain-appends.ts'
import { type PlainEntry, plainOf } from '../testing/plain-entry.ts'
import type { Append } from './appends.ts'
import { type KnownRun, type KnownWriter, planAppends, runKey } from './plan-appends.ts'
import { emptyReceipt } from './receipt.ts'

const lastOfAll = Number.MAX_SAFE_INTEGER

/** A run that is known with what is given, empty for the rest. */
function known(name: string, before: Partial<KnownRun<number>> = {}): KnownRun<number> {
  const nothing = { nextPosition: 0, lastStep: null, createdAt: 0, lastPointAt: null }
  const plain = { hasHeartbeats: false, isLost: false, isEndedByWriters: false }
  return { id: 1, project: 'p', name, ...nothing, ...plain, writers: new Map(), ...before }
}

/** A writer that has given so many batches, of which nothing is asked. */
const writerAt = (nextSequence: number): KnownWriter => ({ nextSequence, receipt: emptyReceipt, isFinished: false })

function plan(appends: Append[], runs: KnownRun<number>[] = [known('r')]) {
  const { runs: plans, outcomes } = planAppends(
    appends,
    new Map(runs.map((run) => [runKey(run.project, run.name), run])),
  )
  return {
    outcomes: outcomes.map((outcome) => (outcome instanceof Problem ? outcome.code : outcome)),
    problems: outcomes.filter((outcome) => outcome instanceof Problem),
    runs: plans.map(({ entries, moved, ...run }) => ({
      ...run,
      moved: [...moved],
      entries: entries.map(({ position, entry }) => ({ position, ...plainOf(entry) })),
    })),
  }
}

const stepsOf = (entry: PlainEntry) => entry.steps

test('records that follow each other become one entry, in the order of arrival', () => {
  const { runs, outcomes } = plan([
    record('r', 5, { loss: 0.5 }, 100),
    record('r', 3, { loss: 0.3, accuracy: 0.9 }, 50),
    record('r', 5, { accuracy: 0.8 }, 200),
  ])
  assert.deepEqual(outcomes, [undefined, undefined, undefined])
  assert.equal(runs.length, 1)
  assert.deepEqual(runs[0].entries, [
    {
      position: 0,
      steps: [5, 3, 5],
      timestamps: [100, 50, 200],
      columns: [
        { metric: 'loss', rows: [0, 1], values: [0.5, 0.3] },
        { metric: 'accuracy', rows: [1, 2], values: [0.9, 0.8] },
      ],
    },
  ])
  assert.equal(runs[0].nextPosition, 1)
  assert.equal(runs[0].lastStep, 5)
})

test('a metric that every record has takes no row numbers', () => {
  const { runs } = plan([record('r', 0, { loss: 1 }), record('r', 1, { loss: NaN })])
  assert.deepEqual(runs[0].entries[0].columns, [{ metric: 'loss', rows: null, values: [1, 'NaN'] }])
})

test('a record without a step gets the one after the highest so far', () => {
  const appends = [
    record('r', null, { a: 1 }),
    record('r', null, { a: 2 }),
    record('r', 10, { a: 3 }),
    record('r', 4, { a: 4 }),
    record('r', null, { a: 5 }),
  ]
  assert.deepEqual(stepsOf(plan(appends).runs[0].entries[0]), [0, 1, 10, 4, 11])
  assert.deepEqual(stepsOf(plan(appends, [known('r', { lastStep: 41 })]).runs[0].entries[0]), [42, 43, 10, 4, 44])
  const afterNegative = plan([record('r', null, { a: 1 })], [known('r', { lastStep: -5 })])
  assert.deepEqual(stepsOf(afterNegative.runs[0].entries[0]), [-4])
})

test('a record without metrics makes its run and takes no step', () => {
  const { runs } = plan([record('r', 7, {}), record('r', null, { a: 1 })])
  assert.equal(runs[0].entries.length, 1)
  assert.deepEqual(stepsOf(runs[0].entries[0]), [0])
  const alone = plan([record('r', 7, {})])
  assert.deepEqual(alone.runs, [
    { ...known('r'), moved: [], isReopened: false, isOlder: false, isLater: false, entries: [] },
  ])
})

test('runs are planned apart, whatever the order in which they take turns', () => {
  const { runs } = plan(
    [
      record('r', null, { a: 1 }),
      record('s', null, { a: 2 }),
      record('r', null, { a: 3 }),
      record('s', 8, { a: 4 }),
      record('r', null, { a: 5 }),
    ],
    [known('r', { nextPosition: 3, lastStep: 0 }), known('s', { id: undefined })],
  )
  assert.deepEqual(
    runs.map(({ name, entries, nextPosition, lastStep }) => ({
      name,
      steps: entries.map(stepsOf),
      nextPosition,
      lastStep,
    })),
    [
      { name: 'r', steps: [[1, 2, 3]], nextPosition: 4, lastStep: 3 },
      { name: 's', steps: [[0, 8]], nextPosition: 1, lastStep: 8 },
    ],
  )
})

test('a batch is one entry, as it came', () => {
  const { runs, outcomes } = plan([
    batch({ sequence: 0, steps: [2, null, 1, null], timestamps: [4, 3, 2, 1], metrics: { a: [1, null, -0, NaN] } }),
  ])
  assert.deepEqual(outcomes, [{ next_sequence: 1, duplicate: false }])
  assert.deepEqual(runs[0].entries, [
    {
      position: 0,
      steps: [2, 3, 1, 4],
      timestamps: [4, 3, 2, 1],
      columns: [{ metric: 'a', rows: [0, 2, 3], values: [1, '-0', 'NaN'] }],
    },
  ])
  assert.deepEqual(runs[0].moved, [writerOf('a')])
  assert.equal(runs[0].writers.get(writerOf('a'))?.nextSequence, 1)
})

test('records and batches of one run keep their order, and steps go on from one to the other', () => {
  const { runs } = plan([
    record('r', null, { a: 1 }),
    batch({ sequence: 0, steps: [null, null], metrics: { a: [2, 3] } }),
    record('r', null, { a: 4 }),
    record('r', null, { a: 5 }),
    batch({ sequence: 1, steps: [null], metrics: { a: [6] } }),
    record('r', null, { a: 7 }),
  ])
  assert.deepEqual(
    runs[0].entries.map(({ position, steps }) => ({ position, steps })),
    [
      { position: 0, steps: [0] },
      { position: 1, steps: [1, 2] },
      { position: 2, steps: [3, 4] },
      { position: 3, steps: [5] },
      { position: 4, steps: [6] },
    ],
  )
})

test('a batch sent again is answered again and planned once', () => {
  const again = () => batch({ sequence: 0, steps: [0], metrics: { a: [1] } })
  const inOneGroup = plan([again(), again(), batch({ sequence: 1, steps: [1], metrics: { a: [2] } }), again()])
  assert.deepEqual(inOneGroup.outcomes, [
    { next_sequence: 1, duplicate: false },
    { next_sequence: 1, duplicate: true },
    { next_sequence: 2, duplicate: false },
    { next_sequence: 1, duplicate: true },
  ])
  assert.equal(inOneGroup.runs[0].entries.length, 2)

  const later = plan([again()], [known('r', { writers: new Map([[writerOf('a'), writerAt(5)]]) })])
  assert.deepEqual(later, { outcomes: [{ next_sequence: 1, duplicate: true }], problems: [], runs: [] })
})

test('a batch that came too early tells where to go on, and leaves no trace', () => {
  const before = known('r', { writers: new Map([[writerOf('a'), writerAt(3)]]), lastStep: 9, nextPosition: 4 })
  const early = plan([batch({ sequence: 5, steps: [100], metrics: { a: [1] } })], [before])
  assert.deepEqual(early.runs, [])
  assert.deepEqual(early.problems[0].extra, { expected_sequence: 3 })
  const unknown = plan([batch({ sequence: 1, steps: [], metrics: {} })], [known('r', { id: undefined })])
  assert.deepEqual(unknown.runs, [])
  assert.deepEqual(unknown.problems[0].extra, { expected_sequence: 0 })

  const between = plan(
    [
      record('r', null, { a: 1 }),
      batch({ sequence: 4, steps: [50, null], metrics: { a: [1, 2] } }),
      record('r', null, { a: 2 }),
    ],
    [before],
  )
  assert.deepEqual(between.outcomes, [undefined, 'sequenceGap', undefined])
  assert.deepEqual(between.runs[0].entries.map(stepsOf), [[10, 11]])
  assert.equal(between.runs[0].writers.get(writerOf('a'))?.nextSequence, 3)
})

test('a gap is closed by what fills it, in the same group too', () => {
  const { outcomes, runs } = plan([
    batch({ sequence: 1, steps: [1], metrics: { a: [1] } }),
    batch({ sequence: 0, steps: [0], metrics: { a: [0] } }),
    batch({ sequence: 1, steps: [1], metrics: { a: [1] } }),
  ])
  assert.deepEqual(outcomes, [
    'sequenceGap',
    { next_sequence: 1, duplicate: false },
    { next_sequence: 2, duplicate: false },
  ])
  assert.deepEqual(runs[0].entries.map(stepsOf), [[0], [1]])
})

test('each writer counts for itself, and each run counts its writers for itself', () => {
  const { outcomes, runs } = plan(
    [
      batch({ sequence: 0, writer: 'a', steps: [0], metrics: { m: [1] } }),
      batch({ sequence: 0, writer: 'b', steps: [0], metrics: { m: [1] } }),
      batch({ sequence: 0, writer: 'a', run: 's', steps: [0], metrics: { m: [1] } }),
      batch({ sequence: 1, writer: 'b', steps: [1], metrics: { m: [1] } }),
    ],
    [known('r'), known('s')],
  )
  assert.deepEqual(
    outcomes,
    [1, 1, 1, 2].map((next_sequence) => ({ next_sequence, duplicate: false })),
  )
  assert.deepEqual(
    runs.map(({ name, moved, writers }) => ({
      name,
      moved,
      nextSequences: Array.from(writers.values(), ({ nextSequence }) => nextSequence),
    })),
    [
      { name: 'r', moved: [writerOf('a'), writerOf('b')], nextSequences: [1, 2] },
      { name: 's', moved: [writerOf('a')], nextSequences: [1] },
    ],
  )
})

test('a batch without values counts, and writes no entry', () => {
  const { outcomes, runs } = plan([batch({ sequence: 0, steps: [] }), batch({ sequence: 1, steps: [4, 5] })])
  assert.deepEqual(
    outcomes,
    [1, 2].map((next_sequence) => ({ next_sequence, duplicate: false })),
  )
  assert.deepEqual(runs[0].entries, [])
  assert.equal(runs[0].writers.get(writerOf('a'))?.nextSequence, 2)
})

test('after the last step there is no next one, and whoever asks for it leaves no trace', () => {
  const before = known('r', { lastStep: lastOfAll })
  const { outcomes, runs, problems } = plan(
    [
      record('r', null, { a: 1 }),
      batch({ sequence: 0, steps: [1, 2, null], metrics: { a: [1, 2, 3] } }),
      record('r', lastOfAll, { a: 2 }),
      batch({ sequence: 0, steps: [-lastOfAll], metrics: { a: [4] } }),
    ],
    [before],
  )
  assert.deepEqual(outcomes, ['invalidField', 'invalidField', undefined, { next_sequence: 1, duplicate: false }])
  assert.deepEqual(problems[0].detail, [
    { loc: ['body', 'step'], msg: `the run's last step is ${lastOfAll}: there is no next one`, type: 'value_error' },
  ])
  assert.deepEqual((problems[1].detail[0] as { loc: unknown }).loc, ['body', 'steps', 2])
  assert.deepEqual(runs[0].entries.map(stepsOf), [[lastOfAll], [-lastOfAll]])
  assert.equal(runs[0].lastStep, lastOfAll)
})

test('a batch that reaches past the last step by itself is refused whole', () => {
  const appends = [
    batch({ sequence: 0, steps: [lastOfAll, null], metrics: { a: [1, 2] } }),
    record('r', null, { a: 3 }),
  ]
  const { outcomes, runs } = plan(appends)
  assert.deepEqual(outcomes, ['invalidField', undefined])
  assert.deepEqual(runs[0].entries.map(stepsOf), [[0]])
  assert.deepEqual(runs[0].moved, [])
})

test('planning changes nothing of what it is given, so that it can be done again', () => {
  const before = known('r', { writers: new Map([[writerOf('a'), writerAt(1)]]) })
  const appends = [record('r', null, { a: 1 }), batch({ sequence: 1, steps: [null], metrics: { a: [1] } })]
  assert.deepEqual(plan(appends, [before]), plan(appends, [before]))
  assert.deepEqual(before, known('r', { writers: new Map([[writerOf('a'), writerAt(1)]]) }))
  assert.ok(Number.isNaN((appends[1] as { steps: Float64Array }).steps[0]))
})

test('a run with a numbered batch has heartbeats, once and for all; one with records alone has none', () => {
  const heartbeat = batch({ sequence: 0, steps: [] })
  const points = batch({ sequence: 0, steps: [0], metrics: { a: [1] } })
  const hasHeartbeats = (appends: Append[], before: Partial<KnownRun<number>> = {}) =>
    plan(appends, [known('r', before)]).runs[0].hasHeartbeats
  assert.equal(hasHeartbeats([heartbeat]), true)
  assert.equal(hasHeartbeats([batch({ sequence: 0, steps: [4, null] })]), true)
  assert.equal(hasHeartbeats([points]), true)
  const records = [record('r', 0, {}), record('r', 0, { a: 1 })]
  assert.equal(hasHeartbeats(records), false)
  assert.equal(hasHeartbeats(records, { hasHeartbeats: true }), true)
  const again = { writers: new Map([[writerOf('a'), writerAt(1)]]) }
  assert.deepEqual(plan([heartbeat], [known('r', again)]).runs, [], 'one that was here already is not')
})

test('a run begins no later than its earliest point, and its last point is the latest by time', () => {
  const timesOf = (appends: Append[], before: Partial<KnownRun<number>> = {}) => {
    const { createdAt, lastPointAt, isOlder, isLater } = plan(appends, [known('r', before)]).runs[0]
    return { createdAt, lastPointAt, isOlder, isLater }
  }
  const times = (...timestamps: number[]) =>
    batch({ sequence: 0, steps: timestamps.map(() => null), timestamps, metrics: { a: timestamps } })
  const before = { createdAt: 1_000, lastPointAt: 2_000 }
  assert.deepEqual(timesOf([times(1_000, 2_000, 1_500)], before), { ...before, isOlder: false, isLater: false })
  assert.deepEqual(timesOf([times(999.75, 2_000.5)], before), {
    ...{ createdAt: 999, lastPointAt: 2_000 },
    ...{ isOlder: true, isLater: true },
  })
  const records = [record('r', 9, { a: 1 }, 3_000), record('r', 0, { a: 1 }, 500)]
  const both = { createdAt: 500, lastPointAt: 3_000, isOlder: true, isLater: true }
  assert.deepEqual(timesOf(records, before), both)
  assert.deepEqual(timesOf(records, { id: undefined, createdAt: Infinity }), both, 'of one that they make, too')
  const nothing = [batch({ sequence: 0, steps: [], timestamps: [] }), record('r', null, {}, 1)]
  assert.deepEqual(timesOf(nothing, before), { ...before, isOlder: false, isLater: false })
})
