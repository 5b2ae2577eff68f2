import assert from 'node:assert/strict'
import { test } from 'node:test'
import { exportPoints, newProject, newRun, refused } from './ask-store.ts'
import { batch, record } from './plain-appends.ts'
import type { StoreUnderTest } from './store-suite.ts'

const lastOfAll = Number.MAX_SAFE_INTEGER

export function appendBehaviour(tested: StoreUnderTest): void {
  const append = (project: string, run: string, step: number | null, metrics: Record<string, number>, timestamp = 0) =>
    tested.store.journal.appendRecord({ ...record(run, step, metrics, timestamp), project })

  const stepsOf = async (project: string, run: string) =>
    (await exportPoints(tested.store, { project, run })).map((point) => point.step)

  test('a record makes its project and its run', async () => {
    const project = newProject('appended')
    await append(project, 'r', 3, { loss: 0.5 }, 1772368245123.456)
    const run = await tested.store.catalog.readRun({ project, run: 'r' })
    assert.equal(run.status, 'running')
    assert.deepEqual(run.config, {})
    assert.deepEqual(await exportPoints(tested.store, { project, run: 'r' }), [
      { metric: 'loss', step: 3, timestamp: 1772368245123.456, value: 0.5 },
    ])
  })

  test('a record without metrics makes the run and no point', async () => {
    const project = newProject('appended')
    await append(project, 'r', 3, {})
    assert.deepEqual(await tested.store.series.listMetrics({ project, run: 'r' }), [])
    assert.deepEqual(await stepsOf(project, 'r'), [])
    await append(project, 'r', null, { a: 1 })
    assert.deepEqual(await stepsOf(project, 'r'), [0])
  })

  test('records without a step count on from the highest', async () => {
    const project = newProject('appended')
    await append(project, 'r', null, { a: 1 })
    await append(project, 'r', null, { a: 1 })
    await append(project, 'r', 10, { a: 1 })
    await append(project, 'r', 5, { a: 1 })
    await append(project, 'r', null, { a: 1 })
    assert.deepEqual(await stepsOf(project, 'r'), [0, 1, 5, 10, 11])
    await tested.store.journal.appendBatch(
      batch({ project, sequence: 0, steps: [null, 20, null], metrics: { a: [1, 1, 1] } }),
    )
    await append(project, 'r', null, { a: 1 })
    assert.deepEqual(await stepsOf(project, 'r'), [0, 1, 5, 10, 11, 12, 20, 21, 22])
  })

  test('steps reach from -(2^53-1) to 2^53-1, and nothing comes after the last', async () => {
    const project = newProject('appended')
    await append(project, 'r', -lastOfAll, { a: 1 })
    await append(project, 'r', null, { a: 2 })
    await append(project, 'r', lastOfAll, { a: 3 })
    const steps = [-lastOfAll, -lastOfAll + 1, lastOfAll]
    assert.deepEqual(await stepsOf(project, 'r'), steps)
    const problem = await refused(append(project, 'r', null, { a: 4 }), 'invalidField')
    assert.match(problem.message, /body\.step: .*9007199254740991/)
    const { journal } = tested.store
    const early = batch({ project, sequence: 0, steps: [1, null], metrics: { a: [1, 2] } })
    await refused(journal.appendBatch(early), 'invalidField')
    assert.deepEqual(await stepsOf(project, 'r'), steps)
    await journal.appendBatch(batch({ project, sequence: 0, steps: [-lastOfAll, 1], metrics: { a: [5, 6] } }))
    assert.deepEqual(await stepsOf(project, 'r'), [-lastOfAll, -lastOfAll, -lastOfAll + 1, 1, lastOfAll])
    const [summary] = await tested.store.series.listMetrics({ project, run: 'r' })
    assert.deepEqual([summary.first_step, summary.last_step], [-lastOfAll, lastOfAll])
  })

  test('a batch sent twice is stored once', async () => {
    const { journal } = tested.store
    const project = newProject('batches')
    const send = () => journal.appendBatch(batch({ project, sequence: 0, steps: [0, 1], metrics: { a: [1, 2] } }))
    assert.deepEqual(await send(), { next_sequence: 1, duplicate: false })
    assert.deepEqual(await send(), { next_sequence: 1, duplicate: true })
    const together = await Promise.all([send(), send(), send()])
    assert.ok(together.every((receipt) => receipt.duplicate && receipt.next_sequence === 1))
    assert.deepEqual(await stepsOf(project, 'r'), [0, 1])
    await journal.appendBatch(batch({ project, sequence: 1, steps: [2], metrics: { a: [3] } }))
    assert.deepEqual(await send(), { next_sequence: 1, duplicate: true })
    assert.deepEqual(await stepsOf(project, 'r'), [0, 1, 2])
  })

  test('a batch that comes too early is told where to go on, and stores nothing', async () => {
    const { journal } = tested.store
    const project = newProject('batches')
    await journal.appendBatch(batch({ project, sequence: 0, steps: [0], metrics: { a: [1] } }))
    const gap = journal.appendBatch(batch({ project, sequence: 2, steps: [9], metrics: { a: [1] } }))
    assert.deepEqual((await refused(gap, 'sequenceGap')).extra, { expected_sequence: 1 })
    assert.deepEqual(await stepsOf(project, 'r'), [0])
    await append(project, 'r', null, { a: 1 })
    assert.deepEqual(await stepsOf(project, 'r'), [0, 1], 'its steps were not taken')
  })

  test('a batch that comes too early makes no run and no project', async () => {
    const { journal, catalog } = tested.store
    const project = newProject('batches')
    const gap = () => journal.appendBatch(batch({ project, sequence: 1, steps: [0], metrics: { a: [1] } }))
    assert.deepEqual((await refused(gap(), 'sequenceGap')).extra, { expected_sequence: 0 })
    await refused(catalog.readProject({ project }), 'projectNotFound')
    await catalog.createRun(newRun(project, 'another'))
    await refused(gap(), 'sequenceGap')
    await refused(catalog.readRun({ project, run: 'r' }), 'runNotFound')
  })

  test('writers count apart from each other, and in each run anew', async () => {
    const { journal } = tested.store
    const project = newProject('batches')
    const send = (writer: string, run: string, sequence: number) =>
      journal.appendBatch(batch({ project, run, writer, sequence, steps: [null], metrics: { a: [1] } }))
    const first = { next_sequence: 1, duplicate: false }
    assert.deepEqual(await send('a', 'r', 0), first)
    assert.deepEqual(await send('b', 'r', 0), first)
    assert.deepEqual(await send('a', 's', 0), first)
    assert.deepEqual(await send('a', 'r', 1), { next_sequence: 2, duplicate: false })
    assert.deepEqual((await refused(send('b', 'r', 2), 'sequenceGap')).extra, { expected_sequence: 1 })
    assert.deepEqual(await stepsOf(project, 'r'), [0, 1, 2])
    assert.deepEqual(await stepsOf(project, 's'), [0])
  })

  test('a batch without a value counts and makes the run', async () => {
    const { journal, catalog } = tested.store
    const project = newProject('batches')
    assert.deepEqual(await journal.appendBatch(batch({ project, sequence: 0, steps: [] })), {
      next_sequence: 1,
      duplicate: false,
    })
    assert.deepEqual((await catalog.readRun({ project, run: 'r' })).metrics, [])
    const [nothing, twice] = [
      await journal.appendBatch(batch({ project, sequence: 1, steps: [1, 2] })),
      await journal.appendBatch(batch({ project, sequence: 0, steps: [] })),
    ]
    assert.deepEqual([nothing.next_sequence, twice.duplicate], [2, true])
    assert.deepEqual(await stepsOf(project, 'r'), [])
  })

  test('what many callers send at once is all stored, once', async () => {
    const { journal, catalog } = tested.store
    const project = newProject('crowd')
    const sent: string[] = []
    const callers = Array.from({ length: 40 }, async (_, caller) => {
      for (let deed = 0; deed < 20; deed++) {
        const run = `r${(caller + deed) % 7}`
        sent.push(`${run} ${caller}.${deed}`)
        const value = caller * 100 + deed
        if (deed % 3 === 0) {
          const sequence = 0
          const writer = `${caller}e${deed}`
          const make = () => batch({ project, run, writer, sequence, steps: [null], metrics: { value: [value] } })
          const receipts = await Promise.all([journal.appendBatch(make()), journal.appendBatch(make())])
          assert.deepEqual(
            receipts.map((receipt) => receipt.duplicate),
            [false, true],
          )
        } else {
          await append(project, run, deed % 2 ? null : deed, { value })
        }
      }
    })
    await Promise.all(callers)
    const stored: string[] = []
    for (let run = 0; run < 7; run++) {
      for (const { value } of await exportPoints(tested.store, { project, run: `r${run}` })) {
        stored.push(`r${run} ${Math.floor(value / 100)}.${value % 100}`)
      }
    }
    assert.deepEqual(stored.sort(), sent.sort())
    assert.equal((await catalog.readProject({ project })).runs, 7)
    assert.equal(journal.queuedBytes, 0)
  })

  test('a thousand runs can begin at once', async () => {
    const project = newProject('crowd')
    await Promise.all(Array.from({ length: 1_000 }, (_, run) => append(project, `r${run}`, null, { a: run })))
    assert.equal((await tested.store.catalog.readProject({ project })).runs, 1_000)
    assert.deepEqual(
      (await exportPoints(tested.store, { project, run: 'r999' })).map((point) => point.value),
      [999],
    )
  })

  test('what is asked for in one turn is done in that order', async () => {
    const { catalog } = tested.store
    const project = newProject('order')
    const address = { project, run: 'r' }
    const outcomes = await Promise.allSettled([
      catalog.finishRun({ ...address, exitCode: 0 }),
      append(project, 'r', null, { a: 1 }),
      append(project, 'r', null, { a: 2 }),
      catalog.createRun(newRun(project, 'r')),
      catalog.deleteRun(address),
      append(project, 'r', null, { a: 3 }),
      catalog.mergeIntoRun({ ...address, part: 'summary', document: { a: 3 } }),
    ])
    assert.deepEqual(
      outcomes.map((outcome) => (outcome.status === 'rejected' ? outcome.reason.code : 'done')),
      ['runNotFound', 'done', 'done', 'runExists', 'done', 'done', 'done'],
    )
    assert.deepEqual(await exportPoints(tested.store, address), [{ metric: 'a', step: 0, timestamp: 0, value: 3 }])
    assert.deepEqual((await catalog.readRun(address)).summary, { a: 3 })
  })

  test('a deed that cannot be done does not fail its neighbours', async () => {
    const { journal, catalog } = tested.store
    const project = newProject('neighbours')
    const unequal = batch({ project, sequence: 0, steps: [5, 6], metrics: { a: [1, 2] } })
    unequal.columns[0].values = Float64Array.of(1) // No request makes this: a bug of ours, of which others must not suffer.
    const outcomes = await Promise.allSettled([
      append(project, 'r', null, { a: 1 }),
      journal.appendBatch(unequal),
      catalog.createRun(newRun(project, 's')),
      journal.appendBatch(batch({ project, sequence: 7, steps: [1], metrics: { a: [1] } })),
      append(project, 'r', null, { a: 2 }),
      journal.appendBatch(batch({ project, sequence: 0, steps: [null], metrics: { a: [3] } })),
    ])
    assert.deepEqual(
      outcomes.map((outcome) => (outcome.status === 'rejected' ? outcome.reason.code : 'done')),
      ['done', 'internal', 'done', 'sequenceGap', 'done', 'done'],
    )
    const bug = (outcomes[1] as PromiseRejectedResult).reason
    assert.match(bug.cause, /BUG: column a has 1 values in 2 rows/)
    assert.deepEqual(
      (await exportPoints(tested.store, { project, run: 'r' })).map(({ step, value }) => [step, value]),
      [
        [0, 1],
        [1, 2],
        [2, 3],
      ],
    )
    assert.equal((await catalog.readRun({ project, run: 's' })).status, 'running')
  })

  test('a run that has ended takes what comes late, and stays ended', async () => {
    const { catalog } = tested.store
    const project = newProject('late')
    await append(project, 'r', null, { a: 1 })
    await catalog.finishRun({ project, run: 'r', exitCode: 0 })
    await append(project, 'r', null, { a: 2 })
    assert.deepEqual(await stepsOf(project, 'r'), [0, 1])
    assert.equal((await catalog.readRun({ project, run: 'r' })).status, 'finished')
  })
}
