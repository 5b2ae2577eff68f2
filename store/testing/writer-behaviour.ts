import assert from 'node:assert/strict'
import { test } from 'node:test'
import { limits } from '@aspara/protocol/limits.ts'
import type { RunWriter } from '@aspara/protocol/writers.ts'
import type { RunAddress } from '../catalog/write-catalog.ts'
import { newProject, newRun, refused } from './ask-store.ts'
import { batch, type PlainBatch, record, writerOf } from './plain-appends.ts'
import { plainReceipt, rowsOf } from './plain-receipt.ts'
import type { StoreUnderTest } from './store-suite.ts'

const receiptOf = ({ rows, points, checksum }: RunWriter) => ({ rows, points, checksum })

export function writerBehaviour(tested: StoreUnderTest): void {
  const send = (
    address: RunAddress,
    plain: Omit<PlainBatch, 'project' | 'run'>,
    said: { label?: string; client?: string } = {},
  ) => tested.store.journal.appendBatch({ ...batch({ ...address, ...plain }), ...said })
  const writersOf = async (address: RunAddress) => (await tested.store.catalog.listWriters(address, {})).writers
  const finish = (address: RunAddress, writer: string, exitCode = 0) =>
    tested.store.catalog.finishRun({ ...address, exitCode, writer: writerOf(writer) })
  const endOf = async (address: RunAddress) => {
    const { status, exit_code } = await tested.store.catalog.readRun(address)
    return [status, exit_code]
  }
  const newAddress = (): RunAddress => ({ project: newProject('writers'), run: 'r' })

  test('a writer that does not end its run leaves that to the others, whoever of them ends first', async () => {
    const ends: [string, boolean, number][][] = [
      [
        ['child', false, 0],
        ['first', true, 3],
      ],
      [
        ['first', true, 3],
        ['child', false, 0],
      ],
    ]
    for (const order of ends) {
      const address = newAddress()
      for (const [writer] of order)
        await send(address, { writer, sequence: 0, steps: [1], timestamps: [1_000], metrics: { a: [1] } })
      const statuses = []
      for (const [writer, endsRun, exitCode] of order) {
        await tested.store.catalog.finishRun({ ...address, exitCode, writer: writerOf(writer), endsRun })
        statuses.push((await tested.store.catalog.readRun(address)).status)
      }
      assert.deepEqual(statuses, ['running', 'failed'])
      assert.equal((await tested.store.catalog.readRun(address)).exit_code, 3)
    }
    const address = newAddress()
    await send(address, { writer: 'child', sequence: 0, steps: [1], timestamps: [1_000], metrics: { a: [1] } })
    await tested.store.catalog.finishRun({ ...address, exitCode: 0, writer: writerOf('child'), endsRun: false })
    assert.equal((await tested.store.catalog.readRun(address)).status, 'running')
  })

  test('a writer has a receipt over what is stored of it, the same however its rows were divided', async () => {
    const address = newAddress()
    const steps = [0, 1, 2, 3, 4]
    const timestamps = steps.map((step) => step * 1.5)
    const metrics = { loss: [0.5, null, Number.NaN, -0, 1e300], Ä: [null, null, 1, null, 2] }
    const whole: PlainBatch = { ...address, sequence: 0, steps, timestamps, metrics }
    await send(address, { ...whole, writer: 'a' })
    const parts = [
      [0, 2],
      [2, 2],
      [2, 5],
    ]
    for (const [sequence, [start, end]] of parts.entries()) {
      const part = Object.entries(metrics).map(([metric, cells]) => [metric, cells.slice(start, end)])
      await send(address, {
        writer: 'b',
        sequence,
        steps: steps.slice(start, end),
        timestamps: timestamps.slice(start, end),
        metrics: Object.fromEntries(part),
      })
    }
    const expected = plainReceipt(rowsOf(batch(whole), steps))
    assert.deepEqual([expected.rows, expected.points], [5, 6])
    const writers = await writersOf(address)
    assert.deepEqual(writers.map(receiptOf), [expected, expected])
    assert.deepEqual(
      writers.map(({ writer, next_sequence }) => [writer, next_sequence]),
      [
        [writerOf('a'), 1],
        [writerOf('b'), 3],
      ],
    )
  })

  test('the steps of a receipt are those that were given, where a batch has none', async () => {
    const address = newAddress()
    const plain = { sequence: 0, steps: [null, 7, null], metrics: { a: [1, 2, 3] } }
    await tested.store.journal.appendRecord({ ...record('r', 4, { a: 0 }), ...address })
    await send(address, plain)
    const [writer] = await writersOf(address)
    assert.deepEqual(receiptOf(writer), plainReceipt(rowsOf(batch(plain), [5, 7, 8])))
  })

  test('a batch that is sent again, comes too early or is refused changes nothing of a receipt', async () => {
    const address = newAddress()
    await send(address, { sequence: 0, steps: [0], metrics: { a: [1] } }, { label: 'rank 0', client: '{"rows":1}' })
    const before = await writersOf(address)
    await send(address, { sequence: 0, steps: [1, 2], metrics: { a: [1, 2] } }, { label: 'other', client: '{}' })
    await refused(send(address, { sequence: 2, steps: [1] }, { label: 'other' }), 'sequenceGap')
    const past = { sequence: 1, steps: [Number.MAX_SAFE_INTEGER, null], metrics: { a: [1, 2] } }
    await refused(send(address, past, { client: '{}' }), 'invalidField')
    assert.deepEqual(await writersOf(address), before)
  })

  test('records have no receipt', async () => {
    const address = newAddress()
    await tested.store.journal.appendRecord({ ...record('r', 0, { a: 1 }), ...address })
    assert.deepEqual(await writersOf(address), [])
  })

  test('a writer keeps its label and what its client says of itself until it says otherwise', async () => {
    const address = newAddress()
    await send(address, { sequence: 0, steps: [] }, { label: 'rank 3 · host', client: '{"rows":1,"pid":7}' })
    await send(address, { sequence: 1, steps: [] })
    const [kept] = await writersOf(address)
    assert.deepEqual([kept.label, kept.client], ['rank 3 · host', { rows: 1, pid: 7 }])
    await send(address, { sequence: 2, steps: [] }, { client: '{"rows":2}' })
    const [said] = await writersOf(address)
    assert.deepEqual([said.label, said.client], ['rank 3 · host', { rows: 2 }])
    assert.ok(Date.parse(said.heard_at as string) > 0)
    assert.deepEqual([said.finished_at, said.exit_code], [null, null])
  })

  test('what was under way when writers are asked for is told already', async () => {
    const address = newAddress()
    const sent = Promise.all(
      [0, 1, 2].map((sequence) => send(address, { sequence, steps: [sequence], metrics: { a: [1] } })),
    )
    const [writer] = await writersOf(address)
    assert.deepEqual([writer.next_sequence, writer.rows], [3, 3])
    await sent
  })

  test('writers come by their ids in pages, one alone by its own, and the newest with the run', async () => {
    const { catalog } = tested.store
    const address = newAddress()
    const letters = Array.from({ length: limits.runWritersMax + 5 }, (_, index) => index.toString(16))
    for (const writer of letters) await send(address, { writer, sequence: 0, steps: [] })
    const all = letters.map(writerOf).sort()
    const read: string[] = []
    for (let cursor: string | undefined; ; ) {
      const page = await catalog.listWriters(address, { limit: 40, cursor })
      read.push(...page.writers.map(({ writer }) => writer))
      if (page.next_cursor === null) break
      cursor = page.next_cursor
    }
    assert.deepEqual(read, all)
    const [alone, ...none] = (await catalog.listWriters(address, { writer: all[7] })).writers
    assert.deepEqual([alone.writer, none], [all[7], []])
    assert.deepEqual(await catalog.listWriters(address, { writer: writerOf('fff') }), {
      writers: [],
      next_cursor: null,
    })
    const { writers } = await catalog.readRun(address)
    assert.equal(writers.length, limits.runWritersMax)
    const heard = writers.map(({ heard_at }) => Date.parse(heard_at as string))
    assert.deepEqual(
      heard,
      heard.toSorted((one, other) => other - one),
    )
    await refused(catalog.listWriters({ ...address, run: 'another' }, {}), 'runNotFound')
  })

  test('a run made anew under the name of a deleted one has none of its writers', async () => {
    const { catalog } = tested.store
    const address = newAddress()
    await send(address, { sequence: 0, steps: [0], metrics: { a: [1] } })
    await catalog.deleteRun(address)
    await catalog.createRun(newRun(address.project, 'r'))
    assert.deepEqual(await writersOf(address), [])
  })

  test('a run ends when the last of its writers has, with the first exit code that is not 0', async () => {
    const address = newAddress()
    for (const writer of ['a', 'b', 'c']) await send(address, { writer, sequence: 0, steps: [] })
    await finish(address, 'a', 0)
    assert.deepEqual(await endOf(address), ['running', null])
    await finish(address, 'b', 3)
    await finish(address, 'b', 3)
    assert.deepEqual(await endOf(address), ['running', null])
    await finish(address, 'c', 1)
    assert.deepEqual(await endOf(address), ['failed', 3])
    assert.deepEqual(
      (await writersOf(address)).map(({ exit_code, finished_at }) => [exit_code, finished_at !== null]),
      [
        [0, true],
        [3, true],
        [1, true],
      ],
    )
  })

  test('a writer that never gave a batch ends too, and what it said of its end stays', async () => {
    const { catalog } = tested.store
    const address = newAddress()
    await catalog.createRun(newRun(address.project, 'r'))
    await finish(address, 'a', 0)
    const [writer] = await writersOf(address)
    assert.deepEqual([writer.next_sequence, receiptOf(writer)], [0, plainReceipt([])])
    assert.deepEqual(await endOf(address), ['finished', 0])
    await finish(address, 'a', 5)
    const [again] = await writersOf(address)
    assert.deepEqual(again, writer)
    await refused(finish({ ...address, run: 'another' }, 'a'), 'runNotFound')
  })

  test('a writer that comes when the others have ended goes on with the run until it has too', async () => {
    const address = newAddress()
    await send(address, { writer: 'a', sequence: 0, steps: [] })
    await finish(address, 'a', 2)
    assert.deepEqual(await endOf(address), ['failed', 2])
    await send(address, { writer: 'a', sequence: 1, steps: [] })
    assert.deepEqual(await endOf(address), ['failed', 2], 'that one has ended already')
    await send(address, { writer: 'b', sequence: 0, steps: [] })
    assert.deepEqual(await endOf(address), ['running', null])
    await finish(address, 'b', 0)
    assert.deepEqual(await endOf(address), ['failed', 2])
  })

  test('a run that was ended as a whole stays so, whatever its writers say', async () => {
    const address = newAddress()
    for (const writer of ['a', 'b']) await send(address, { writer, sequence: 0, steps: [] })
    await finish(address, 'a', 3)
    await tested.store.catalog.finishRun({ ...address, exitCode: 0 })
    await send(address, { writer: 'b', sequence: 1, steps: [0], metrics: { a: [1] } })
    await finish(address, 'b', 4)
    assert.deepEqual(await endOf(address), ['finished', 0])
  })

  test('how it ended before a run goes on is not how it ends', async () => {
    const { catalog } = tested.store
    const address = newAddress()
    const resume = () => catalog.createRun(newRun(address.project, 'r', { resume: true }))
    await send(address, { writer: 'a', sequence: 0, steps: [] })
    await finish(address, 'a', 1)
    await resume()
    assert.deepEqual(await endOf(address), ['running', null])
    await send(address, { writer: 'b', sequence: 0, steps: [] })
    await send(address, { writer: 'c', sequence: 0, steps: [] })
    await finish(address, 'b', 2)
    await resume()
    await finish(address, 'c', 0)
    assert.deepEqual(await endOf(address), ['failed', 2], 'another that joins it while it runs changes nothing')
  })

  test('a writer that falls silent keeps a run from ending for two minutes, and not longer', async () => {
    const { catalog } = tested.store
    const address = newAddress()
    for (const writer of ['a', 'b', 'c']) await send(address, { writer, sequence: 0, steps: [] })
    await finish(address, 'a', 7)
    assert.deepEqual(await endOf(address), ['running', null])
    await tested.silence(address, limits.lostMs + 1_000)
    const { heard_at, finished_at } = await catalog.readRun(address)
    assert.deepEqual(await endOf(address), ['failed', 7])
    assert.equal(finished_at, heard_at, 'it ended when it was heard of last')
    assert.equal((await catalog.readRun(address)).finish_reason, null)
    await send(address, { writer: 'b', sequence: 1, steps: [] })
    assert.deepEqual(await endOf(address), ['running', null], 'it was there all the same')
    await finish(address, 'b', 0)
    assert.deepEqual(await endOf(address), ['failed', 7], 'the third one is silent still')
  })

  test('a run whose points are of another time ends at that time, also when a writer falls silent', async () => {
    const { catalog } = tested.store
    const address = newAddress()
    const start = Date.UTC(2026, 0, 31, 9)
    const rows = { sequence: 0, steps: [0, 1], timestamps: [start, start + 5_000], metrics: { a: [1, 2] } }
    for (const writer of ['a', 'b']) await send(address, { writer, ...rows })
    await catalog.finishRun({ ...address, exitCode: 1, writer: writerOf('a'), reason: 'OutOfMemoryError' })
    await tested.silence(address, limits.lostMs + 1_000)
    const run = await catalog.readRun(address)
    const finishedMs = Date.parse(run.finished_at as string)
    assert.ok(finishedMs >= start + 5_000 && finishedMs < start + 65_000, run.finished_at as string)
    assert.equal(run.duration, (finishedMs - start) / 1_000)
    assert.equal(run.finish_reason, 'OutOfMemoryError')
    const { runs } = await catalog.listRuns({ project: address.project }, {})
    assert.deepEqual(
      runs.map(({ finished_at, duration, finish_reason }) => ({ finished_at, duration, finish_reason })),
      [{ finished_at: run.finished_at, duration: run.duration, finish_reason: run.finish_reason }],
    )
  })

  test('a writer that is announced is waited for, and makes its run lost when it never comes', async () => {
    const { catalog } = tested.store
    const address = newAddress()
    for (const writer of ['a', 'b']) {
      await catalog.createRun(newRun(address.project, 'r', { id: 'r', resume: true, writer: writerOf(writer) }))
    }
    await finish(address, 'a', 0)
    assert.deepEqual(await endOf(address), ['running', null])
    await catalog.createRun(newRun(address.project, 's', { writer: writerOf('a') }))
    await tested.silence({ ...address, run: 's' }, limits.lostMs + 1_000)
    assert.deepEqual(await endOf({ ...address, run: 's' }), ['lost', null])
  })
}
