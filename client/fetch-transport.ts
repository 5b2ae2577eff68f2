import { answerMs, plainUri, type Transport, uploadMs } from './transport.ts'

/** Requests by `fetch`, for browsers. It does not tell how an answer comes on, so they are bounded as a whole. */
export function fetchTransport(uri: string, token: string | undefined): Transport {
  const base = plainUri(uri)
  return async ({ method, path, body, isLast }, stop) => {
    const headers: Record<string, string> = token ? { authorization: `Bearer ${token}` } : {}
    let content: string | FormData | undefined
    if (typeof body === 'object') {
      content = new FormData()
      for (const field of ['name', 'description', 'category'] as const) content.set(field, body[field] ?? '')
      content.set('file', body.file as Blob, body.name)
    } else if (body) {
      headers['content-type'] = 'application/json'
      content = body
    }
    const response = await fetch(`${base}/api/v1${path}`, {
      method,
      headers,
      body: content,
      keepalive: isLast,
      // Of an upload nothing tells how it goes on: it may take its time.
      signal: AbortSignal.any([stop, AbortSignal.timeout(typeof body === 'object' ? uploadMs : answerMs)]),
    })
    return {
      status: response.status,
      body: await response.json().catch(() => undefined),
      retryAfter: response.headers.get('retry-after'),
      bytesSent: typeof body === 'string' ? body.length : 0,
    }
  }
}
