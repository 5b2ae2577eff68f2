import { Link, useMatch, useParams } from '@tanstack/react-router'
import { CircleQuestionMark, Ellipsis, Moon, Search as SearchIcon, Sun, SunMoon } from 'lucide-react'
import { lazy, type ReactNode, Suspense, useState } from 'react'
import { useMayWrite } from '../api/use-may-write.ts'
import { keyLabel } from '../keys/key-label.ts'
import { openOverlay } from '../keys/overlays.ts'
import { useProjectActions } from '../keys/project-actions.ts'
import type { Search } from '../router.tsx'
import { useViewStore } from '../view/use-view.ts'
import { viewSearch } from '../view/view-search.ts'
import { IconButton } from './button.tsx'
import { ListConnection, ProjectConnection } from './connection-state.tsx'
import { Menu, MenuChoice, MenuItem, MenuLine, MenuLink, MenuTitle } from './menu.tsx'
import { ProjectMenu } from './project-menu.tsx'
import { setTheme, themes, useTheme } from './theme.ts'
import { usePageTitle } from './title.ts'
import { ViewsMenu } from './views-menu.tsx'

const EditProjectDialog = lazy(async () => ({ default: (await import('./project-dialogs.tsx')).EditProjectDialog }))

const pages = [
  ['Charts', 'g w', '/projects/$project'],
  ['Compare', 'g c', '/projects/$project/compare'],
  ['Trash', 'g t', '/projects/$project/trash'],
] as const

/** The line at the top of every page: where one is, the way elsewhere, and how the page stands to its tracker. */
export function Header() {
  const { project } = useParams({ strict: false })
  return project === undefined ? <ListHeader /> : <ProjectHeader project={project} />
}

function ListHeader() {
  usePageTitle()
  return <Bar connection={<ListConnection />} />
}

function ProjectHeader({ project }: { project: string }) {
  usePageTitle()
  useProjectActions()
  const store = useViewStore()
  const isWorkspace = useMatch({ from: '/projects/$project/', shouldThrow: false }) !== undefined
  const [isEdited, setEdited] = useState(false)
  const { mayWrite, why } = useMayWrite()
  const search = (before: Search) => viewSearch(before, store)
  return (
    <>
      <Bar
        connection={<ProjectConnection />}
        place={
          <>
            <span aria-hidden className="text-ink-3">
              /
            </span>
            <ProjectMenu project={project} />
            <nav aria-label="Pages of the project" className="flex gap-0.5 max-md:hidden">
              {pages.slice(0, 2).map(([title, , to]) => (
                <Link
                  key={title}
                  to={to}
                  params={{ project }}
                  search={search}
                  activeOptions={{ exact: true, includeSearch: false }}
                  className="inline-flex h-7 items-center rounded-(--radius) px-2 text-ink-2 text-sm hover:bg-hover hover:text-ink aria-[current=page]:bg-hover aria-[current=page]:text-ink"
                >
                  {title}
                </Link>
              ))}
            </nav>
            {isWorkspace && <ViewsMenu />}
          </>
        }
        more={
          <>
            {pages.map(([title, keys, to]) => (
              <MenuLink key={title} keys={keys}>
                <Link
                  to={to}
                  params={{ project }}
                  search={search}
                  activeOptions={{ includeSearch: false, exact: true }}
                >
                  {title}
                </Link>
              </MenuLink>
            ))}
            <MenuLine />
            <MenuItem isDisabled={!mayWrite} title={why} onSelect={() => setEdited(true)}>
              Edit project …
            </MenuItem>
          </>
        }
      />
      {isEdited && (
        <Suspense>
          <EditProjectDialog project={project} onClose={() => setEdited(false)} />
        </Suspense>
      )}
    </>
  )
}

function Bar({ place, connection, more }: { place?: ReactNode; connection: ReactNode; more?: ReactNode }) {
  const { mayWrite, why } = useMayWrite()
  return (
    <header className="grid h-(--header) shrink-0 grid-cols-[minmax(0,1fr)_auto_auto] items-center gap-1.5 border-line border-b px-3 lg:grid-cols-[minmax(0,1fr)_auto_minmax(0,1fr)]">
      <div className="flex min-w-0 items-center gap-1.5">
        <Link
          to="/"
          search={{}}
          aria-label="Aspara: all projects"
          className="inline-flex h-7 shrink-0 items-center gap-1.5 font-medium"
        >
          <Mark />
          <span className={place ? 'max-lg:hidden' : ''}>Aspara</span>
        </Link>
        {place}
      </div>
      <button
        type="button"
        onClick={() => openOverlay('palette')}
        aria-keyshortcuts="Control+K Meta+K"
        className="inline-flex h-7 items-center gap-2 rounded-(--radius) border border-line-strong px-2 text-ink-3 text-sm hover:bg-hover max-lg:size-7 max-lg:justify-center max-lg:border-transparent max-lg:px-0 max-lg:text-ink-2 lg:w-60"
      >
        <SearchIcon aria-hidden className="size-4 lg:size-3.5" />
        <span className="flex-1 truncate text-left max-lg:sr-only">Search or jump …</span>
        <span aria-hidden className="text-xs max-lg:hidden">
          {keyLabel('Mod+k')}
        </span>
      </button>
      <div className="flex min-w-0 items-center justify-end gap-1.5">
        {!mayWrite && (
          <span
            title={why}
            className="whitespace-nowrap rounded-[4px] border border-line-strong px-1 text-ink-2 text-xs max-sm:hidden"
          >
            read-only
          </span>
        )}
        {connection}
        <span className="flex max-sm:hidden">
          <ThemeMenu />
          <IconButton label="Keys and actions (?)" onClick={() => openOverlay('help')}>
            <CircleQuestionMark />
          </IconButton>
        </span>
        <Menu
          align="end"
          trigger={
            <IconButton label="Menu">
              <Ellipsis />
            </IconButton>
          }
        >
          {more}
          {more && <MenuLine />}
          <div className="sm:hidden">
            <MenuItem onSelect={() => openOverlay('help')}>Keys and actions</MenuItem>
            <MenuTitle>Theme</MenuTitle>
            <ThemeChoice />
            <MenuLine />
          </div>
          <MenuLink>
            <a href="/tracker/docs/tracker" target="_blank" rel="noreferrer">
              API of this tracker
            </a>
          </MenuLink>
        </Menu>
      </div>
    </header>
  )
}

function ThemeMenu() {
  const theme = useTheme()
  const Icon = { light: Sun, dark: Moon, system: SunMoon }[theme]
  return (
    <Menu
      align="end"
      trigger={
        <IconButton label="Theme (t)">
          <Icon />
        </IconButton>
      }
    >
      <ThemeChoice />
    </Menu>
  )
}

function ThemeChoice() {
  return <MenuChoice value={useTheme()} options={themes} onChange={setTheme} />
}

/** A loss that falls: as public/icon.svg. */
const Mark = () => (
  <svg
    aria-hidden="true"
    viewBox="0 0 16 16"
    fill="none"
    stroke="currentColor"
    strokeWidth="2"
    strokeLinecap="round"
    strokeLinejoin="round"
    className="size-4 text-accent"
  >
    <path d="M1.5 3c1.2 6.5 3.5 9.5 13 10.5" />
    <circle cx="14" cy="13.5" r="1" fill="currentColor" />
  </svg>
)
