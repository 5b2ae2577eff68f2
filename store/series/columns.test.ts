import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Random, randomFromEnvironment } from '../testing/random.ts'
import { Columns, type ColumnToEncode, encodeColumns } from './columns.ts'

const kind = 7
const highest = Number.MAX_SAFE_INTEGER

const bytesOf = (values: Float64Array) => Buffer.from(values.buffer, values.byteOffset, values.byteLength)

/** Encodes columns and gives each back, which has to be the same to the bit; NaN has one form only. @returns the body */
function assertKept(columns: ColumnToEncode[], what: string): Uint8Array {
  const body = encodeColumns(kind, columns)
  const decoded = new Columns(body, kind, columns.length)
  assert.equal(decoded.length, columns[0].values.length, what)
  columns.forEach(({ values }, index) => {
    const back = decoded.column(index)
    if (bytesOf(back).equals(bytesOf(Float64Array.from(values)))) return
    const row = values.findIndex((value, at) => !Object.is(value, back[at]))
    assert.equal(row, -1, `${what}: row ${row} of column ${index} is ${back[row]}, was ${values[row]}`)
  })
  return body
}

const columnOf = (values: Iterable<number>, rest: Partial<ColumnToEncode> = {}): ColumnToEncode => ({
  values: Float64Array.from(values),
  ...rest,
})

/** The form that a column is written in, and its bytes a value: docs/format/series.md. */
function formOf(values: number[], isTime = false): string {
  const body = assertKept([columnOf(values, { isTime })], String(values.slice(0, 8)))
  // So short a body is not compressed.
  const header = Buffer.from(body.subarray(16))
  return `${['line', 'delta', 'offset', 'float32', 'float64'][header[0]]} ${header[1]}`
}

test('each column is written in the narrowest form that holds it', () => {
  assert.equal(formOf([5]), 'line 0')
  assert.equal(formOf([7, 7, 7, 7]), 'line 0')
  assert.equal(formOf([10, 20, 30, 40]), 'line 0')
  assert.equal(formOf([-3, -5, -7]), 'line 0')
  assert.equal(formOf([0.5, 1, 1.5]), 'line 0')
  assert.equal(formOf([1, 2, 4, 9]), 'offset 1')
  assert.equal(formOf([0, 1_000, 2_001, 3_005]), 'delta 1')
  assert.equal(formOf([0.5, 0.25, 0.75]), 'float32 4')
  assert.equal(formOf([0.1, 0.2, 0.4]), 'float64 8')
  assert.equal(formOf([1e300, 1, 2]), 'float64 8')
  // Floats are as narrow as whole numbers of four bytes, and compress better.
  assert.equal(formOf([0, 2 ** 24, 3]), 'float32 4')
  assert.equal(formOf([0, 2 ** 24 + 1, 3]), 'offset 4')
})

test('differences that just fit and just do not fit a width', () => {
  const widths = [
    [0xff, 1],
    [0x100, 2],
    [0xffff, 2],
    [0x10000, 3],
    [0xffffff, 3],
    [0x100000b, 4],
    [0xffffffff, 4],
  ]
  for (const [range, width] of widths) {
    // Whole numbers from the lowest one: with three of them, their differences have a longer range.
    assert.equal(formOf([range, 0, range - 1]), `offset ${width}`)
    assert.equal(formOf([-4, range - 4, -3]), `offset ${width}`)
    // Differences from the one before.
    assert.equal(formOf([0, 2 ** 40, 2 ** 41 + range, 3 * 2 ** 40 + range]), `delta ${width}`)
  }
  assert.equal(formOf([0x100000001, 0, 3]), 'float64 8')
  assert.equal(formOf([0, 2 ** 40, 2 ** 41 + 0x100000001, 5]), 'float64 8')
})

test('steps at both ends of what there is come back', () => {
  const columns = [
    [highest, -highest],
    [-highest, highest],
    [-highest, 0, highest],
    [highest - 3, highest - 2, highest - 1, highest],
    [-highest, -highest + 1, -highest + 5],
    [highest - 1_000, highest - 400, highest],
    [-highest, -1, 0, 1, highest - 1],
    [0, highest, 1, highest - 1, -highest],
    [2 ** 53, -(2 ** 53), 2 ** 53],
    [highest, highest, highest],
  ]
  for (const steps of columns) assertKept([columnOf(steps)], String(steps))
  // And beyond what whole numbers can tell apart.
  assertKept([columnOf([2 ** 53, 2 ** 53 + 2, 2 ** 53 + 6])], 'beyond 2^53')
  assertKept([columnOf([2 ** 60, 2 ** 60 + 256])], '2^60')
})

