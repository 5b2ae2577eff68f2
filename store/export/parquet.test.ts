import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parquetMetadata } from 'hyparquet'
import { encodePoints } from './encode-points.ts'
import type { PointPage } from './point-page.ts'

async function metadataOf(pages: PointPage[]) {
  async function* given() {
    yield* pages
  }
  const pieces = await Array.fromAsync(encodePoints('parquet', given(), { withRun: true }))
  return parquetMetadata(await new Blob(pieces as Uint8Array<ArrayBuffer>[]).arrayBuffer())
}

const pageOf = (run: string, firstStep: number, points: number): PointPage => ({
  run,
  metrics: ['loss'],
  metric: new Uint32Array(points),
  steps: Float64Array.from({ length: points }, (_, index) => firstStep + index),
  timestamps: new Float64Array(points),
  values: new Float64Array(points).fill(NaN, 0, 1),
})

test('small pages share a row group, large ones have one each', async () => {
  const small = Array.from({ length: 250 }, (_, index) => pageOf(`run-${index}`, 0, 1000))
  const { row_groups } = await metadataOf([...small, pageOf('large', 0, 300_000)])
  assert.deepEqual(
    row_groups.map(({ num_rows }) => Number(num_rows)),
    [100_000, 100_000, 350_000],
  )
})

test('a row group tells its runs and steps, and nothing of its values: NaN would be outside of any bounds', async () => {
  const longName = 'run-of-more-than-sixteen-characters-1'
  const { row_groups } = await metadataOf([pageOf(longName, 5, 100_000), pageOf(longName, 100_005, 10)])
  const bounds = row_groups.map(({ columns }) =>
    columns.map(({ meta_data }) => {
      const { path_in_schema, statistics } = meta_data!
      return [path_in_schema[0], statistics?.min_value, statistics?.max_value]
    }),
  )
  const epoch = new Date(0)
  assert.deepEqual(bounds, [
    [
      ['run', longName, longName],
      ['metric', undefined, undefined],
      ['step', 5n, 100_004n],
      ['timestamp', epoch, epoch],
      ['value', undefined, undefined],
    ],
    [
      ['run', longName, longName],
      ['metric', undefined, undefined],
      ['step', 100_005n, 100_014n],
      ['timestamp', epoch, epoch],
      ['value', undefined, undefined],
    ],
  ])
})
