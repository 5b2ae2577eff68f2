import { takeEarly } from './early.ts'
import { setTokenNeed } from './token-need.ts'

/** Everything the page knows comes through here: the tracker's public API, as docs/api/tracker.md describes it. */
export const apiBase = '/tracker/api/v1'

/** An answer that is not 2xx, or none at all (`status` 0). */
export class TrackerProblem extends Error {
  readonly status: number
  /** The fields that were wrong, when single ones were: `query.filter` and what is said of it. */
  readonly fields: { field: string; message: string }[]

  constructor(status: number, detail: unknown) {
    const fields = Array.isArray(detail)
      ? detail.map(({ loc, msg }) => ({ field: (loc as (string | number)[]).join('.'), message: String(msg) }))
      : []
    const sentence = fields.length > 0 ? fields.map(({ message }) => message).join('; ') : String(detail)
    super(sentence)
    this.status = status
    this.fields = fields
  }

  /** The tracker is not there, or busy: the same question may be answered later. */
  get isPassing(): boolean {
    return this.status === 0 || this.status === 408 || this.status === 429 || this.status >= 500
  }
}

const tokenKey = 'aspara:token'
const listeners = new Set<() => void>()
let token = readToken()

function readToken(): string | null {
  try {
    return localStorage.getItem(tokenKey)
  } catch {
    // Storage may be switched off; the token then lasts as long as the page.
    return null
  }
}

export const currentToken = (): string | null => token

/** Keeps the token that the tracker was started with, in this browser only; null forgets it. */
export function setToken(next: string | null): void {
  token = next
  try {
    if (next === null) localStorage.removeItem(tokenKey)
    else localStorage.setItem(tokenKey, next)
  } catch {
    // As above.
  }
  for (const listener of listeners) listener()
}

export function onToken(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

export interface Request {
  method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Sent as JSON. */
  body?: unknown
  headers?: Record<string, string>
  signal?: AbortSignal
}

export const authorization = (): Record<string, string> => (token === null ? {} : { authorization: `Bearer ${token}` })

/** Asks with the token, if there is one. @throws TrackerProblem unless the answer is 2xx or 304 */
export async function askRaw(path: string, { method = 'GET', body, headers, signal }: Request = {}): Promise<Response> {
  let answer: Response
  try {
    const early = method === 'GET' && headers === undefined ? takeEarly(path) : undefined
    answer = await (early ??
      fetch(apiBase + path, {
        method,
        signal,
        headers: {
          ...authorization(),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        body: body === undefined ? undefined : JSON.stringify(body),
      }))
  } catch (error) {
    if (signal?.aborted) throw error
    throw new TrackerProblem(0, 'the tracker does not answer')
  }
  if (answer.ok || answer.status === 304) return answer
  if (answer.status === 401) setTokenNeed('yes')
  const text = await answer.text()
  throw new TrackerProblem(answer.status, detailOf(text) ?? `${answer.status} ${answer.statusText}`)
}

/** The same for an answer in JSON. */
export async function ask<Answer>(path: string, request?: Request): Promise<Answer> {
  const answer = await askRaw(path, request)
  return answer.json() as Promise<Answer>
}

function detailOf(text: string): unknown {
  try {
    return JSON.parse(text).detail
  } catch {
    // Something between us and the tracker answered in its own words.
    return undefined
  }
}

/** A path of pieces, each escaped: `/projects/p/runs/r`. */
export const path = (...pieces: string[]): string => `/${pieces.map(encodeURIComponent).join('/')}`

/** `?a=1&b=2` of what is not undefined; lists repeat their key. */
export function query(fields: Record<string, string | number | string[] | undefined>): string {
  const search = new URLSearchParams()
  for (const [key, value] of Object.entries(fields)) {
    if (Array.isArray(value)) for (const one of value) search.append(key, one)
    else if (value !== undefined) search.append(key, String(value))
  }
  const text = search.toString()
  return text === '' ? '' : `?${text}`
}
