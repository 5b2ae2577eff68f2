import { Link } from '@tanstack/react-router'
import { ChevronDown, Ellipsis } from 'lucide-react'
import type { Project } from '../api/queries.ts'
import { useMayWrite } from '../api/use-may-write.ts'
import { formatCount } from '../data/format.ts'
import { firstLine, type ProjectOrder, titleOf } from '../data/project-list.ts'
import { IconButton } from '../ui/button.tsx'
import { Menu, MenuItem, MenuLine } from '../ui/menu.tsx'
import { Moment } from '../ui/moment.tsx'
import { Sparkline } from '../ui/sparkline.tsx'

/** The columns of the list; a phone has two lines instead. */
export const projectGrid =
  'grid items-center gap-x-4 px-3 grid-cols-[1fr_auto_28px] md:grid-cols-[minmax(0,1fr)_72px_88px_120px_88px_28px]'

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
  const alias = display_name && display_name !== name ? name : ''
  const below = [alias, firstLine(notes)].filter(Boolean).join(' · ')
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
          <span className="relative flex min-w-0 shrink gap-1 overflow-hidden py-0.5 pl-0.5">
            {tags.map((tag) => (
              <button
                key={tag}
                type="button"
                title={`Only projects with the tag ${tag}`}
                onClick={() => onTag(tag)}
                className="max-w-32 shrink-0 truncate rounded-[4px] bg-sunken px-1.5 text-ink-2 text-xs ring-1 ring-line hover:bg-chosen hover:text-ink"
              >
                {tag}
              </button>
            ))}
          </span>
        </div>
        {below !== '' && <div className="truncate text-ink-2 text-sm max-md:hidden">{below}</div>}
        <div className="flex items-center gap-3 text-ink-2 text-sm md:hidden">
          <span className="whitespace-nowrap">
            {formatCount(runs)} {runs === 1 ? 'run' : 'runs'}
            {running > 0 && <Running count={running} />}
          </span>
          <span className="min-w-0 shrink overflow-hidden">
            <Sparkline counts={activity} />
          </span>
        </div>
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
    <span aria-hidden className="px-1 text-running">
      ●
    </span>
    {formatCount(count)} <span className="md:sr-only">running</span>
  </span>
)
