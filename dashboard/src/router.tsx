import { createRootRoute, createRoute, createRouter, lazyRouteComponent, redirect } from '@tanstack/react-router'
import { NotFoundPage } from './pages/not-found-page.tsx'
import { ProblemPage } from './pages/problem-page.tsx'
import { ProjectLayout } from './pages/project-layout.tsx'
import { RootLayout } from './pages/root-layout.tsx'
import { WorkspacePage } from './pages/workspace-page.tsx'

/** Texts under short keys: what the address says is read by those it concerns (view/address.ts). */
export type Search = Record<string, string | undefined>

const rootRoute = createRootRoute({
  component: RootLayout,
  notFoundComponent: NotFoundPage,
  errorComponent: ProblemPage,
  validateSearch: (search): Search => search as Search,
})

const projectsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/',
  component: lazyRouteComponent(() => import('./pages/projects-page.tsx'), 'ProjectsPage'),
})

const listRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/projects',
  beforeLoad: () => {
    throw redirect({ to: '/', replace: true })
  },
})

const projectRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/projects/$project',
  component: ProjectLayout,
})

const workspaceRoute = createRoute({ getParentRoute: () => projectRoute, path: '/', component: WorkspacePage })

const runRoute = createRoute({
  getParentRoute: () => projectRoute,
  path: '/runs/$run',
  component: lazyRouteComponent(() => import('./pages/run-page.tsx'), 'RunPage'),
})

const compareRoute = createRoute({
  getParentRoute: () => projectRoute,
  path: '/compare',
  component: lazyRouteComponent(() => import('./pages/compare-page.tsx'), 'ComparePage'),
})

const trashRoute = createRoute({
  getParentRoute: () => projectRoute,
  path: '/trash',
  component: lazyRouteComponent(() => import('./pages/trash-page.tsx'), 'TrashPage'),
})

export const router = createRouter({
  routeTree: rootRoute.addChildren([
    projectsRoute,
    listRoute,
    projectRoute.addChildren([workspaceRoute, runRoute, compareRoute, trashRoute]),
  ]),
  parseSearch: (search) => Object.fromEntries(new URLSearchParams(search)),
  stringifySearch: (search) => {
    const fields = Object.entries(search).filter(([, value]) => value !== undefined && value !== '')
    const text = new URLSearchParams(fields as [string, string][]).toString()
    // `,`, `:` and `/` need no escape in a query, and a link is read by people.
    return text === '' ? '' : `?${text.replace(/%(2C|2F|3A)/g, decodeURIComponent)}`
  },
  defaultErrorComponent: ProblemPage,
  defaultPreload: false,
  scrollRestoration: true,
})

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}
