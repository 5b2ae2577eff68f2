/** One request to the tracker. */
export interface Request {
  method: 'GET' | 'POST' | 'PATCH'
  /** Behind `/api/v1`. */
  path: string
  /** JSON, or a file with the fields of its form. */
  body?: string | Upload
  /** The page is being left: whatever can still be sent is sent now. */
  isLast?: boolean
}

export interface Upload {
  name: string
  description?: string | null
  category?: string | null
  /** In Node a path; in a browser what is in it. */
  file: string | Blob
}

export interface Answer {
  status: number
  /** What was JSON; otherwise undefined. */
  body: Record<string, unknown> | undefined
  /** Milliseconds to wait, as the tracker asks for. */
  retryAfterMs: number
  bytesSent: number
}

/**
 * Sends a request and resolves with the answer. Rejects when none came: refused, cut, or silent for `silenceMs`, or not
 * whole after `answerMs`. What an upload takes is bounded by its silence alone.
 */
export type Transport = (request: Request, signal?: AbortSignal) => Promise<Answer>

export const silenceMs = 10_000
export const answerMs = 30_000

/** The address without a path of the tracker's own: people give it with and without. */
export const plainUri = (uri: string): string => uri.replace(/\/+$/, '').replace(/\/tracker$/, '')

export function parseBody(text: string): Record<string, unknown> | undefined {
  try {
    const body = JSON.parse(text)
    return body !== null && typeof body === 'object' ? body : undefined
  } catch {
    return undefined
  }
}

/** Retry-After in seconds; dates, which the tracker never sends, count as nothing. */
export const retryAfterMs = (header: string | null | undefined): number => Math.min(Number(header) * 1_000 || 0, 60_000)

/** What a tracker says is wrong, as one sentence. */
export function sentenceOf({ status, body }: Pick<Answer, 'status' | 'body'>): string {
  const detail = body?.detail
  if (typeof detail === 'string') return detail
  if (!Array.isArray(detail)) return `the tracker answered ${status}`
  return detail.map(({ loc, msg }) => `${loc.slice(1).join('.')}: ${msg}`).join('; ')
}