test('what is no ordinary number comes back: -0, NaN, infinities, the smallest and the largest', () => {
  const odd = [0, -0, Number.NaN, Infinity, -Infinity, 5e-324, -5e-324, Number.MAX_VALUE, -Number.MAX_VALUE, 1e-45, 0.1]
  for (const one of odd) {
    for (const isTime of [false, true]) {
      assertKept([columnOf([one], { isTime })], `${one} alone`)
      for (const other of odd) {
        assertKept([columnOf([one, other], { isTime })], `${one}, ${other}`)
        assertKept([columnOf([one, one, other, 1, 2], { isTime })], `${one}, ${one}, ${other}, 1, 2`)
        assertKept([columnOf([1, 2, one, other], { isTime })], `1, 2, ${one}, ${other}`)
      }
    }
  }
})

test('times are narrow with microseconds, and exact with any other fraction', () => {
  const start = 1_772_368_245_123
  assert.equal(formOf([start, start + 250.125, start + 500.5, start + 750.001], true), 'delta 2')
  assert.equal(formOf([start, start + 250, start + 501, start + 760], true), 'delta 1')
  assert.equal(formOf([start + 0.25, start + 0.125, start + 0.0625], true), 'float64 8')
  // Only times: other columns have whole numbers or none.
  assert.equal(formOf([start, start + 250.125, start + 500.5, start + 750.001]), 'float64 8')
  assertKept([columnOf([-0.001, 0.001, -1, -8.64e15, 8.64e15], { isTime: true })], 'about the epoch')
  assertKept([columnOf([8.64e15, 8.64e15 - 1, -0.5], { isTime: true })], 'the last times of all')
})

test('a column is written relative to another where that gives it back', () => {
  const steps = columnOf([0, 64, 128, 192, 1_024])
  const near = columnOf([3, 70, 128, 255, 1_025], { relativeTo: 0 })
  const alone = encodeColumns(kind, [steps, columnOf(near.values)])
  assert.ok(assertKept([steps, near], 'near').length <= alone.length)
  const fractions = columnOf([0.1, 64.3, 128.7, 1e300, 5e-324])
  assertKept([steps, { ...fractions, relativeTo: 0 }], 'fractions of wholes')
  assertKept([fractions, { ...near, relativeTo: 0 }], 'wholes of fractions')
  const odd = columnOf([Number.NaN, -0, Infinity, -Infinity, 0])
  assertKept([steps, { ...odd, relativeTo: 0 }, { ...near, relativeTo: 1 }], 'no numbers')
  assertKept([odd, { ...odd, relativeTo: 0 }], 'no numbers of themselves')
  const far = columnOf([-highest, -highest, 0, highest, highest])
  assertKept([far, columnOf([highest, 0, -highest, -highest, highest - 1], { relativeTo: 0 })], 'far apart')
  // One after the other, as the columns of rollups are.
  assertKept([steps, near, { ...near, relativeTo: 1 }, columnOf([4, 71, 129, 256, 1_026], { relativeTo: 2 })], 'chain')
})

/** A number such as a metric, a step or a time may be. */
function randomColumn(random: Random, rows: number): Float64Array {
  const base = random.pick([0, 0, -5, 2 ** 40, -(2 ** 52), 1.7e12])
  const scale = random.pick([1, 1, 16, 255, 256, 65_536, 2 ** 24, 2 ** 32, 2 ** 40])
  const shapes: ((row: number) => number)[] = [
    (row) => base + row * scale,
    (row) => base + row * scale + random.below(scale),
    () => base + random.below(scale),
    () => Math.fround(random.next()),
    () => random.next() * scale,
    () => (random.next() - 0.5) * 10 ** random.between(-320, 308),
    (row) => base + row * scale + random.below(1_000) / 1_000,
    () => base + random.below(scale) / 8,
  ]
  const shape = random.pick(shapes)
  const oddity = random.pick([0, 0, 0, 0.01, 0.5])
  return Float64Array.from({ length: rows }, (_, row) =>
    random.chance(oddity)
      ? random.pick([Number.NaN, Infinity, -Infinity, -0, 0, 1e300, highest, -highest])
      : shape(row),
  )
}

