import { answerMs, parseBody, plainUri, retryAfterMs, silenceMs, type Transport } from './transport.ts'

const gzip = (text: string): Promise<Blob> =>
  new Response(new Blob([text]).stream().pipeThrough(new CompressionStream('gzip'))).blob()

/** Requests by `fetch`, for browsers. */
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
    const cut = new AbortController()
    const abort = () => cut.abort()
    stop?.addEventListener('abort', abort)
    // Of an upload nothing tells how it goes on: it may take its time.
    const whole = typeof body === 'object' ? 0 : setTimeout(abort, answerMs)
    const silent = typeof body === 'object' ? 0 : setTimeout(abort, silenceMs)
    try {
      const response = await fetch(`${base}/api/v1${path}`, {
        method,
        headers,
        body: content,
        signal: isLast ? undefined : cut.signal,
        keepalive: isLast,
      })
      clearTimeout(silent)
      return {
        status: response.status,
        body: parseBody(await response.text()),
        retryAfterMs: retryAfterMs(response.headers.get('retry-after')),
        bytesSent: typeof content === 'string' ? content.length : content instanceof Blob ? content.size : 0,
      }
    } finally {
      clearTimeout(whole)
      clearTimeout(silent)
      stop?.removeEventListener('abort', abort)
    }
  }
}
