import {
  type Answer,
  answerBytesMax,
  answerMs,
  endless,
  plainUri,
  type Request,
  type Transport,
  uploadMs,
} from './transport.ts'

/** A browser sends so many bytes for a page that is left, in all requests together: half is for the last ones. */
const keptAliveMax = 30_000

/** Requests by `fetch`, for browsers. It does not tell how an answer comes on, so they are bounded as a whole. */
export function fetchTransport(uri: string, token: string | undefined): Transport {
  const base = plainUri(uri)
  return async ({ method, path, body, isLast }, stop) => {
    const headers: Record<string, string> = token ? { authorization: `Bearer ${token}` } : {}
    if (typeof body === 'string') headers['content-type'] = 'application/json'
    const content = typeof body === 'object' ? formOf(body) : body
    // Of an upload nothing tells how it goes on: it may take its time.
    const limitMs = typeof body === 'object' ? uploadMs : answerMs
    const send = (keepalive: boolean) =>
      fetch(`${base}/api/v1${path}`, {
        // Whoever follows one would take the token to wherever it leads.
        ...{ method, headers, body: content, keepalive, redirect: 'error' as const },
        signal: AbortSignal.any([stop, AbortSignal.timeout(limitMs)]),
      })
    // What is under way when the page is left arrives, too.
    const isSmall = typeof body === 'string' && method === 'POST' && body.length < keptAliveMax
    let response: Response
    try {
      // One that is kept alive is refused where others of the page have taken the room.
      response = await send(isLast ?? isSmall).catch((error) => {
        if (isLast || !isSmall || stop.aborted) throw error
        return send(false)
      })
    } catch (error) {
      if (isLast || stop.aborted || !(await isThere(base))) throw error
      const detail = `it takes no requests from pages of ${location.origin} (CORS)`
      return { status: 403, body: { detail }, retryAfter: null, bytesSent: 0 }
    }
    return {
      status: response.status,
      body: await bodyOf(response),
      retryAfter: response.headers.get('retry-after'),
      bytesSent: typeof body === 'string' ? body.length : 0,
    }
  }
}

/** What is JSON. @throws when it has no end */
async function bodyOf({ body }: Response): Promise<Answer['body']> {
  const decoder = new TextDecoder()
  let text = ''
  const sink = new WritableStream<Uint8Array>({
    write(piece) {
      text += decoder.decode(piece, { stream: true })
      if (text.length > answerBytesMax) throw new Error(endless)
    },
  })
  await body?.pipeTo(sink)
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Whether a tracker of another origin answers, only not to this page. */
async function isThere(base: string): Promise<boolean> {
  if (new URL(base).origin === location.origin) return false
  try {
    await fetch(`${base}/api/v1/health`, { mode: 'no-cors', signal: AbortSignal.timeout(answerMs) })
    return true
  } catch {
    return false
  }
}

function formOf(body: Exclude<Request['body'], string | undefined>): FormData {
  const form = new FormData()
  for (const field of ['name', 'description', 'category'] as const) form.set(field, body[field] ?? '')
  form.set('file', body.file as Blob, body.name)
  return form
}
