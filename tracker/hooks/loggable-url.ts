const secret = /token|key|password|secret|auth/i

/** An address as the log may have it: whatever somebody has put there as a token, or calls alike, is left out. */
export function loggableUrl(url: string): string {
  const [path, ...query] = url.split('?')
  if (query.length === 0) return url
  const parameters = query.join('?').split('&')
  return `${path}?${parameters.map((parameter) => (isSecret(parameter) ? `${nameOf(parameter)}=…` : parameter)).join('&')}`
}

const nameOf = (parameter: string) => parameter.split('=', 1)[0]

function isSecret(parameter: string): boolean {
  const name = nameOf(parameter)
  try {
    return secret.test(decodeURIComponent(name))
  } catch {
    return true
  }
}
