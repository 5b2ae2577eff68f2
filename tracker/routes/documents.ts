import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { docsPath, redocPath } from '@aspara/protocol/names.ts'
import fastifySwagger from '@fastify/swagger'
import { version } from '../version.ts'
import { finishOpenApi, type OpenApi } from './openapi-document.ts'
import type { App } from './route.ts'
import { shippedFile } from './shipped-file.ts'

/** Nothing from another host; both viewers style what they draw with inline styles. */
const contentSecurityPolicy =
  "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; worker-src 'self' blob:; frame-ancestors 'none'; base-uri 'none'"

const documentPath = `${docsPath}/json`

/** Beside `<redoc>` the page holds nothing; the script reads its attributes. */
const redocPage = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Aspara Tracker API</title>
<link rel="icon" href="data:,">
<body style="margin: 0">
<redoc spec-url="${documentPath}" hide-download-button></redoc>
<script src="${redocPath}/redoc.standalone.js"></script>
</html>
`

const swaggerPage = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Aspara Tracker API</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="${docsPath}/swagger-ui.css">
<style>.swagger-ui .response-col_links { display: none }</style>
<body style="margin: 0">
<div id="swagger-ui"></div>
<script src="${docsPath}/swagger-ui-bundle.js"></script>
<script src="${docsPath}/start.js"></script>
</html>
`

const swaggerStart = `SwaggerUIBundle({ url: '${documentPath}', dom_id: '#swagger-ui', deepLinking: true, validatorUrl: null })\n`

const tokenNote = 'What the tracker was started with (`--token`, `ASPARA_TOKEN`). Without one it asks for none.'

const html = 'text/html; charset=utf-8'
const script = 'text/javascript; charset=utf-8'
const css = 'text/css; charset=utf-8'

/** ReDoc would fetch it from another host, and complain that it may not. */
const redocLogo = 'https://cdn.redoc.ly/redoc/logo-mini.svg'
const noLogo = "data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg'/>"

/**
 * The OpenAPI document, made from the schemas of the routes that come after, and two viewers that need no network. Their
 * files are taken from packages and served from here; @fastify/swagger-ui's own plugin would load some forty modules for it.
 */
export async function addDocuments(app: App): Promise<void> {
  await app.register(fastifySwagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Aspara Tracker API',
        description: 'Takes what training runs report, keeps it, and hands it out again.',
        version,
      },
      components: { securitySchemes: { token: { type: 'http', scheme: 'bearer', description: tokenNote } } },
      // With the token or without: that depends on how the tracker was started, and is the same for every call.
      security: [{ token: [] }, {}],
    },
    transformObject: (document) =>
      'openapiObject' in document
        ? (finishOpenApi(document.openapiObject as OpenApi) as object)
        : document.swaggerObject,
  })
  const { resolve } = createRequire(import.meta.url)
  const viewer = (folder: string, name: string) => shippedFile('viewers', name, () => resolve(`${folder}/${name}`))
  const page = (path: string, type: string, content: () => string | Promise<string | Buffer> | object) =>
    app.get(path, { schema: { hide: true }, config: { open: true } }, async (_request, reply) => {
      reply.type(type)
      reply.header('content-security-policy', contentSecurityPolicy)
      return content()
    })
  page(documentPath, 'application/json; charset=utf-8', () => app.swagger())
  page(docsPath, html, () => swaggerPage)
  page(`${docsPath}/start.js`, script, () => swaggerStart)
  page(`${docsPath}/swagger-ui.css`, css, () => readFile(viewer('@fastify/swagger-ui/static', 'swagger-ui.css')))
  page(`${docsPath}/swagger-ui-bundle.js`, script, () =>
    readFile(viewer('@fastify/swagger-ui/static', 'swagger-ui-bundle.js')),
  )
  page(redocPath, html, () => redocPage)
  page(`${redocPath}/redoc.standalone.js`, script, async () =>
    (await readFile(viewer('redoc/bundles', 'redoc.standalone.js'), 'utf8')).replace(redocLogo, noLogo),
  )
}
