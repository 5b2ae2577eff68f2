import { invalidField } from '@aspara/protocol/errors.ts'
import { limits } from '@aspara/protocol/limits.ts'
import { ProjectPath } from '@aspara/protocol/schema.ts'
import { SeriesAnswer, SeriesQuery } from '@aspara/protocol/series.ts'
import type { SeriesRequest } from '@aspara/store/series/read-series.ts'
import type { Store } from '@aspara/store/store.ts'
import { Type } from 'typebox'
import { type App, answers, content } from './route.ts'
import { wantedMetrics } from './runs-query.ts'

const arrowType = 'application/vnd.apache.arrow.stream'

export function seriesRoute(app: App, { series }: Store): void {
  app.get(
    '/projects/:project/series',
    {
      schema: {
        operationId: 'getSeries',
        tags: ['Metrics'],
        summary: 'What a chart shows: metrics of runs as points or buckets',
        description:
          'A series with at most `points` points in the range is answered exactly. Of more there are buckets: each a power of two of steps, aligned, the smallest of which at most `points` cover the range; `y` is the mean of the finite values, `min` and `max` are the true extremes, `x` is where the bucket begins (for times its first point). `Accept: application/vnd.apache.arrow.stream` answers one Arrow table.',
        params: ProjectPath,
        querystring: SeriesQuery,
        response: {
          ...answers(
            { 200: content({ 'application/json': SeriesAnswer, [arrowType]: Type.String({ format: 'binary' }) }) },
            404,
          ),
          304: Type.Unsafe<unknown>({
            type: 'null',
            description: 'Nothing has changed since the answer with that ETag',
          }),
        },
      },
    },
    async ({ params, query, headers }, reply) => {
      const format = prefersArrow(headers.accept) ? 'arrow' : 'json'
      const known = headers['if-none-match']?.split(',').map((tag) => tag.trim().replace(/^W\//, '')) ?? []
      const { etag, body } = await series.read({ ...requestOf(params.project, query), format, known })
      reply.header('etag', etag).header('cache-control', 'private, no-cache').header('vary', 'accept')
      if (!body) return reply.code(304).send(undefined)
      reply.type(format === 'arrow' ? arrowType : 'application/json; charset=utf-8')
      return reply.send(Buffer.from(body.buffer, body.byteOffset, body.byteLength))
    },
  )
}

/** Only who names Arrow gets it, and names JSON with no more weight: what takes anything is a person with curl. */
function prefersArrow(accept = ''): boolean {
  const weights = new Map<string, number>()
  for (const part of accept.toLowerCase().split(',')) {
    const [type, ...parameters] = part.split(';').map((text) => text.trim())
    const weight = parameters.find((parameter) => parameter.startsWith('q='))
    weights.set(type, weight === undefined ? 1 : Number(weight.slice(2)))
  }
  const arrow = weights.get(arrowType) ?? 0
  return arrow > 0 && arrow >= (weights.get('application/json') ?? 0)
}

function requestOf(project: string, query: SeriesQuery): SeriesRequest {
  const { from, to, points = limits.seriesPointsDefault, x = 'step' } = query
  if (from !== undefined && to !== undefined && from > to) {
    throw invalidField(['query', 'to'], 'must not be below `from`')
  }
  return {
    project,
    runs: query.runs === undefined ? undefined : [...new Set(query.runs.split(','))],
    metrics: wantedMetrics(query),
    x: x === 'step' || x === 'time' || x === 'relative' ? x : { metric: x.slice('metric:'.length) },
    from,
    to,
    points,
  }
}
