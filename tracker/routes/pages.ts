import { readFile } from 'node:fs/promises'
import { pageFiles, pagePolicy } from '../pages/pages.ts'
import type { App } from './route.ts'
import { shippedFile } from './shipped-file.ts'

/** The page at `/`: it holds no data, and asks the API like everybody else. */
export function pageRoutes(app: App): void {
  for (const { path, file, type } of pageFiles) {
    app.get(path, { schema: { hide: true }, config: { open: true } }, async (_request, reply) => {
      reply.type(type)
      reply.header('content-security-policy', pagePolicy)
      reply.header('x-content-type-options', 'nosniff')
      reply.header('cache-control', 'no-cache')
      return readFile(shippedFile('pages', file, () => new URL(`../pages/${file}`, import.meta.url)))
    })
  }
}
