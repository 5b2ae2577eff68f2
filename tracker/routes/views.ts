import { problem } from '@aspara/protocol/errors.ts'
import { limits } from '@aspara/protocol/limits.ts'
import { PageQuery, ProjectPath, StatusOk } from '@aspara/protocol/schema.ts'
import { View, ViewBody, ViewPage, ViewPath } from '@aspara/protocol/views.ts'
import type { Store } from '@aspara/store/store.ts'
import { checkDocument } from '../body/text.ts'
import { type App, answers, writeStatuses } from './route.ts'

const tags = ['Views']

export function viewRoutes(app: App, { catalog }: Store): void {
  app.get(
    '/projects/:project/views',
    {
      schema: {
        operationId: 'listViews',
        tags,
        summary: 'The saved views of a project by name',
        params: ProjectPath,
        querystring: PageQuery,
        response: answers({ 200: ViewPage }, 404),
      },
    },
    ({ params, query }) => catalog.listViews(params, query),
  )

  app.put(
    '/projects/:project/views/:view',
    {
      // What stands around it, and how a client spaces it, is not part of the view.
      bodyLimit: limits.viewBytesMax * 2,
      schema: {
        operationId: 'putView',
        tags,
        summary: 'Save a view under a name, in the place of the one that has it',
        description: `A view is any JSON object of at most ${limits.viewBytesMax} bytes: how somebody looks at the project. A project has at most ${limits.viewsMax}.`,
        params: ViewPath,
        body: ViewBody,
        response: answers({ 200: View }, 404, 409, ...writeStatuses),
      },
    },
    async ({ params: { project, view: name }, body }) => {
      const view = checkDocument('view', body.view)
      if (Buffer.byteLength(JSON.stringify(view)) > limits.viewBytesMax) {
        throw problem('bodyTooLarge', limits.viewBytesMax)
      }
      return catalog.putView({ project, name, view })
    },
  )

  app.delete(
    '/projects/:project/views/:view',
    {
      schema: {
        operationId: 'deleteView',
        tags,
        summary: 'Delete a view',
        params: ViewPath,
        response: answers({ 200: StatusOk }, 404, 507),
      },
    },
    async ({ params: { project, view: name } }) => {
      await catalog.deleteView({ project, name })
      return { status: 'ok' as const }
    },
  )
}
