import { About } from '@aspara/protocol/about.ts'
import type { TrackerSettings } from '../config.ts'
import { version } from '../version.ts'
import { type App, answers } from './route.ts'

export function aboutRoute(app: App, { readOnly }: TrackerSettings): void {
  app.get(
    '/about',
    {
      schema: {
        operationId: 'about',
        tags: ['System'],
        summary: 'Which tracker this is, and where clients find it',
        response: answers({ 200: About }),
      },
    },
    async ({ headers, socket }) => {
      // HTTP/1.0 may do without a Host.
      const host = headers.host ?? `${socket.localAddress}:${socket.localPort}`
      const scheme = headers['x-forwarded-proto'] === 'https' ? 'https' : 'http'
      return { version, read_only: readOnly, address: `${scheme}://${host}` }
    },
  )
}
