import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Backoff } from './backoff.ts'
import { takeBatch } from './batch.ts'
import { MemoryQueue } from './memory-queue.ts'

const queueOf = (rows: Record<string, number>[]) => {
  const queue = new MemoryQueue(() => assert.fail('the queue is full'))
  for (const [step, row] of rows.entries()) {
    const shape = queue.shapeOf(Object.keys(row))
    queue.values.set(Object.values(row))
    queue.keepRow(shape, step, 1_000 + step)
  }
  return queue
}
const parse = (batch: { text: string } | undefined) => JSON.parse(`{${batch?.text}}`)

test('rows become columns of one length, null where a row has no value', () => {
  const queue = queueOf([{ a: 1, b: 0.1 }, { a: Number.NaN }, { b: -0, c: Number.POSITIVE_INFINITY }, { a: 1e300 }])
  assert.deepEqual(parse(takeBatch(queue, 100)), {
    steps: [0, 1, 2, 3],
    timestamps: [1_000, 1_001, 1_002, 1_003],
    metrics: { a: [1, 'NaN', null, 1e300], b: [0.1, null, -0, null], c: [null, null, 'Infinity', null] },
  })
  assert.equal(takeBatch(queue, 100), undefined)
})

test('a batch ends at as many rows or as much text as was asked for, and the next one goes on there', () => {
  const queue = queueOf(Array.from({ length: 1_000 }, (_, step) => ({ loss: step / 3 })))
  assert.equal(takeBatch(queue, 300)?.rows, 300)
  const byText = takeBatch(queue, 1_000, 1_000)
  assert.ok(byText && byText.rows > 40 && byText.rows < 80, `${byText?.rows}`)
  assert.equal(parse(takeBatch(queue, 1)).steps[0], 300 + byText.rows)
})

test('a document ends it, and rows of ever other metrics do not become a matrix of nulls', () => {
  const queue = queueOf([{ a: 1 }])
  queue.keepDocument({ type: 'tags', tags: [] })
  assert.equal(takeBatch(queue, 100)?.rows, 1)
  assert.equal(takeBatch(queue, 100), undefined)

  const sparse = queueOf(Array.from({ length: 2_000 }, (_, step) => ({ [`metric${step}`]: step })))
  let rows = 0
  for (let batch = takeBatch(sparse, 20_000); batch; batch = takeBatch(sparse, 20_000)) {
    const { metrics } = parse(batch)
    assert.ok(batch.rows * Object.keys(metrics).length < 20_000)
    rows += batch.rows
  }
  assert.equal(rows, 2_000)
})

test('no request has more cells than a tracker takes', () => {
  const wide = Object.fromEntries(Array.from({ length: 9_000 }, (_, index) => [`m${index}`, 1]))
  const queue = queueOf(Array.from({ length: 200 }, () => wide))
  const batch = takeBatch(queue, 20_000, Number.POSITIVE_INFINITY)
  assert.equal(batch?.rows, Math.floor(1_000_000 / 9_002))
})

test('waits double up to 30 s, are of full jitter, and no shorter than what the tracker asks for', () => {
  const least = new Backoff(() => 0)
  const most = new Backoff(() => 1)
  assert.deepEqual(
    Array.from({ length: 10 }, () => least.next()),
    Array(10).fill(0),
  )
  assert.deepEqual(
    Array.from({ length: 10 }, () => most.next()),
    [200, 400, 800, 1_600, 3_200, 6_400, 12_800, 25_600, 30_000, 30_000],
  )
  most.reset()
  assert.equal(most.next(), 200)
  assert.deepEqual([least.next('7'), least.next(null), least.next('Wed, 21 Oct 2026 07:28:00 GMT')], [7_000, 0, 0])
})
