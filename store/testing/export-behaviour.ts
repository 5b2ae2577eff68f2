import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { BatchAppend } from '../journal/appends.ts'
import {
  collect,
  deleteForGood,
  exportOf,
  exportPoints,
  exportText,
  newProject,
  newRun,
  readLines,
  refused,
} from './ask-store.ts'
import { batch, type PlainBatch, record } from './plain-appends.ts'
import { seededRandom } from './random.ts'
import type { StoreUnderTest } from './store-suite.ts'

export function exportBehaviour(tested: StoreUnderTest): void {
  const send = (plain: PlainBatch) => tested.store.journal.appendBatch(batch(plain))

  test('points come in step order, and those of one step in the order in which they came', async () => {
    const project = newProject('export')
    await send({ project, sequence: 0, steps: [5, 1, 5, 3], metrics: { a: [0, 1, 2, 3] } })
    await tested.store.journal.appendRecord({ ...record('r', 3, { a: 4, b: 5 }), project })
    await send({ project, sequence: 1, steps: [-1, 5, 3, 1], metrics: { b: [6, 7, 8, 9] } })
    const points = await exportPoints(tested.store, { project, run: 'r' })
    assert.deepEqual(
      points.map(({ metric, step, value }) => `${step} ${metric}${value}`),
      ['-1 b6', '1 a1', '1 b9', '3 a3', '3 a4', '3 b5', '3 b8', '5 a0', '5 a2', '5 b7'],
    )
  })

  test('the order holds across many entries, long and short, that overlap', async () => {
    const { journal } = tested.store
    const project = newProject('export')
    const random = seededRandom(7)
    const sent: { step: number; value: number }[] = []
    const appends: Promise<unknown>[] = []
    // More entries than an export reads at once, and more bytes.
    for (let sequence = 0; sequence < 400; sequence++) {
      const rows = sequence % 100 === 0 ? 4_000 : random.between(1, 40)
      const around = random.chance(0.1) ? random.below(20_000) : sequence * 30
      const steps = Array.from({ length: rows }, () => around + random.below(200))
      const values = steps.map((step) => {
        sent.push({ step, value: sent.length })
        return sent.length - 1
      })
      appends.push(journal.appendBatch(batch({ project, sequence, steps, metrics: { a: values } })))
    }
    await Promise.all(appends)
    const expected = sent.sort((one, other) => one.step - other.step || one.value - other.value)
    const points = await exportPoints(tested.store, { project, run: 'r' })
    assert.deepEqual(
      points.map(({ step, value }) => ({ step, value })),
      expected,
    )
  })

  test('what was not logged in a row is not there', async () => {
    const project = newProject('export')
    const metrics = { a: [1, null, 3], b: [null, null, 4], c: [5, 6, 7], d: [null, null, null] }
    await send({ project, sequence: 0, steps: [0, 1, 2], timestamps: [10, 11, 12], metrics })
    assert.deepEqual(await exportPoints(tested.store, { project, run: 'r' }), [
      { metric: 'a', step: 0, timestamp: 10, value: 1 },
      { metric: 'c', step: 0, timestamp: 10, value: 5 },
      { metric: 'c', step: 1, timestamp: 11, value: 6 },
      { metric: 'a', step: 2, timestamp: 12, value: 3 },
      { metric: 'b', step: 2, timestamp: 12, value: 4 },
      { metric: 'c', step: 2, timestamp: 12, value: 7 },
    ])
  })

  test('metrics that are asked for come alone', async () => {
    const project = newProject('export')
    await send({ project, sequence: 0, steps: [0, 1], metrics: { a: [1, 2], b: [3, 4], c: [null, 5] } })
    const values = async (metrics: string[]) =>
      (await exportPoints(tested.store, { project, run: 'r' }, metrics)).map((point) => point.value)
    assert.deepEqual(await values(['b']), [3, 4])
    assert.deepEqual(await values(['c', 'a', 'c']), [1, 2, 5])
    assert.deepEqual(await values(['unknown']), [])
    assert.equal(
      await exportText(tested.store, { project, run: 'r' }, 'csv', ['unknown']),
      'metric,step,timestamp,value\n',
    )
  })

  test('numbers leave exactly as they came, in both formats', async () => {
    const project = newProject('export')
    const values = [0.1, -0, Number.NaN, Infinity, -Infinity, 5e-324, 1.7976931348623157e308, 1e21]
    const timestamps = [1772368245123.456, 0, -0.25, 8.64e15, -8.64e15, 1e-7, 0.001, 1]
    const steps = [0, 1, 2, 3, 4, 2 ** 53 - 1, -(2 ** 53 - 1), -1]
    await send({ project, sequence: 0, steps, timestamps, metrics: { a: values } })
    assert.equal(
      await exportText(tested.store, { project, run: 'r' }),
      `{"metric":"a","step":-9007199254740991,"timestamp":0.001,"value":1.7976931348623157e+308}
{"metric":"a","step":-1,"timestamp":1,"value":1e+21}
{"metric":"a","step":0,"timestamp":1772368245123.456,"value":0.1}
{"metric":"a","step":1,"timestamp":0,"value":-0}
{"metric":"a","step":2,"timestamp":-0.25,"value":"NaN"}
{"metric":"a","step":3,"timestamp":8640000000000000,"value":"Infinity"}
{"metric":"a","step":4,"timestamp":-8640000000000000,"value":"-Infinity"}
{"metric":"a","step":9007199254740991,"timestamp":1e-7,"value":5e-324}
`,
    )
    assert.equal(
      await exportText(tested.store, { project, run: 'r' }, 'csv'),
      `metric,step,timestamp,value
a,-9007199254740991,0.001,1.7976931348623157e+308
a,-1,1,1e+21
a,0,1772368245123.456,0.1
a,1,0,-0
a,2,-0.25,NaN
a,3,8640000000000000,Infinity
a,4,-8640000000000000,-Infinity
a,9007199254740991,1e-7,5e-324
`,
    )
  })

  test('names that mean something to a format are quoted in it', async () => {
    const project = newProject('export')
    const names = ['train/loss', 'a,b', 'say "hi"', '"', 'back\\slash', "it's", ' ', 'Δ 🙂', '=1+1', '__proto__']
    const metrics = Object.fromEntries(names.map((name) => [name, [1]]))
    await send({ project, sequence: 0, steps: [0], metrics })
    // `__proto__` in an object literal is no key, but from entries it is.
    assert.deepEqual(
      (await exportPoints(tested.store, { project, run: 'r' })).map((point) => point.metric),
      names,
    )
    const lines = (await exportText(tested.store, { project, run: 'r' }, 'csv')).split('\n')
    assert.deepEqual(
      lines.slice(1, -1).map((line) => line.slice(0, -',0,0,1'.length)),
      ['train/loss', '"a,b"', '"say ""hi"""', '""""', 'back\\slash', "it's", ' ', 'Δ 🙂', '=1+1', '__proto__'],
    )
  })

  test('a run without points is an empty export', async () => {
    const project = newProject('export')
    await tested.store.catalog.createRun(newRun(project, 'r'))
    assert.equal(await exportText(tested.store, { project, run: 'r' }), '')
    assert.equal(await exportText(tested.store, { project, run: 'r' }, 'csv'), 'metric,step,timestamp,value\n')
    await refused(exportText(tested.store, { project, run: 'unknown' }), 'runNotFound')
  })

  const largeRows = 20_000
  /** A batch of so many rows that its export comes in several pieces, and that two of them are more than a page. */
  const large = (project: string, sequence: number): BatchAppend => {
    const metrics = { loss: Array(largeRows).fill(0.123456789), lr: [1, ...Array(largeRows - 1).fill(null)] }
    return batch({ project, sequence, steps: Array(largeRows).fill(null), metrics })
  }

  test('what is appended while an export goes on leaves out and repeats nothing that was there', async () => {
    const { journal } = tested.store
    const project = newProject('export')
    const address = { project, run: 'r' }
    for (let sequence = 0; sequence < 4; sequence++) await journal.appendBatch(large(project, sequence))
    const going = tested.store.series.exportPoints(exportOf(address, 'jsonl', ['loss']))
    const first = await going.next()
    assert.ok(!first.done)
    // Before what was exported, in the midst of it, where it goes on, and after its end.
    const steps = [-1, 30, 3 * largeRows, 5 * largeRows]
    for (const step of steps) await tested.store.journal.appendRecord({ ...record('r', step, { loss: 1 }), project })
    const points = readLines(Buffer.concat([first.value, await collect(going)]).toString())
    assert.ok(points.every(({ step }, index) => index === 0 || points[index - 1].step <= step))
    // What comes meanwhile may be in it; all of that has the value 1, and no other point has.
    const before = points.filter(({ value }) => value !== 1)
    assert.deepEqual(
      before.map(({ step }) => step),
      Array.from({ length: 4 * largeRows }, (_, step) => step),
    )
    assert.equal((await exportPoints(tested.store, address, ['loss'])).length, 4 * largeRows + steps.length)
  })

  test('an export of which the run is deleted for good ends with an error, not early', async () => {
    const { journal } = tested.store
    const address = { project: newProject('export'), run: 'r' }
    for (const isMadeAnew of [false, true]) {
      for (let sequence = 0; sequence < 5; sequence++) await journal.appendBatch(large(address.project, sequence))
      const going = tested.store.series.exportPoints(exportOf(address, 'csv'))
      assert.ok(!(await going.next()).done)
      await deleteForGood(tested.store, address)
      if (isMadeAnew) await journal.appendBatch(large(address.project, 0))
      await refused(collect(going), 'runNotFound')
      if (isMadeAnew) await deleteForGood(tested.store, address)
    }
  })

  test('an export may be given up in the middle, and others go on', async () => {
    const { journal } = tested.store
    const project = newProject('export')
    await journal.appendBatch(large(project, 0))
    const request = exportOf({ project, run: 'r' })
    const [given, kept] = [tested.store.series.exportPoints(request), tested.store.series.exportPoints(request)]
    await given.next()
    const first = await kept.next()
    await given.return(undefined)
    assert.ok((await given.next()).done)
    assert.equal(
      readLines(Buffer.concat([first.value as Uint8Array, await collect(kept)]).toString()).length,
      largeRows + 1,
    )
  })
}
