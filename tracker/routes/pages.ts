import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { extname } from 'node:path'
import { pathToFileURL } from 'node:url'
import { problem } from '@aspara/protocol/errors.ts'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { App } from './route.ts'
import { shippedFile } from './shipped-file.ts'

/** What a build of the page leaves (scripts/build-dashboard.mjs). */
const builtPage = () => shippedFile('dashboard', '', () => new URL('../../dashboard/dist/', import.meta.url))

/**
 * No script, style or address but the tracker's own: whatever a run is named, it stays text. Artifacts are shown from
 * memory (`blob:`); styles that a library makes as it runs bear the nonce.
 */
const pagePolicy = (nonce: string) =>
  [
    "default-src 'self'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' blob: data:",
    "media-src 'self' blob:",
    'frame-src blob:',
    "connect-src 'self'",
    "worker-src 'self'",
    "font-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "object-src 'none'",
  ].join('; ')

const types: Record<string, string> = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
}

/** The compressed files that a build leaves beside others, best first. */
const encodings = [
  { name: 'br', suffix: '.br' },
  { name: 'gzip', suffix: '.gz' },
]

/** The page, at every address that it shows something of: it holds no data, and asks the API like everybody else. */
export function pageRoutes(app: App, folder: string | URL = builtPage()): void {
  const base = folder instanceof URL ? folder : pathToFileURL(`${folder}/`)
  const read = (name: string) => readFile(new URL(name, base)).catch(noFile)
  const routes = { schema: { hide: true }, config: { open: true } }

  const sendPage = async (_request: FastifyRequest, reply: FastifyReply) => {
    const page = await read('index.html')
    if (!page) throw problem('pageNotBuilt')
    const nonce = randomBytes(16).toString('base64url')
    reply.type('text/html; charset=utf-8')
    reply.header('content-security-policy', pagePolicy(nonce))
    reply.header('cache-control', 'no-cache')
    // dashboard/vite.config.ts has it written wherever a nonce belongs.
    return page.toString().replaceAll('CSP_NONCE', nonce)
  }
  for (const path of ['/', '/projects', '/projects/*']) app.get(path, routes, sendPage)
  app.setNotFoundHandler((request, reply) => {
    if (!isVisit(request)) throw problem('routeNotFound')
    return sendPage(request, reply.code(404))
  })

  for (const name of ['icon.svg', 'early.js']) {
    app.get(`/${name}`, routes, async (_request, reply) => {
      const bytes = await read(name)
      if (!bytes) throw problem('pageNotBuilt')
      reply.type(types[extname(name)]!)
      reply.header('cache-control', 'no-cache')
      return bytes
    })
  }

  app.get('/assets/:asset', routes, async (request, reply) => {
    const { asset } = request.params as { asset: string }
    const type = types[extname(asset)]
    // What a build makes has no other characters, and lies in one folder.
    if (!type || !/^[\w-][\w.-]*$/.test(asset)) throw problem('routeNotFound')
    reply.header('vary', 'accept-encoding')
    for (const { name, suffix } of encodings) {
      const bytes = accepts(request, name) && (await read(`assets/${asset}${suffix}`))
      if (!bytes) continue
      reply.header('content-encoding', name)
      return sendAsset(reply, type, bytes)
    }
    const bytes = await read(`assets/${asset}`)
    if (!bytes) throw problem('routeNotFound')
    return sendAsset(reply, type, bytes)
  })
}

/** A browser that goes to an address which is none of the API's. */
export const isVisit = ({ method, url, headers }: FastifyRequest): boolean =>
  (method === 'GET' || method === 'HEAD') &&
  !/^\/(tracker|api|assets|metrics)(\/|$|\?)/.test(url) &&
  (headers.accept ?? '').includes('text/html')

/** The name has a hash of the content in it. */
function sendAsset(reply: FastifyReply, type: string, bytes: Buffer): FastifyReply {
  reply.type(type)
  reply.header('cache-control', 'public, max-age=31536000, immutable')
  return reply.send(bytes)
}

/** RFC 9110, 12.5.3, as far as browsers go: a coding that is named, and not with `q=0`. */
function accepts(request: FastifyRequest, coding: string): boolean {
  const named = [request.headers['accept-encoding'] ?? ''].flat().join().toLowerCase().split(',')
  return named.some((one) => {
    const [name, ...parameters] = one.split(';').map((part) => part.trim())
    return name === coding && !parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter))
  })
}

function noFile(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT' && error.code !== 'ENOTDIR') throw error
  return undefined
}
