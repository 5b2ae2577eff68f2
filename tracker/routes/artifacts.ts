import { Readable } from 'node:stream'
import {
  ArtifactName,
  ArtifactPage,
  ArtifactPath,
  ArtifactStored,
  type Category,
  categories,
} from '@aspara/protocol/artifacts.ts'
import { invalidField, Problem, problem } from '@aspara/protocol/errors.ts'
import { limits } from '@aspara/protocol/limits.ts'
import { isArtifactName, textFault } from '@aspara/protocol/names.ts'
import { PageQuery, RunPath } from '@aspara/protocol/schema.ts'
import type { IncomingFile } from '@aspara/store/artifacts/folder.ts'
import type { Store } from '@aspara/store/store.ts'
import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { type App, answers, content } from './route.ts'

const tags = ['Artifacts']

/** The form of an upload, for the API's documents: the body is a stream and checked as it comes. */
const UploadForm = Type.Object({
  file: Type.String({ format: 'binary' }),
  name: Type.Optional(ArtifactName),
  description: Type.Optional(Type.String({ maxLength: limits.descriptionCharsMax })),
  category: Type.Optional(Type.Enum([...categories])),
})

export function artifactRoutes(app: App, { artifacts, catalog }: Store): void {
  app.post(
    '/projects/:project/runs/:run/artifacts',
    {
      bodyLimit: limits.uploadBytesMax,
      // The form is for readers of the API's documents; the stream itself is checked below.
      validatorCompiler: ({ httpPart, schema }) =>
        httpPart === 'body'
          ? () => true
          : (app.validatorCompiler as NonNullable<App['validatorCompiler']>)({ schema, method: '', url: '', httpPart }),
      schema: {
        operationId: 'uploadArtifact',
        tags,
        summary: 'Upload a file as an artifact of a run; one of the same name is replaced',
        consumes: ['multipart/form-data'],
        params: RunPath,
        body: UploadForm,
        response: answers({ 200: ArtifactStored }, 404, 413, 415, 507),
      },
    },
    async (request) => {
      const { project, run } = request.params
      await catalog.requireRun({ project, run, isOfClient: true })
      const upload = await receiveUpload(request, artifacts)
      try {
        const { name, description, category } = checkUpload(upload)
        await artifacts.keep(upload.file, { project, run, name, description, category })
        return { status: 'ok' as const, artifact_name: name, file_size: upload.file.size, sha256: upload.file.sha256 }
      } catch (error) {
        await artifacts.discard(upload.file)
        throw error
      }
    },
  )

  app.get(
    '/projects/:project/runs/:run/artifacts',
    {
      schema: {
        operationId: 'listArtifacts',
        tags,
        summary: 'The artifacts of a run by name',
        params: RunPath,
        querystring: PageQuery,
        response: answers({ 200: ArtifactPage }, 404),
      },
    },
    (request) => artifacts.list(request.params, request.query),
  )

  app.get(
    '/projects/:project/runs/:run/artifacts/:artifact',
    {
      schema: {
        operationId: 'downloadArtifact',
        tags,
        summary: 'Download an artifact, or a range of it',
        params: ArtifactPath,
        response: answers(
          {
            200: content({ 'application/octet-stream': Type.String({ format: 'binary' }) }),
            206: content({ 'application/octet-stream': Type.String({ format: 'binary' }) }, 'The range'),
            304: Type.Unsafe<unknown>({ type: 'null', description: 'Not changed' }),
          },
          404,
          416,
        ),
      },
    },
    async (request, reply) => {
      const { project, run, artifact: name } = request.params
      const artifact = await artifacts.find({ project, run, name })
      const etag = `"${artifact.sha256}"`
      reply.header('etag', etag)
      reply.header('cache-control', 'private, no-cache')
      if (names(request.headers['if-none-match'], etag)) return reply.code(304).send(undefined)

      const size = artifact.file_size
      const range = askedRange(request, size, etag)
      if (range === 'none') {
        reply.header('content-range', `bytes */${size}`)
        throw problem('rangeNotSatisfiable', size)
      }
      reply.type('application/octet-stream')
      reply.header('accept-ranges', 'bytes')
      reply.header('content-disposition', `attachment; filename="${name}"`)
      reply.header('content-length', range ? range.end - range.start + 1 : size)
      if (range) reply.code(206).header('content-range', `bytes ${range.start}-${range.end}/${size}`)
      if (request.method === 'HEAD') return reply.send(Readable.from([]))
      return reply.send(artifacts.read(artifact, range))
    },
  )
}

