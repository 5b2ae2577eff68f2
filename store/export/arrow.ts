import {
  AsyncByteQueue,
  Dictionary,
  Field,
  Float64,
  Int32,
  Int64,
  makeData,
  RecordBatch,
  RecordBatchStreamWriter,
  Schema,
  Struct,
  TimestampMicrosecond,
  Utf8,
  type Vector,
  vectorFromArray,
} from 'apache-arrow'
import { batchesOf, type PointBatch } from './point-batches.ts'
import type { PointPage } from './point-page.ts'

/** An Arrow IPC stream: https://arrow.apache.org/docs/format/Columnar.html#ipc-streaming-format */
export async function* encodeArrow(pages: AsyncIterable<PointPage>, withRun: boolean): AsyncGenerator<Uint8Array> {
  const table = new Table(withRun)
  const sink = new Sink()
  const writer = new RecordBatchStreamWriter().reset(sink, table.schema)
  for await (const batch of batchesOf(pages)) {
    writer.write(table.recordBatch(batch))
    yield sink.take()
  }
  writer.close()
  yield sink.take()
}

/** The columns, and the names that the batch before had. */
class Table {
  readonly schema: Schema
  #run = new NameColumn(0)
  #metric = new NameColumn(1)
  #step = new Int64()
  #timestamp = new TimestampMicrosecond('UTC')
  #value = new Float64()
  #withRun: boolean

  constructor(withRun: boolean) {
    this.#withRun = withRun
    this.schema = new Schema([
      ...(withRun ? [new Field('run', this.#run.type, false)] : []),
      new Field('metric', this.#metric.type, false),
      new Field('step', this.#step, false),
      new Field('timestamp', this.#timestamp, false),
      new Field('value', this.#value, false),
    ])
  }

  recordBatch(batch: PointBatch): RecordBatch {
    const shape = { length: batch.rows, nullCount: 0 }
    const children = [
      ...(this.#withRun ? [this.#run.data(batch.runs, batch.run)] : []),
      this.#metric.data(batch.metrics, batch.metric),
      makeData({ ...shape, type: this.#step, data: batch.steps }),
      makeData({ ...shape, type: this.#timestamp, data: batch.timestamps }),
      makeData({ ...shape, type: this.#value, data: batch.values }),
    ]
    return new RecordBatch(this.schema, makeData({ ...shape, type: new Struct(this.schema.fields), children }))
  }
}

/**
 * A column of indexes into a dictionary of names. Other names than the batch before had are written as a dictionary that
 * replaces its own: only adding what is new would be smaller, but polars reads no such deltas.
 */
export class NameColumn {
  readonly type: Dictionary<Utf8, Int32>
  #names: string[] = []
  #dictionary: Vector<Utf8> | undefined

  constructor(id: number) {
    this.type = new Dictionary(new Utf8(), new Int32(), id)
  }

  data(names: string[], indexes: Int32Array) {
    // The writer writes a dictionary when it is another object than the one before.
    if (!this.#dictionary || !isSame(names, this.#names)) this.#dictionary = vectorFromArray(names, new Utf8())
    this.#names = names
    return makeData({
      type: this.type,
      length: indexes.length,
      nullCount: 0,
      data: indexes,
      dictionary: this.#dictionary,
    })
  }
}

const isSame = (names: string[], others: string[]) =>
  names.length === others.length && names.every((name, index) => name === others[index])

/** Where the writer writes; its own queue can be read only to its end, or by waiting for what may not come. */
export class Sink extends AsyncByteQueue {
  #chunks: Uint8Array[] = []

  override write(chunk: Uint8Array): void {
    this.#chunks.push(chunk)
  }

  /** What was written since the last time, in a buffer of its own: chunks lie over the columns. */
  take(): Uint8Array {
    const taken = new Uint8Array(this.#chunks.reduce((bytes, chunk) => bytes + chunk.length, 0))
    let at = 0
    for (const chunk of this.#chunks) {
      taken.set(chunk, at)
      at += chunk.length
    }
    this.#chunks = []
    return taken
  }
}
