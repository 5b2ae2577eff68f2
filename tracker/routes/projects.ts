import { DescriptionPatch, Project, ProjectPage } from '@aspara/protocol/projects.ts'
import { PageQuery, ProjectPath, StatusOk } from '@aspara/protocol/schema.ts'
import type { Store } from '@aspara/store/store.ts'
import { checkDescription } from '../body/text.ts'
import { type App, answers, writeStatuses } from './route.ts'

const tags = ['Projects']

export function projectRoutes(app: App, { catalog }: Store): void {
  app.get(
    '/projects',
    {
      schema: {
        operationId: 'listProjects',
        tags,
        summary: 'Projects by name',
        querystring: PageQuery,
        response: answers({ 200: ProjectPage }),
      },
    },
    (request) => catalog.listProjects(request.query),
  )

  app.get(
    '/projects/:project',
    {
      schema: {
        operationId: 'getProject',
        tags,
        summary: 'A project',
        params: ProjectPath,
        response: answers({ 200: Project }, 404),
      },
    },
    (request) => catalog.readProject(request.params),
  )

  app.patch(
    '/projects/:project',
    {
      schema: {
        operationId: 'patchProject',
        tags,
        summary: "Change a project's display name, tags or notes",
        params: ProjectPath,
        body: DescriptionPatch,
        response: answers({ 200: Project }, 404, ...writeStatuses),
      },
    },
    async (request) => {
      const description = checkDescription(request.body)
      await catalog.describeProject({ ...request.params, description })
      return catalog.readProject(request.params)
    },
  )

  app.delete(
    '/projects/:project',
    {
      schema: {
        operationId: 'deleteProject',
        tags,
        summary: 'Delete a project with all of its runs',
        params: ProjectPath,
        response: answers({ 200: StatusOk }, 404, 507),
      },
    },
    async (request) => {
      await catalog.deleteProject(request.params)
      return { status: 'ok' as const }
    },
  )
}
