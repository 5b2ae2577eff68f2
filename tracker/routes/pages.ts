import { readFile } from 'node:fs/promises'
import type { App } from './route.ts'

const contentSecurityPolicy =
  "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"

const files = [
  { path: '/', file: 'home.html', type: 'text/html; charset=utf-8' },
  { path: '/pages/home.css', file: 'home.css', type: 'text/css; charset=utf-8' },
  { path: '/pages/home.js', file: 'home.js', type: 'text/javascript; charset=utf-8' },
]

/** The page at `/`: it holds no data, and asks the API like everybody else. */
export function pageRoutes(app: App): void {
  for (const { path, file, type } of files) {
    app.get(path, { schema: { hide: true }, config: { open: true } }, async (_request, reply) => {
      reply.type(type)
      reply.header('content-security-policy', contentSecurityPolicy)
      reply.header('x-content-type-options', 'nosniff')
      reply.header('cache-control', 'no-cache')
      return readFile(new URL(`../pages/${file}`, import.meta.url))
    })
  }
}