interface Upload {
  file: IncomingFile
  fileName: string | undefined
  fields: Map<string, string>
}

/** Reads the parts of an upload in whatever order they come. @throws invalidField, bodyTooLarge, diskFull */
async function receiveUpload(request: FastifyRequest, artifacts: Store['artifacts']): Promise<Upload> {
  let file: IncomingFile | undefined
  let fileName: string | undefined
  const fields = new Map<string, string>()
  try {
    for await (const part of request.parts()) {
      if (part.type === 'file') {
        if (part.fieldname !== 'file') throw invalidField(['body', part.fieldname], "the file's field is called file")
        if (file) throw invalidField(['body', 'file'], 'one file an upload')
        fileName = part.filename
        file = await artifacts.receive(part.file)
        if (part.file.truncated) throw problem('bodyTooLarge', limits.uploadBytesMax)
      } else {
        if (part.valueTruncated) throw invalidField(['body', part.fieldname], 'too long')
        fields.set(part.fieldname, String(part.value))
      }
    }
    if (!file) throw invalidField(['body', 'file'], 'Field required', 'missing')
    return { file, fileName, fields }
  } catch (error) {
    if (file) await artifacts.discard(file)
    // Nobody reads the rest any more, and whoever sends it waits for that before he looks at the answer.
    request.raw.unpipe().resume()
    throw asUploadProblem(error)
  }
}

/** An upload that ends in the middle is the sender's fault, whatever the parser calls it. */
function asUploadProblem(error: unknown): unknown {
  if (error instanceof Problem || (error as { statusCode?: number }).statusCode) return error
  if (
    error instanceof Error &&
    /multipart|Malformed|Unexpected end|premature|aborted/i.test(
      `${error.message} ${(error as NodeJS.ErrnoException).code}`,
    )
  ) {
    return problem('malformedRequest', error.message)
  }
  return error
}

/** @throws invalidArtifactName, invalidCategory, invalidField */
function checkUpload({ fields, fileName }: Upload) {
  const name = fields.get('name') || fileName
  if (!name) throw invalidField(['body', 'name'], 'Field required', 'missing')
  if (!isArtifactName(name)) throw problem('invalidArtifactName')
  const category = fields.get('category') || null
  if (category !== null && !(categories as readonly string[]).includes(category)) throw problem('invalidCategory')
  const description = fields.get('description') || null
  if (description !== null) {
    const fault = textFault(description)
    if (fault) throw invalidField(['body', 'description'], fault)
    if (description.length > limits.descriptionCharsMax) {
      throw invalidField(['body', 'description'], `at most ${limits.descriptionCharsMax} characters`)
    }
  }
  return { name, description, category: category as Category | null }
}

/** Whether a list of entity tags has this one. RFC 9110, 13.1.2. */
function names(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false
  return header.split(',').some((tag) => tag.trim() === '*' || tag.trim().replace(/^W\//, '') === etag)
}

/**
 * The range to send, `none` when the artifact has nothing of it, undefined for the whole: also for what is no range, and
 * for several at once, as RFC 9110 (14.2) allows.
 */
function askedRange(
  { method, headers }: FastifyRequest,
  size: number,
  etag: string,
): { start: number; end: number } | 'none' | undefined {
  const { range: header, 'if-range': condition } = headers
  if (method !== 'GET' || header === undefined || (condition !== undefined && condition !== etag)) return undefined
  const [, first, last] = /^bytes=\s*(\d*)-(\d*)\s*$/i.exec(header) ?? []
  if (!first && !last) return undefined
  if (first && last && Number(last) < Number(first)) return undefined
  // Without a first byte it is so many of the last.
  const start = first ? Number(first) : Math.max(0, size - Number(last))
  const end = first && last ? Math.min(Number(last), size - 1) : size - 1
  return start < size ? { start, end } : 'none'
}
