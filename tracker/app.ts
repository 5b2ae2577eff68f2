import { problem } from '@aspara/protocol/errors.ts'
import { limits } from '@aspara/protocol/limits.ts'
import { apiBase, bareApiBase } from '@aspara/protocol/names.ts'
import type { Store } from '@aspara/store/store.ts'
import fastifyMultipart from '@fastify/multipart'
import Fastify, { type FastifyBaseLogger, LogController } from 'fastify'
import { Type } from 'typebox'
import { addJsonBody } from './body/json-body.ts'
import { bodyValidator, urlValidator } from './body/validation.ts'
import type { TrackerSettings } from './config.ts'
import { addClosing } from './hooks/closing.ts'
import { boundConnections } from './hooks/connections.ts'
import { addGuards } from './hooks/guards.ts'
import { addSafeHeaders } from './hooks/headers.ts'
import { answerClientError, answerProblem } from './hooks/problems.ts'
import { boundReceiving } from './hooks/receiving.ts'
import { aboutRoute } from './routes/about.ts'
import { artifactRoutes } from './routes/artifacts.ts'
import { addDocuments } from './routes/documents.ts'
import { exportRoutes } from './routes/exports.ts'
import { healthRoute } from './routes/health.ts'
import { batchRoute, metricRoutes } from './routes/metrics.ts'
import { isVisit, pageRoutes } from './routes/pages.ts'
import { projectRoutes } from './routes/projects.ts'
import { prometheusRoute, type Telemetry } from './routes/prometheus.ts'
import type { App } from './routes/route.ts'
import { runRoutes } from './routes/runs.ts'
import { seriesRoute } from './routes/series.ts'
import { streamRoute } from './routes/stream.ts'
import { trashRoutes } from './routes/trash.ts'
import { viewRoutes } from './routes/views.ts'

export interface AppParts {
  settings: TrackerSettings
  store: Store
  telemetry: Telemetry
  logger: FastifyBaseLogger
}

/** A second file and a field too many are let in far enough to be refused by name. */
const uploadLimits = {
  limits: {
    files: 2,
    fields: limits.uploadFieldsMax,
    parts: limits.uploadFieldsMax + 2,
    fileSize: limits.uploadBytesMax,
    fieldSize: limits.descriptionCharsMax * 4,
  },
  throwFileSizeLimit: false,
}

/** Builds the HTTP side of a tracker; nothing listens yet. */
export async function buildApp({ settings, store, telemetry, logger }: AppParts): Promise<App> {
  const app = Fastify({
    loggerInstance: logger,
    // A line a problem, not one a request: hooks/problems.ts writes it.
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: limits.recordBytesMax,
    // Clients are given the bare address or the one with /tracker: the routes stand once, under the latter.
    rewriteUrl: ({ url = '/' }) => (url.startsWith(`${bareApiBase}/`) ? apiBase + url.slice(bareApiBase.length) : url),
    // Names have their own limit and sentence; this one only keeps the router from refusing them first.
    routerOptions: { maxParamLength: 16 * 1024 },
    requestTimeout: limits.uploadMs,
    connectionTimeout: limits.stalledMs,
    keepAliveTimeout: limits.keepAliveMs,
    // Our own guard answers what has no Host, in JSON.
    http: { headersTimeout: limits.headersMs, connectionsCheckingInterval: 5_000, requireHostHeader: false },
    forceCloseConnections: 'idle',
    // hooks/closing.ts answers in the shape of every problem.
    return503OnClosing: false,
    clientErrorHandler: answerClientError,
    frameworkErrors: answerProblem,
  }) as unknown as App
  app.setErrorHandler(answerProblem)
  app.setValidatorCompiler(({ schema, httpPart }) =>
    httpPart === 'body' ? bodyValidator(schema) : urlValidator(schema),
  )
  // Answers are plain objects of known shape, and JSON.stringify is as fast as it gets for lists.
  app.setSerializerCompiler(() => JSON.stringify)
  addJsonBody(app)
  addSafeHeaders(app)
  addClosing(app)
  addGuards(app, settings, boundConnections(app))
  boundReceiving(app)
  await addDocuments(app)
  answerUnknown(app, rememberPaths(app))
  prometheusRoute(app, telemetry)
  pageRoutes(app)
  await app.register(
    async (api) => {
      const scope = api as App
      refuseUnknownQueries(scope)
      healthRoute(scope)
      aboutRoute(scope, settings)
      projectRoutes(scope, store)
      runRoutes(scope, store)
      trashRoutes(scope, store)
      metricRoutes(scope, store)
      seriesRoute(scope, store)
      streamRoute(scope, store, telemetry)
      exportRoutes(scope, store)
      viewRoutes(scope, store)
      await scope.register(async (batches) => batchRoute(batches as App, store))
      await scope.register(async (forms) => {
        forms.removeAllContentTypeParsers()
        await forms.register(fastifyMultipart, uploadLimits)
        artifactRoutes(forms as App, store)
      })
    },
    { prefix: apiBase },
  )
  await app.ready()
  return app
}

/** A parameter that a call does not know is a mistake to hear of: `DELETE …?dry_run=true` would really delete. */
function refuseUnknownQueries(api: App): void {
  api.addHook('onRoute', (route) => {
    if (route.config?.open || route.schema?.querystring) return
    route.schema = { ...route.schema, querystring: Type.Object({}, { additionalProperties: false }) }
  })
}

/** The methods of each path, found by a pattern of the path. */
type Paths = Map<string, { pattern: RegExp; methods: Set<string> }>

function rememberPaths(app: App): Paths {
  const paths: Paths = new Map()
  app.addHook('onRoute', ({ url, method }) => {
    const path = paths.get(url) ?? {
      pattern: new RegExp(`^${url.replace(/:\w+/g, '[^/]+').replace('*', '.*')}$`),
      methods: new Set(),
    }
    for (const one of [method].flat()) path.methods.add(one)
    paths.set(url, path)
  })
  return paths
}

/** What has no route is answered before its body is looked at: a path that is there with other methods says which. */
function answerUnknown(app: App, paths: Paths): void {
  app.addHook('onRequest', (request, reply, done) => {
    // Somebody typed an address: the page says so in words (routes/pages.ts).
    if (!request.is404 || isVisit(request)) return done()
    const path = request.url.split('?', 1)[0]
    for (const { pattern, methods } of paths.values()) {
      if (!pattern.test(path)) continue
      reply.header('allow', [...methods].join(', '))
      return done(problem('methodNotAllowed'))
    }
    done(problem('routeNotFound'))
  })
}
