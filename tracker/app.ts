import { problem } from '@aspara/protocol/errors.ts'
import { limits } from '@aspara/protocol/limits.ts'
import { apiBases } from '@aspara/protocol/names.ts'
import type { Store } from '@aspara/store/store.ts'
import fastifyMultipart from '@fastify/multipart'
import { Ajv } from 'ajv'
import addFormats from 'ajv-formats'
import Fastify, { type FastifyBaseLogger, type HTTPMethods, LogController } from 'fastify'
import { addJsonBody } from './body/json-body.ts'
import type { TrackerSettings } from './config.ts'
import { addGuards } from './hooks/guards.ts'
import { answerClientError, answerProblem } from './hooks/problems.ts'
import { boundReceiving } from './hooks/receiving.ts'
import { artifactRoutes } from './routes/artifacts.ts'
import { addDocuments } from './routes/documents.ts'
import { healthRoute } from './routes/health.ts'
import { metricRoutes } from './routes/metrics.ts'
import { pageRoutes } from './routes/pages.ts'
import { projectRoutes } from './routes/projects.ts'
import { prometheusRoute, type Telemetry } from './routes/prometheus.ts'
import type { App } from './routes/route.ts'
import { runRoutes } from './routes/runs.ts'

export interface AppParts {
  settings: TrackerSettings
  store: Store
  telemetry: Telemetry
  logger: FastifyBaseLogger
}

/** Builds the HTTP side of a tracker; nothing listens yet. */
export async function buildApp({ settings, store, telemetry, logger }: AppParts): Promise<App> {
  const app = Fastify({
    loggerInstance: logger,
    // A line a problem, not one a request: hooks/problems.ts writes it.
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: limits.recordBytesMax,
    // Names have their own limit and sentence; this one only keeps the router from refusing them first.
    routerOptions: { maxParamLength: 16 * 1024 },
    requestTimeout: limits.uploadMs,
    connectionTimeout: limits.stalledMs,
    keepAliveTimeout: limits.keepAliveMs,
    http: { headersTimeout: limits.headersMs },
    forceCloseConnections: 'idle',
    clientErrorHandler: answerClientError,
    frameworkErrors: answerProblem,
  }) as unknown as App
  app.server.maxConnections = limits.connectionsMax
  app.setErrorHandler(answerProblem)
  app.setNotFoundHandler(() => {
    throw problem('routeNotFound')
  })
  addValidation(app)
  // Answers are plain objects of known shape, and JSON.stringify is as fast as it gets for lists.
  app.setSerializerCompiler(() => JSON.stringify)
  addJsonBody(app)
  await app.register(fastifyMultipart, {
    limits: {
      files: 2,
      fields: limits.uploadFieldsMax,
      parts: limits.uploadFieldsMax + 2,
      fileSize: limits.uploadBytesMax,
      fieldSize: limits.descriptionCharsMax * 4,
    },
    throwFileSizeLimit: false,
  })

  addGuards(app, settings)
  boundReceiving(app)
  await addDocuments(app)
  const paths = rememberPaths(app)
  prometheusRoute(app, telemetry)
  pageRoutes(app)
  for (const base of apiBases) {
    await app.register(
      async (api) => {
        // The same routes under both; the documents show the first.
        if (base !== apiBases[0]) api.addHook('onRoute', (route) => void (route.schema = { ...route.schema, hide: true }))
        const scope = api as App
        healthRoute(scope)
        projectRoutes(scope, store)
        runRoutes(scope, store)
        metricRoutes(scope, store)
        artifactRoutes(scope, store)
      },
      { prefix: base },
    )
  }
  refuseOtherMethods(app, paths)
  await app.ready()
  return app
}

/** Bodies are taken as they are, never bent into shape; what stands in a URL is text and has to be. */
function addValidation(app: App): void {
  const options = { verbose: true, allowUnionTypes: true, strict: false, useDefaults: false, removeAdditional: false } as const
  const ofBodies = addFormats.default(new Ajv({ ...options, coerceTypes: false }))
  const ofUrls = addFormats.default(new Ajv({ ...options, coerceTypes: 'array' }))
  app.setValidatorCompiler(({ schema, httpPart }) => (httpPart === 'body' ? ofBodies : ofUrls).compile(schema))
}

const everyMethod: HTTPMethods[] = ['DELETE', 'GET', 'HEAD', 'PATCH', 'POST', 'PUT', 'OPTIONS']

/** Remembers which methods each path has. */
function rememberPaths(app: App): Map<string, Set<string>> {
  const paths = new Map<string, Set<string>>()
  app.addHook('onRoute', ({ url, method }) => {
    const methods = paths.get(url) ?? new Set()
    for (const one of [method].flat()) methods.add(one)
    paths.set(url, methods)
  })
  return paths
}

/** A path that is there, asked with a method that it does not have, is a 405 and says which it has. */
function refuseOtherMethods(app: App, paths: Map<string, Set<string>>): void {
  for (const [url, methods] of [...paths]) {
    const others = everyMethod.filter((method) => !methods.has(method))
    if (others.length === 0) continue
    const allow = [...methods].join(', ')
    app.route({
      method: others,
      url,
      schema: { hide: true },
      // Before the body, whatever it is.
      onRequest: (_request, reply, done) => {
        reply.header('allow', allow)
        done(problem('methodNotAllowed'))
      },
      handler: async () => {},
    })
  }
}
