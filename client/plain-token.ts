import { readEnvironment } from './environment.ts'
import { printable } from './printable.ts'
import { isLoopback } from './proxy.ts'

const warned = new Set<string>()

/** Says once for each host that a token goes there as everybody on the way can read it. */
export function warnOfPlainToken(uri: string, token: string | undefined): void {
  const { protocol, hostname } = new URL(uri)
  if (!token || protocol !== 'http:' || isLoopback(hostname) || warned.has(hostname)) return
  warned.add(hostname)
  if (readEnvironment().isSilent) return
  process.stderr.write(`aspara: the token travels unencrypted to ${printable(hostname)}: use https\n`)
}
