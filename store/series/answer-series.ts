import { createHash } from 'node:crypto'
import type { Database } from '../engines/engine.ts'
import { readSeries, readSeriesState, type SeriesRequest } from './read-series.ts'
import { seriesJson } from './series-json.ts'
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

/** Answers with bytes, or that nothing has changed, which is known without reading a point. @throws as readSeries does */
export async function answerSeries(
  db: Database,
  tails: Tails,
  { format, known, ...request }: SeriesQuestion,
): Promise<SeriesReply> {
  return db.transaction().execute(async (snapshot) => {
    const state = await readSeriesState(snapshot, request)
    const etag = `"${createHash('sha256')
      .update(JSON.stringify([format, request, state]))
      .digest('base64url')
      .slice(0, 27)}"`
    if (known.includes(etag) || known.includes('*')) return { etag }
    const answer = await readSeries(snapshot, tails, request)
    if (format === 'json') return { etag, body: seriesJson(answer) }
    const { seriesArrow } = await import('./series-arrow.ts')
    return { etag, body: seriesArrow(answer, request.x) }
  })
}
