import { constants, zstdCompressSync } from 'node:zlib'
import { ByteWriter, type ColumnSource, ParquetWriter, type SchemaElement } from 'hyparquet-writer'
import { batchesOf, type PointBatch } from './point-batches.ts'
import type { PointPage } from './point-page.ts'

/** A Parquet file of one row group a batch: https://parquet.apache.org/docs/file-format/ */
export async function* encodeParquet(pages: AsyncIterable<PointPage>, withRun: boolean): AsyncGenerator<Uint8Array> {
  const writer = new ByteWriter()
  const file = new ParquetWriter({
    writer,
    schema: schemaOf(withRun),
    codec: 'ZSTD',
    compressors: { ZSTD: compress },
    // A truncated maximum is still a bound, but not every reader knows that it is no value of the column.
    statisticsTruncateLength: Number.POSITIVE_INFINITY,
    createdBy: 'aspara',
  })
  for await (const batch of batchesOf(pages)) {
    file.write({ columnData: columnsOf(batch, withRun), rowGroupSize: batch.rows })
    yield take(writer)
  }
  file.finish()
  yield take(writer)
}

function schemaOf(withRun: boolean): SchemaElement[] {
  const isRequired = { repetition_type: 'REQUIRED' } as const
  const isName = {
    type: 'BYTE_ARRAY',
    converted_type: 'UTF8',
    logical_type: { type: 'STRING' },
    ...isRequired,
  } as const
  // Both kinds of type: the older one is what readers of before 2018 know.
  const isTime = {
    type: 'INT64',
    converted_type: 'TIMESTAMP_MICROS',
    logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MICROS' },
    ...isRequired,
  } as const
  const columns: SchemaElement[] = [
    { name: 'metric', ...isName },
    { name: 'step', type: 'INT64', ...isRequired },
    { name: 'timestamp', ...isTime },
    { name: 'value', type: 'DOUBLE', ...isRequired },
  ]
  if (withRun) columns.unshift({ name: 'run', ...isName })
  return [{ name: 'points', num_children: columns.length }, ...columns]
}

/**
 * Statistics let a reader skip row groups. Metrics are all in every group; and the bounds of values would leave NaN out, so
 * that pyarrow, asked for what is not below a bound, would skip it.
 */
function columnsOf(batch: PointBatch, withRun: boolean): ColumnSource[] {
  const columns: ColumnSource[] = [
    { name: 'metric', data: namesOf(batch.metrics, batch.metric), encoding: 'RLE_DICTIONARY', statistics: false },
    { name: 'step', data: batch.steps, encoding: 'PLAIN' },
    { name: 'timestamp', data: batch.timestamps, encoding: 'PLAIN' },
    { name: 'value', data: batch.values, encoding: 'PLAIN', statistics: false },
  ]
  if (withRun) columns.unshift({ name: 'run', data: namesOf(batch.runs, batch.run), encoding: 'RLE_DICTIONARY' })
  return columns
}

const namesOf = (names: string[], indexes: Int32Array) => Array.from(indexes, (index) => names[index])

/** The first level: higher ones take several times as long for a tenth of the bytes. */
const compress = (bytes: Uint8Array) => zstdCompressSync(bytes, { params: { [constants.ZSTD_c_compressionLevel]: 1 } })

/** What was written since the last time. */
function take(writer: ByteWriter): Uint8Array {
  const taken = writer.getBytes().slice()
  // Offsets in the file go on counting; only the buffer begins anew.
  writer.index = 0
  return taken
}
