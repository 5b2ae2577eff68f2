import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { docsPath, redocPath } from '@aspara/protocol/names.ts'
import fastifySwagger from '@fastify/swagger'
import fastifySwaggerUi from '@fastify/swagger-ui'
import type { FastifyReply } from 'fastify'
import { version } from '../version.ts'
import type { App } from './route.ts'

/** Nothing from another host; both viewers style what they draw with inline styles. */
const contentSecurityPolicy =
  "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; worker-src 'self' blob:; frame-ancestors 'none'; base-uri 'none'"

const redocPage = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Aspara Tracker API</title>
<redoc spec-url="${docsPath}/json"></redoc>
<script src="${redocPath}/redoc.standalone.js"></script>
</html>
`

/** The OpenAPI document, made from the schemas of the routes that come after, and two viewers that need no network. */
export async function addDocuments(app: App): Promise<void> {
  await app.register(fastifySwagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Aspara Tracker API',
        description: 'Takes what training runs report, keeps it, and hands it out again.',
        version,
      },
      components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
    },
  })
  await app.register(fastifySwaggerUi, {
    routePrefix: docsPath,
    staticCSP: contentSecurityPolicy,
    uiConfig: { deepLinking: true, validatorUrl: null },
    theme: { title: 'Aspara Tracker API' },
  })
  const bundle = createRequire(import.meta.url).resolve('redoc/bundles/redoc.standalone.js')
  const send = (reply: FastifyReply, type: string, content: string | Buffer) =>
    reply.header('content-security-policy', contentSecurityPolicy).type(type).send(content)
  const schema = { hide: true }
  app.get(redocPath, { schema, config: { open: true } }, (_request, reply) =>
    send(reply, 'text/html; charset=utf-8', redocPage),
  )
  app.get(`${redocPath}/redoc.standalone.js`, { schema, config: { open: true } }, async (_request, reply) =>
    send(reply, 'text/javascript; charset=utf-8', await readFile(bundle)),
  )
}
