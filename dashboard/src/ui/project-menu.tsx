import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { ChevronDown } from 'lucide-react'
import { projectQuery, projectsQuery } from '../api/queries.ts'
import { listProjects, titleOf } from '../data/project-list.ts'
import { Menu, MenuLine, MenuLink, MenuTitle } from './menu.tsx'

/** More are a matter of searching. */
const projectsMax = 12

/** Where one is, and the way to the projects where something happened last. */
export function ProjectMenu({ project }: { project: string }) {
  const { data } = useQuery(projectQuery(project))
  const title = data ? titleOf(data) : project
  return (
    <Menu
      trigger={
        <button
          type="button"
          title={`${title}: switch project`}
          className="inline-flex h-7 min-w-0 max-w-80 shrink items-center gap-1 rounded-(--radius) px-1.5 font-medium hover:bg-hover data-[state=open]:bg-hover"
        >
          <span className="truncate">{title}</span>
          <ChevronDown aria-hidden className="size-3.5 shrink-0 text-ink-3" />
          <span className="sr-only">switch project</span>
        </button>
      }
    >
      <OtherProjects project={project} />
      <MenuLink keys="g p">
        <Link to="/" search={{}}>
          All projects
        </Link>
      </MenuLink>
    </Menu>
  )
}

/** Asked for when the menu opens. */
function OtherProjects({ project }: { project: string }) {
  const { data = [] } = useQuery({ ...projectsQuery(), refetchOnMount: 'always' })
  const others = listProjects(data, { text: '', tags: [], order: 'activity' }).filter(({ name }) => name !== project)
  if (others.length === 0) return null
  return (
    <>
      <MenuTitle>Last active</MenuTitle>
      {others.slice(0, projectsMax).map((other) => (
        <MenuLink key={other.name}>
          <Link to="/projects/$project" params={{ project: other.name }} search={{}} className="truncate">
            {titleOf(other)}
          </Link>
        </MenuLink>
      ))}
      <MenuLine />
    </>
  )
}
