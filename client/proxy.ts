type Variables = Record<string, string | undefined>

/** Only this machine can reach it, and no proxy reaches it for us. */
export const isLoopback = (hostname: string): boolean => /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname)

/**
 * The proxy by which an address is reached, from HTTP_PROXY, HTTPS_PROXY and NO_PROXY (the small letters first), as Python's
 * urllib finds it; undefined for none. This machine is never reached by one.
 */
export function proxyFor(target: URL, variables: Variables = process.env): URL | undefined {
  if (isLoopback(target.hostname) || isExcepted(target, variables.no_proxy ?? variables.NO_PROXY ?? ''))
    return undefined
  const isSecure = target.protocol === 'https:'
  const { https_proxy: secure, http_proxy: plain } = variables
  // In a CGI program HTTP_PROXY is what the request's `Proxy:` header says.
  const plainUpper = variables.REQUEST_METHOD ? undefined : variables.HTTP_PROXY
  const text = (isSecure ? (secure ?? variables.HTTPS_PROXY) : (plain ?? plainUpper))?.trim()
  if (!text) return undefined
  const address = /^[a-z][a-z\d+.-]*:\/\//i.test(text) ? text : `http://${text}`
  if (!URL.canParse(address)) return undefined
  const proxy = new URL(address)
  return proxy.protocol === 'http:' || proxy.protocol === 'https:' ? proxy : undefined
}

/** What asks a proxy to let us through, where it wants a name and a password. */
export function proxyHeaders({ username, password }: URL): Record<string, string> {
  if (username === '') return {}
  const named = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
  return { 'proxy-authorization': `Basic ${Buffer.from(named).toString('base64')}` }
}

function isExcepted({ hostname, host }: URL, list: string): boolean {
  if (list.trim() === '*') return true
  const names = list.split(',').map((name) => name.trim().toLowerCase().replace(/^\.+/, ''))
  return names.some((name) => name !== '' && [hostname, host].some((one) => one === name || one.endsWith(`.${name}`)))
}
