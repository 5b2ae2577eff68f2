import { answerMs, parseBody, plainUri, retryAfterMs, type Transport } from './transport.ts'

const gzip = (text: string): Promise<Blob> =>
  new Response(new Blob([text]).stream().pipeThrough(new CompressionStream('gzip'))).blob()

/** Requests by `fetch`, for browsers. It does not tell how an answer comes on, so they are bounded as a whole. */
export function fetchTransport(uri: string, token: string | undefined): Transport {
  const base = plainUri(uri)
  return async ({ method, path, body, isLast }, stop) => {
    const headers: Record<string, string> = token ? { authorization: `Bearer ${token}` } : {}
    let content: string | Blob | FormData | undefined
    if (typeof body === 'object') {
      content = new FormData()
      content.set('name', body.name)
      if (body.description) content.set('description', body.description)
      if (body.category) content.set('category', body.category)
      content.set('file', body.file as Blob, body.name)
    } else if (body) {
      headers['content-type'] = 'application/json'
      content = body
      if (body.length > 1_500 && !isLast) {
        headers['content-encoding'] = 'gzip'
        content = await gzip(body)
      }
    }
    // Of an upload nothing tells how it goes on: it may take its time.
    const limits = typeof body === 'object' ? [] : [AbortSignal.timeout(answerMs)]
    if (stop) limits.push(stop)
    const response = await fetch(`${base}/api/v1${path}`, {
      method,
      headers,
      body: content,
      keepalive: isLast,
      signal: isLast ? undefined : AbortSignal.any(limits),
    })
    return {
      status: response.status,
      body: parseBody(await response.text()),
      retryAfterMs: retryAfterMs(response.headers.get('retry-after')),
      bytesSent: typeof content === 'string' ? content.length : content instanceof Blob ? content.size : 0,
    }
  }
}
