import { createHash } from 'node:crypto'
import type { Database } from '../engines/engine.ts'
import type { LineCache } from './line-cache.ts'
import { findCharted, readLines, type SeriesLine, type SeriesRequest, stateOf } from './read-series.ts'
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
    const charted = await findCharted(snapshot, request)
    const etag = `"${createHash('sha256')
      .update(JSON.stringify([format, request, stateOf(charted)]))
      .digest('base64url')
      .slice(0, 27)}"`
    if (known.includes(etag) || known.includes('*')) return { etag }
    if (format === 'json') {
      const answer = await readLines(snapshot, tails, request, charted, (key, read) => textOf(lines, key, read))
      return { etag, body: seriesJson(answer) }
    }
    const { seriesArrow } = await import('./series-arrow.ts')
    const answer = await readLines(snapshot, tails, request, charted, (_, read) => read())
    return { etag, body: seriesArrow(answer, request.x) }
  })
}

async function textOf(lines: LineCache, key: string, read: () => Promise<SeriesLine | undefined>) {
  const known = lines.get(key)
  if (known !== undefined) return known
  const line = await read()
  if (!line) return undefined
  const text = lineJson(line)
  lines.set(key, text)
  return text
}
