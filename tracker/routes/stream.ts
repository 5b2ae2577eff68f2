import { problem } from '@aspara/protocol/errors.ts'
import { limits } from '@aspara/protocol/limits.ts'
import { ProjectPath } from '@aspara/protocol/schema.ts'
import { StreamQuery, streamPace } from '@aspara/protocol/stream.ts'
import type { Store } from '@aspara/store/store.ts'
import { Type } from 'typebox'
import { EventStream, eventBytes } from '../stream/event-stream.ts'
import { StreamHub } from '../stream/hub.ts'
import { resyncAll } from '../stream/message.ts'
import type { Telemetry } from './prometheus.ts'
import { type App, answers, content } from './route.ts'

export function streamRoute(app: App, store: Store, telemetry: Telemetry): void {
  const hub = new StreamHub(store, (error) => app.log.error({ err: error }, 'A stream could not be told what is new'))
  telemetry.watchStreams(() => hub.streamCount)
  app.addHook('preClose', async () => hub.close())

  app.get(
    '/projects/:project/stream',
    {
      schema: {
        operationId: 'streamProject',
        tags: ['Metrics'],
        summary: 'What happens to the runs of a project, while it happens',
        description:
          'Server-Sent Events: `open` first, `changes` at most ten times a second, `resync` where something has to be read again, a comment every 15 seconds. With `Last-Event-ID` or `cursor` it goes on where an answer or an earlier stream ended.',
        params: ProjectPath,
        querystring: StreamQuery,
        response: answers({ 200: content({ 'text/event-stream': Type.String() }) }, 404),
      },
    },
    async ({ params: { project }, query, headers, method }, reply) => {
      const runs = query.runs?.split(',')
      const resumed = cursorOf(headers['last-event-id']) ?? cursorOf(query.cursor)
      const present = await store.stream.readChanges({ project, runs, since: undefined })
      if (hub.isClosed) throw problem('closing')
      if (hub.streamCount >= limits.streamsMax) throw problem('tooBusy')
      const type = { 'content-type': 'text/event-stream', 'cache-control': 'no-store', 'x-accel-buffering': 'no' }
      if (method === 'HEAD') return reply.headers(type).send('')
      reply.hijack()
      const response = reply.raw
      // Whoever has gone meanwhile would never leave the hub again.
      if (response.destroyed) return
      const sent = Object.entries(reply.getHeaders()) as [string, string][]
      response.writeHead(200, { ...Object.fromEntries(sent), ...type })
      response.socket?.setNoDelay(true)
      // A cursor of the future is not from here, or of what a backup has not: who has it may hold what is not here.
      const isForeign = resumed !== undefined && resumed > present.cursor
      const cursor = isForeign ? present.cursor : (resumed ?? present.cursor)
      const stream = new EventStream(response, runs && new Set(runs), cursor)
      response.write(`retry: ${streamPace.retryMs}\n`)
      stream.write(eventBytes('open', cursor, JSON.stringify({ cursor: String(cursor) })))
      if (isForeign) stream.write(resyncAll(cursor, cursor))
      response.once('close', hub.add(project, stream))
    },
  )
}

/** Another server's id is no cursor: it is as if there were none. */
function cursorOf(text: string | string[] | undefined): number | undefined {
  return typeof text === 'string' && /^[0-9]{1,16}$/.test(text) ? Number(text) : undefined
}
