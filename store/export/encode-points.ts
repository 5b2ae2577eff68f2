import type { ExportFormat } from '@aspara/protocol/metrics.ts'
import type { PointPage } from './point-page.ts'
import { encodeText } from './text.ts'

/**
 * The file that holds these points, piece by piece; docs/format/export.md describes each format. `withRun` puts a column
 * `run` before the others, for points of several runs; `isSafe`: in CSV no name is a formula.
 *
 * A page is asked for when the pieces of those before it have been taken, and not kept: memory is some 100,000 points,
 * or one page where that has more. Each piece has its buffer to itself, so that it may be transferred to another thread.
 * What `pages` throws ends the file in its middle, and is thrown on.
 */
export async function* encodePoints(
  format: ExportFormat,
  pages: AsyncIterable<PointPage>,
  { withRun, isSafe = false }: { withRun: boolean; isSafe?: boolean },
): AsyncGenerator<Uint8Array> {
  if (format === 'jsonl' || format === 'csv') {
    yield* encodeText(format === 'csv' && isSafe ? 'safe-csv' : format, pages, withRun)
  } else if (format === 'arrow') {
    // These two come with libraries of some 10 MB of memory, 25 unbundled: not for a tracker that exports no tables.
    const { encodeArrow } = await import('./arrow.ts')
    yield* encodeArrow(pages, withRun)
  } else {
    const { encodeParquet } = await import('./parquet.ts')
    yield* encodeParquet(pages, withRun)
  }
}
