import { Readable } from 'node:stream'
import {
  type Artifact,
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
import parseRange from 'range-parser'
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
      await catalog.readRun({ project, run })
      const upload = await receiveUpload(request, artifacts)
      try {
        const { name, description, category } = checkUpload(upload)
        await artifacts.keep(upload.file, { project, run, name, description, category })
        return { artifact_name: name, file_size: upload.file.size, sha256: upload.file.sha256 }
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
      reply.header('accept-ranges', 'bytes')
      reply.header('content-disposition', `attachment; filename="${name}"`)
      reply.header('x-content-type-options', 'nosniff')
      reply.header('cache-control', 'private, no-cache')
      if (names(request.headers['if-none-match'], etag)) return reply.code(304).send(undefined)

      reply.type('application/octet-stream')
      const range = askedRange(request, artifact, etag)
      if (range) {
        reply.code(206)
        reply.header('content-range', `bytes ${range.start}-${range.end}/${artifact.file_size}`)
        reply.header('content-length', range.end - range.start + 1)
      } else {
        reply.header('content-length', artifact.file_size)
      }
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

/** The range to send; undefined for the whole. Several ranges at once are answered with the whole, as RFC 9110 allows. */
function askedRange(
  request: FastifyRequest,
  artifact: Artifact,
  etag: string,
): { start: number; end: number } | undefined {
  const { range: header, 'if-range': condition } = request.headers
  if (header === undefined || (condition !== undefined && condition !== etag)) return undefined
  const ranges = parseRange(artifact.file_size, header)
  if (ranges === -1) throw problem('rangeNotSatisfiable', artifact.file_size)
  if (ranges === -2 || ranges.type !== 'bytes' || ranges.length !== 1) return undefined
  return { start: ranges[0].start, end: ranges[0].end }
}
