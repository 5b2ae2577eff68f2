import { limits } from '@aspara/protocol/limits.ts'
import { DescriptionPatch } from '@aspara/protocol/projects.ts'
import {
  RunConfig,
  RunCreate,
  RunCreated,
  RunDetails,
  RunFinish,
  RunPage,
  RunSummary,
  RunsQuery,
  RunTags,
} from '@aspara/protocol/runs.ts'
import { ProjectPath, RunPath, StatusOk } from '@aspara/protocol/schema.ts'
import { RunDeleted } from '@aspara/protocol/trash.ts'
import { WriterPage, WritersQuery } from '@aspara/protocol/writers.ts'
import type { Store } from '@aspara/store/store.ts'
import { checkDescription, checkDocument, checkRunName, checkTexts } from '../body/text.ts'
import { checkTimeIfAny } from '../body/time.ts'
import { type App, answers, writeStatuses } from './route.ts'
import { runPageRequest } from './runs-query.ts'

const tags = ['Runs']
const ok = { status: 'ok' as const }
/** A config may be as large as it is kept, and a little for what stands around it. */
const bodyLimit = limits.documentBytesMax * 2

export function runRoutes(app: App, { catalog }: Store): void {
  app.post(
    '/projects/:project/runs',
    {
      bodyLimit,
      schema: {
        operationId: 'createRun',
        tags,
        summary: 'Create a run, or go on with one',
        description:
          'Without a name the server makes a readable one. With `resume` an existing run goes on: its config is merged, its status is running again. With an `id` its client may ask for it again and again: the run that has it is answered.',
        params: ProjectPath,
        body: RunCreate,
        response: answers({ 200: RunCreated }, 409, ...writeStatuses),
      },
    },
    async ({ params: { project }, body }) => {
      const { name } = await catalog.createRun({
        project,
        name: checkRunName(body.name ?? undefined),
        id: body.id ?? undefined,
        ...checkTexts({ tags: body.tags ?? [], notes: body.notes ?? '', display_name: body.display_name }),
        ...checkTexts({ group: body.group, job_type: body.job_type }),
        config: checkDocument('config', body.config ?? {}),
        startedAt: checkTimeIfAny(['body', 'started_at'], body.started_at),
        writer: body.writer?.toLowerCase(),
        projectTags: checkTexts({ tags: body.project_tags ?? [] }, 'project_tags').tags,
        projectDisplayName: checkTexts({ project_display_name: body.project_display_name }).project_display_name,
        resume: body.resume ?? false,
      })
      return { ...ok, project, name, run_id: name }
    },
  )

  app.get(
    '/projects/:project/runs',
    {
      schema: {
        operationId: 'listRuns',
        tags,
        summary: 'The runs of a project: all of them newest first, or those that a filter lets through, sorted',
        params: ProjectPath,
        querystring: RunsQuery,
        response: answers({ 200: RunPage }, 404),
      },
    },
    async (request, reply) => {
      const { buffer } = await catalog.listRunsJson(request.params, runPageRequest(request.query))
      return reply.type('application/json; charset=utf-8').send(Buffer.from(buffer) as never)
    },
  )

  app.get(
    '/projects/:project/runs/:run',
    {
      schema: {
        operationId: 'getRun',
        tags,
        summary: 'A run with its config, summary, writers and what each metric came to',
        params: RunPath,
        response: answers({ 200: RunDetails }, 404),
      },
    },
    (request) => catalog.readRun(request.params),
  )

  app.patch(
    '/projects/:project/runs/:run',
    {
      schema: {
        operationId: 'patchRun',
        tags,
        summary: "Change a run's display name, tags or notes",
        params: RunPath,
        body: DescriptionPatch,
        response: answers({ 200: RunDetails }, 404, ...writeStatuses),
      },
    },
    async (request) => {
      const description = checkDescription(request.body)
      await catalog.describeRun({ ...request.params, description })
      return catalog.readRun({ ...request.params, isOfClient: true })
    },
  )

  app.delete(
    '/projects/:project/runs/:run',
    {
      schema: {
        operationId: 'deleteRun',
        tags,
        summary: 'Put a run into the trash of its project, for 7 days',
        params: RunPath,
        response: answers({ 200: RunDeleted }, 404, 507),
      },
    },
    async (request) => {
      const { trashId } = await catalog.deleteRun(request.params)
      return { ...ok, trash_id: trashId }
    },
  )

  app.get(
    '/projects/:project/runs/:run/writers',
    {
      schema: {
        operationId: 'listWriters',
        tags,
        summary: 'The processes that wrote a run, each with its position and the receipt over what is stored of it',
        params: RunPath,
        querystring: WritersQuery,
        response: answers({ 200: WriterPage }, 404),
      },
    },
    ({ params, query }) => catalog.listWriters(params, { ...query, writer: query.writer?.toLowerCase() }),
  )

  app.post(
    '/projects/:project/runs/:run/config',
    {
      bodyLimit,
      schema: {
        operationId: 'mergeConfig',
        tags,
        summary: "Merge into a run's config, by top-level key",
        params: RunPath,
        body: RunConfig,
        response: answers({ 200: StatusOk }, 404, ...writeStatuses),
      },
    },
    async ({ params, body }) => {
      await catalog.mergeIntoRun({ ...params, part: 'config', document: checkDocument('config', body.config) })
      return ok
    },
  )

  app.post(
    '/projects/:project/runs/:run/summary',
    {
      bodyLimit,
      schema: {
        operationId: 'mergeSummary',
        tags,
        summary: "Merge into a run's summary, by top-level key",
        params: RunPath,
        body: RunSummary,
        response: answers({ 200: StatusOk }, 404, ...writeStatuses),
      },
    },
    async ({ params, body }) => {
      await catalog.mergeIntoRun({ ...params, part: 'summary', document: checkDocument('summary', body.summary) })
      return ok
    },
  )

  app.post(
    '/projects/:project/runs/:run/tags',
    {
      schema: {
        operationId: 'setTags',
        tags,
        summary: "Set a run's tags",
        params: RunPath,
        body: RunTags,
        response: answers({ 200: StatusOk }, 404, ...writeStatuses),
      },
    },
    async ({ params, body }) => {
      await catalog.setRunTags({ ...params, tags: checkTexts({ tags: body.tags }).tags })
      return ok
    },
  )

  app.post(
    '/projects/:project/runs/:run/finish',
    {
      schema: {
        operationId: 'finishRun',
        tags,
        summary: 'Finish a run, or one of its writers: exit code 0 is finished, any other failed',
        params: RunPath,
        body: RunFinish,
        response: answers({ 200: StatusOk }, 404, ...writeStatuses),
      },
    },
    async ({ params, body }) => {
      await catalog.finishRun({
        ...params,
        exitCode: body.exit_code ?? 0,
        writer: body.writer?.toLowerCase(),
        endsRun: body.ends_run,
        time: checkTimeIfAny(['body', 'time'], body.time),
        reason: checkTexts({ reason: body.reason }).reason ?? undefined,
      })
      return ok
    },
  )
}