const random = randomFromEnvironment()

test(`whatever columns hold comes back to the bit, seed ${random.seed}`, (t) => {
  t.diagnostic(`ASPARA_TEST_SEED=${random.seed}`)
  for (let round = 0; round < 3_000; round++) {
    const rows = random.pick([1, 2, 3, 7, 64, 256, random.between(1, 1_100)])
    const columns = Array.from({ length: random.between(1, 5) }, (_, index): ColumnToEncode => {
      const relativeTo = index > 0 && random.chance(0.5) ? random.below(index) : undefined
      return { values: randomColumn(random, rows), relativeTo, isTime: random.chance(0.4) }
    })
    // Near to the one before, as the steps and times of a rollup are.
    if (columns.length > 1 && random.chance(0.5)) {
      const near = columns[0].values.map((value) => value + random.below(64))
      columns[columns.length - 1] = { values: near, relativeTo: 0, isTime: random.chance(0.5) }
    }
    assertKept(columns, `seed ${random.seed}, round ${round}`)
  }
})

test('views into larger arrays are written as what they show', () => {
  for (const all of [
    [9, 1, 2, 5, 9],
    [0.1, 0.5, 0.25, 0.75, 0.1],
    [0.1, 0.2, 0.3, 0.7, 0.1],
  ]) {
    const values = Float64Array.from(all).subarray(1, 4)
    const body = encodeColumns(kind, [{ values }])
    assert.deepEqual(new Columns(body, kind, 1).column(0), Float64Array.from(all.slice(1, 4)))
    // A body that lies in the midst of other bytes, as the database gives it.
    const amidst = new Uint8Array(body.length + 13).fill(0xaa)
    amidst.set(body, 5)
    assert.deepEqual(new Columns(amidst.subarray(5, 5 + body.length), kind, 1).column(0), values.slice())
  }
})

const bodies: Record<string, Uint8Array> = {
  compressed: encodeColumns(kind, [
    columnOf(Array.from({ length: 200 }, (_, row) => row * 3)),
    columnOf(Array.from({ length: 200 }, (_, row) => Math.fround(Math.sin(row)))),
  ]),
  'as it is': encodeColumns(kind, [columnOf([0.1]), columnOf([3])]),
  'as it is, for it would be longer': encodeColumns(kind, [
    columnOf(Array.from({ length: 20 }, random.next)),
    columnOf(Array.from({ length: 20 }, random.next)),
  ]),
}

for (const [name, body] of Object.entries(bodies)) {
  const read = (bytes: Uint8Array) => {
    const columns = new Columns(bytes, kind, 2)
    return [columns.column(0), columns.column(1)]
  }

  test(`any byte that is not what was written is noticed: a body ${name}`, () => {
    read(body)
    for (let at = 0; at < body.length; at++) {
      for (const flip of [0x01, 0x02, 0x80, 0xff]) {
        const spoilt = body.slice()
        spoilt[at] ^= flip
        assert.throws(() => read(spoilt), { name: 'ChunkCorrupt' }, `byte ${at} of ${body.length}, ${flip}`)
      }
    }
  })

  test(`a body that was cut or goes on is noticed: ${name}`, () => {
    for (let length = 0; length < body.length; length++) {
      assert.throws(() => read(body.subarray(0, length)), { name: 'ChunkCorrupt' }, `${length} of ${body.length} bytes`)
    }
    assert.throws(() => read(Buffer.concat([body, Buffer.of(0)])), { name: 'ChunkCorrupt' })
  })
}

test('a body is not read as another kind, nor with other columns', () => {
  const body = bodies.compressed
  assert.throws(() => new Columns(body, kind + 1, 2), { name: 'ChunkCorrupt', message: /kind 7, expected 8/ })
  assert.throws(() => new Columns(body, kind, 3), { name: 'ChunkCorrupt', message: /2 columns, expected 3/ })
})
