import { StatusOk } from '@aspara/protocol/schema.ts'
import type { App } from './route.ts'

export function healthRoute(app: App): void {
  app.get(
    '/health',
    {
      config: { open: true },
      schema: {
        operationId: 'health',
        tags: ['System'],
        security: [],
        summary: 'Whether the tracker serves',
        response: { 200: StatusOk },
      },
    },
    async () => ({ status: 'ok' as const }),
  )
}
