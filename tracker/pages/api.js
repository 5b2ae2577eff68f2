// The public API, as the page asks it.

export const api = '/api/v1'
/** The tracker's own limit (protocol/limits.ts). */
export const pageSizeMax = 1_000
const listMs = 15_000
const tokenKey = 'aspara-token'

let token = sessionStorage.getItem(tokenKey) ?? ''
let clockOffsetMs = 0

/** The tracker's own word that it won't. */
export class Refused extends Error {
  constructor(status, detail) {
    super(detail)
    this.status = status
  }
}

/** Nobody answered. */
export class Gone extends Error {}

export const hasToken = () => token !== ''

/** Kept until the tab is closed. */
export function useToken(given) {
  token = given
  sessionStorage.setItem(tokenKey, token)
}

/** Now by the server's clock: a phone's may be minutes off, and "heard 5 min ago" is the server's now less its then. */
export const serverNowMs = () => Date.now() + clockOffsetMs

/** @throws Refused, Gone */
export async function request(address, signal) {
  const headers = token ? { authorization: `Bearer ${token}` } : {}
  const answer = await fetch(address, { headers, signal }).catch((cause) => {
    throw new Gone('no answer', { cause })
  })
  const serverMs = Date.parse(answer.headers.get('date'))
  if (serverMs) clockOffsetMs = serverMs - Date.now()
  if (answer.ok) return answer
  const { detail } = await answer.json().catch(() => ({}))
  throw new Refused(answer.status, typeof detail === 'string' ? detail : `The tracker answered ${answer.status}`)
}

/** The first `wanted` items of a list, and whether there are more. */
export async function list(path, key, wanted) {
  const items = []
  let cursor = ''
  do {
    const limit = Math.min(wanted - items.length, pageSizeMax)
    const address = `${api}${path}?limit=${limit}${cursor && `&cursor=${encodeURIComponent(cursor)}`}`
    const answer = await request(address, AbortSignal.timeout(listMs))
    const page = await answer.json().catch((cause) => {
      throw new Gone('half an answer', { cause })
    })
    items.push(...page[key])
    cursor = page.next_cursor
  } while (cursor && items.length < wanted)
  return { items, hasMore: Boolean(cursor) }
}
