import { Link } from '@tanstack/react-router'
import { ChevronDown, Ellipsis } from 'lucide-react'
import type { Project } from '../api/queries.ts'
import { useMayWrite } from '../api/use-may-write.ts'
import { formatCount } from '../data/format.ts'
import { firstLine, type ProjectOrder, titleOf } from '../data/project-list.ts'
import { IconButton } from '../ui/button.tsx'
import { LiveDot } from '../ui/live-dot.tsx'
import { Menu, MenuItem, MenuLine } from '../ui/menu.tsx'
import { Moment } from '../ui/moment.tsx'
import { Sparkline } from '../ui/sparkline.tsx'

/** The columns of the list; a phone has two lines instead. */
export const projectGrid =
  'grid items-center gap-x-4 px-3 grid-cols-[minmax(0,1fr)_auto_28px] md:grid-cols-[minmax(0,1fr)_64px_72px_120px_88px_28px] lg:grid-cols-[minmax(0,5fr)_minmax(0,4fr)_64px_72px_120px_88px_28px]'

const number = 'text-right whitespace-nowrap'

export function ProjectHead({ order, onOrder }: { order: ProjectOrder; onOrder: (order: ProjectOrder) => void }) {
  const title = (by: ProjectOrder, label: string, className = '') => (
    <th
      scope="col"
      aria-sort={order === by ? (by === 'name' ? 'ascending' : 'descending') : 'none'}
      className={className}
    >
      <button
        type="button"
        onClick={() => onOrder(by)}
        className={`inline-flex items-center gap-0.5 hover:text-ink ${order === by ? 'text-ink' : ''}`}
      >
        {label}
        {order === by && <ChevronDown aria-hidden className={`size-3 ${by === 'name' ? 'rotate-180' : ''}`} />}
      </button>
    </th>
  )
  const wide = `max-md:hidden ${number}`
  return (
    <>
      {title('name', 'Project')}
      <th scope="col" className="max-lg:hidden">
        Notes
      </th>
      {title('runs', 'Runs', wide)}
      <th scope="col" className={wide}>
        Running
      </th>
      <th scope="col" className="max-md:hidden">
        Last 30 days
      </th>
      {title('activity', 'Last activity', number)}
      <th scope="col">
        <span className="sr-only">Actions</span>
      </th>
    </>
  )
}

interface Props {
  project: Project
  onTag: (tag: string) => void
  onEdit: () => void
  onDelete: () => void
}

export function ProjectRow({ project, onTag, onEdit, onDelete }: Props) {
  const { name, display_name, tags, notes, runs, running, activity, heard_at, created_at } = project
  const { mayWrite, why } = useMayWrite()
  const said = firstLine(notes)
  return (
    <>
      <td className="min-w-0">
        <div className="flex min-w-0 items-center gap-2">
          <Link
            to="/projects/$project"
            params={{ project: name }}
            search={{}}
            title={titleOf(project)}
            className="truncate font-medium after:absolute after:inset-0"
          >
            {titleOf(project)}
          </Link>
          {display_name && display_name !== name && (
            <span className="min-w-0 shrink-[4] truncate text-ink-3 text-sm max-md:hidden" title={name}>
              {name}
            </span>
          )}
          <span className="relative flex min-w-0 shrink-[2] gap-1 overflow-hidden py-0.5 pl-0.5">
            {tags.map((tag) => (
              <button
                key={tag}
                type="button"
                title={`Only projects with the tag ${tag}`}
                onClick={() => onTag(tag)}
                className="max-w-32 shrink-0 truncate rounded-[4px] border border-line bg-sunken px-1.5 text-ink-2 text-xs hover:bg-chosen hover:text-ink"
              >
                {tag}
              </button>
            ))}
          </span>
        </div>
        <div className="truncate text-ink-2 text-sm md:hidden">
          {formatCount(runs)} {runs === 1 ? 'run' : 'runs'}
          {running > 0 && (
            <>
              , <Running count={running} />
            </>
          )}
          {said !== '' && ` · ${said}`}
        </div>
      </td>
      <td className="min-w-0 truncate text-ink-2 text-sm max-lg:hidden" title={said}>
        {said}
      </td>
      <td className={`max-md:hidden ${number}`} title={`${runs.toLocaleString('en')} runs`}>
        {formatCount(runs)}
      </td>
      <td className={`max-md:hidden ${number}`}>
        {running > 0 ? <Running count={running} /> : <span className="text-ink-3">–</span>}
      </td>
      <td className="max-md:hidden">
        <Sparkline counts={activity} />
      </td>
      <td className={`text-ink-2 text-sm ${number}`}>
        <Moment at={heard_at ?? created_at} />
        <Sparkline counts={activity} className="mt-1 ml-auto h-3 w-20 md:hidden" />
      </td>
      <td className="relative">
        <Menu
          align="end"
          trigger={
            <IconButton label={`Actions of ${titleOf(project)}`}>
              <Ellipsis />
            </IconButton>
          }
        >
          <MenuItem isDisabled={!mayWrite} title={why} onSelect={onEdit}>
            Edit name, tags and notes …
          </MenuItem>
          <MenuLine />
          <MenuItem isDanger isDisabled={!mayWrite} title={why} onSelect={onDelete}>
            Delete …
          </MenuItem>
        </Menu>
      </td>
    </>
  )
}

const Running = ({ count }: { count: number }) => (
  <span className="whitespace-nowrap">
    <LiveDot className="mr-1.5" />
    {formatCount(count)} <span className="md:sr-only">running</span>
  </span>
)
