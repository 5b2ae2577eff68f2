import { createHash } from 'node:crypto'
import type { Database } from '../engines/engine.ts'
import type { LineCache } from './line-cache.ts'
import { readSeries, readSeriesState, type SeriesAnswer, type SeriesRequest } from './read-series.ts'
import { lineJson, seriesJson } from './series-json.ts'
import type { Tails } from './tails.ts'

export interface SeriesQuestion extends SeriesRequest {
  format: 'json' | 'arrow'
  /** The entity tags that whoever asks has an answer for. */
  known: string[]
}

export interface SeriesReply {
  etag: string
  /** undefined: what is known is still true. */
  body?: Uint8Array
}

/** What is kept between charts. */
export interface ChartMemory {
  tails: Tails
  lines: LineCache
}

/** Answers with bytes, or that nothing has changed, which is known without reading a point. @throws as readSeries does */
export async function answerSeries(
  db: Database,
  { tails, lines }: ChartMemory,
  { format, known, ...request }: SeriesQuestion,
): Promise<SeriesReply> {
  return db.transaction().execute(async (snapshot) => {
    const state = await readSeriesState(snapshot, request)
    const etag = `"${createHash('sha256')
      .update(JSON.stringify([format, request, state]))
      .digest('base64url')
      .slice(0, 27)}"`
    if (known.includes(etag) || known.includes('*')) return { etag }
    if (format === 'json') return { etag, body: seriesJson(await readLines(snapshot, { tails, lines }, request)) }
    const { seriesArrow } = await import('./series-arrow.ts')
    return { etag, body: seriesArrow(await readSeries(snapshot, tails, request), request.x) }
  })
}

function readLines(db: Database, { tails, lines }: ChartMemory, request: SeriesRequest): Promise<SeriesAnswer<string>> {
  return readSeries(db, tails, request, async (key, read) => {
    const known = lines.get(key)
    if (known !== undefined) return known
    const line = await read()
    if (!line) return undefined
    const text = lineJson(line)
    lines.set(key, text)
    return text
  })
}
