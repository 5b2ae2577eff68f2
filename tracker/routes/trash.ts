import { RunDetails } from '@aspara/protocol/runs.ts'
import { PageQuery, ProjectPath, StatusOk } from '@aspara/protocol/schema.ts'
import { RunRestore, TrashPage, TrashPath } from '@aspara/protocol/trash.ts'
import type { Store } from '@aspara/store/store.ts'
import { type App, answers, writeStatuses } from './route.ts'

const tags = ['Trash']
const ok = { status: 'ok' as const }

export function trashRoutes(app: App, { catalog }: Store): void {
  app.get(
    '/projects/:project/trash',
    {
      schema: {
        operationId: 'listTrash',
        tags,
        summary: 'The runs in the trash of a project, the one that was deleted last first',
        params: ProjectPath,
        querystring: PageQuery,
        response: answers({ 200: TrashPage }, 404),
      },
    },
    ({ params, query }) => catalog.listTrash(params, query),
  )

  app.post(
    '/projects/:project/trash/:trash_id/restore',
    {
      schema: {
        operationId: 'restoreRun',
        tags,
        summary: 'Take a run out of the trash, with all that it had and all that has come to it since',
        params: TrashPath,
        body: RunRestore,
        response: answers({ 200: RunDetails }, 404, 409, ...writeStatuses),
      },
    },
    async ({ params: { project, trash_id: trashId }, body }) => {
      const { name } = await catalog.restoreRun({ project, trashId, name: body?.name ?? undefined })
      return catalog.readRun({ project, run: name })
    },
  )

  app.delete(
    '/projects/:project/trash/:trash_id',
    {
      schema: {
        operationId: 'discardRun',
        tags,
        summary: 'Delete a run of the trash for good; its disk comes back',
        params: TrashPath,
        response: answers({ 200: StatusOk }, 404, 507),
      },
    },
    async ({ params: { project, trash_id: trashId } }) => {
      await catalog.discardRun({ project, trashId })
      return ok
    },
  )

  app.delete(
    '/projects/:project/trash',
    {
      schema: {
        operationId: 'emptyTrash',
        tags,
        summary: 'Delete all runs of the trash for good',
        params: ProjectPath,
        response: answers({ 200: StatusOk }, 404, 507),
      },
    },
    async ({ params }) => {
      await catalog.emptyTrash(params)
      return ok
    },
  )
}
