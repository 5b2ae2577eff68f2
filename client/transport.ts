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
  /** The header's seconds; dates, which the tracker never sends, count as nothing. */
  retryAfter: string | null | undefined
  bytesSent: number
}

/**
 * Sends a request and resolves with the answer. Rejects when none came: refused, cut, or silent for `silenceMs`, or not
 * whole after `answerMs`. What an upload takes is bounded by its silence alone.
 */
export type Transport = (request: Request, stop: AbortSignal) => Promise<Answer>

export const silenceMs = 10_000
/** Far more than a tracker ever says to whoever sends. */
export const answerBytesMax = 16 * 1024 * 1024
export const endless = 'the answer is endless'
export const answerMs = 30_000
/** As long as a tracker takes one in. */
export const uploadMs = 3_600_000

/** The address without a path of the tracker's own: people give it with and without. */
export const plainUri = (uri: string): string => uri.replace(/\/*(\/tracker)?(\/api\/v1)?\/*$/, '')

/** The dashboard's page of a run. */
export const pageUri = (trackerUri: string, project: string, run: string): string =>
  `${trackerUri}/projects/${project}/runs/${run}`

/** What a tracker, or what stands before it, says is wrong, as one sentence; whatever it says. */
export function sentenceOf({ status, body }: Pick<Answer, 'status' | 'body'>): string {
  const detail = body?.detail
  if (typeof detail === 'string') return detail
  const faults = Array.isArray(detail) ? detail : []
  const said = faults.flatMap((fault) => (fault?.msg ? [`${[fault.loc].flat().join('.')}: ${fault.msg}`] : []))
  return said.join('; ') || `status ${status}`
}
