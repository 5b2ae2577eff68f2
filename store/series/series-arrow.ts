import {
  Bool,
  type DataType,
  Field,
  Float64,
  Int64,
  makeData,
  RecordBatch,
  RecordBatchStreamWriter,
  Schema,
  Struct,
  TimestampMicrosecond,
  Uint32,
} from 'apache-arrow'
import { NameColumn, Sink } from '../export/arrow.ts'
import { writeInt64s } from '../export/int64.ts'
import { finiteCounts } from './buckets.ts'
import type { Axis, SeriesAnswer, SeriesLine } from './read-series.ts'

/**
 * An answer as one table in an Arrow IPC stream: run, metric, exact, x, y, min, max, nonfinite, finite, and step unless x is that; a row is a point
 * or a bucket. Nulls stand in y where a bucket has no finite value, in min and max there and in points, in nonfinite and
 * finite in points. The schema's metadata has the cursor, the bucket, and the count and start of each line.
 */
export function seriesArrow({ cursor, bucket, series }: SeriesAnswer, x: Axis): Uint8Array {
  const rows = series.reduce((sum, line) => sum + line.x.length, 0)
  const run = new NameColumn(0)
  const metric = new NameColumn(1)
  const runs = namesOf(series, (line) => line.run)
  const metrics = namesOf(series, (line) => line.metric)
  const xColumn = axisColumn(series, x, rows)
  const columns: { name: string; isNullable: boolean; data: ReturnType<typeof makeData> }[] = [
    { name: 'run', isNullable: false, data: run.data(runs.names, runs.indexes(rows)) },
    { name: 'metric', isNullable: false, data: metric.data(metrics.names, metrics.indexes(rows)) },
    { name: 'exact', isNullable: false, data: exactColumn(series, rows) },
    { name: 'x', isNullable: false, data: xColumn },
    {
      name: 'y',
      isNullable: true,
      data: doubles(
        series,
        rows,
        (line) => line.y,
        (line) => !line.exact,
      ),
    },
    {
      name: 'min',
      isNullable: true,
      data: doubles(
        series,
        rows,
        (line) => line.buckets?.min,
        () => true,
      ),
    },
    {
      name: 'max',
      isNullable: true,
      data: doubles(
        series,
        rows,
        (line) => line.buckets?.max,
        () => true,
      ),
    },
    { name: 'nonfinite', isNullable: true, data: counts(series, rows, (buckets) => buckets.nonfinite) },
    { name: 'finite', isNullable: true, data: counts(series, rows, finiteCounts) },
    ...(x === 'step' ? [] : [{ name: 'step', isNullable: false, data: wholes(series, rows, (line) => line.step!, 1) }]),
  ]
  const counted = series.map(({ run, metric, count, exact, start }) => ({ run, metric, count, exact, start }))
  const metadata = new Map([
    ['cursor', String(cursor)],
    ['bucket', String(bucket)],
    ['series', JSON.stringify(counted)],
  ])
  const fields = columns.map(({ name, isNullable, data }) => new Field(name, data.type as DataType, isNullable))
  const schema = new Schema(fields, metadata)
  const children = columns.map((column) => column.data)
  const struct = makeData({ type: new Struct(fields), length: rows, nullCount: 0, children })
  const sink = new Sink()
  const writer = new RecordBatchStreamWriter().reset(sink, schema)
  writer.write(new RecordBatch(schema, struct))
  writer.close()
  return sink.take()
}

function namesOf(series: SeriesLine[], nameOf: (line: SeriesLine) => string) {
  const names = [...new Set(series.map(nameOf))]
  const places = new Map(names.map((name, index) => [name, index]))
  return {
    names,
    indexes(rows: number): Int32Array {
      const indexes = new Int32Array(rows)
      eachLine(series, (line, at) => indexes.fill(places.get(nameOf(line)) as number, at, at + line.x.length))
      return indexes
    },
  }
}

function eachLine(series: SeriesLine[], visit: (line: SeriesLine, at: number) => void): void {
  let at = 0
  for (const line of series) {
    visit(line, at)
    at += line.x.length
  }
}

/** Steps are integers, times are times, the rest are doubles. */
function axisColumn(series: SeriesLine[], x: Axis, rows: number) {
  if (x === 'step') return wholes(series, rows, (line) => line.x, 1)
  const shape = { length: rows, nullCount: 0 }
  if (x === 'time') {
    const { values } = wholes(series, rows, (line) => line.x, 1_000)
    return makeData({ ...shape, type: new TimestampMicrosecond('UTC'), data: values })
  }
  const values = new Float64Array(rows)
  eachLine(series, (line, at) => values.set(line.x, at))
  return makeData({ ...shape, type: new Float64(), data: values })
}

function wholes(series: SeriesLine[], rows: number, columnOf: (line: SeriesLine) => Float64Array, scale: number) {
  const values = new BigInt64Array(rows)
  eachLine(series, (line, at) => writeInt64s(values, at, columnOf(line), scale))
  return makeData({ type: new Int64(), length: rows, nullCount: 0, data: values })
}

function exactColumn(series: SeriesLine[], rows: number) {
  const bits = new Uint8Array(Math.ceil(rows / 8))
  eachLine(series, (line, at) => {
    if (line.exact) for (let row = at; row < at + line.x.length; row++) bits[row >> 3] |= 1 << (row & 7)
  })
  return makeData({ type: new Bool(), length: rows, nullCount: 0, data: bits })
}

/** A column in which NaN stands for null, in the lines of which that is so. */
function doubles(
  series: SeriesLine[],
  rows: number,
  columnOf: (line: SeriesLine) => Float64Array | undefined,
  hasNulls: (line: SeriesLine) => boolean,
) {
  const data = new Float64Array(rows)
  const validity = new Validity(rows)
  eachLine(series, (line, at) => {
    const column = columnOf(line)
    if (column) data.set(column, at)
    if (column && !hasNulls(line)) return
    for (let row = 0; row < line.x.length; row++) if (!column || Number.isNaN(column[row])) validity.clear(at + row)
  })
  return makeData({ type: new Float64(), length: rows, ...validity.shape, data })
}

function counts(
  series: SeriesLine[],
  rows: number,
  columnOf: (buckets: NonNullable<SeriesLine['buckets']>) => Float64Array,
) {
  const data = new Uint32Array(rows)
  const validity = new Validity(rows)
  eachLine(series, (line, at) => {
    if (line.buckets) data.set(columnOf(line.buckets), at)
    else for (let row = 0; row < line.x.length; row++) validity.clear(at + row)
  })
  return makeData({ type: new Uint32(), length: rows, ...validity.shape, data })
}

/** Which rows have a value: a bit each, least significant first. */
class Validity {
  #bits: Uint8Array
  #nulls = 0

  constructor(rows: number) {
    this.#bits = new Uint8Array(Math.ceil(rows / 8)).fill(0xff)
  }

  clear(row: number): void {
    this.#bits[row >> 3] &= ~(1 << (row & 7))
    this.#nulls++
  }

  get shape() {
    return { nullCount: this.#nulls, nullBitmap: this.#bits }
  }
}
