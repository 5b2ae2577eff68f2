import { useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { Search as SearchIcon, X } from 'lucide-react'
import { useEffect, useMemo, useRef, useState } from 'react'
import { TrackerProblem } from '../api/ask.ts'
import { type Project, projectsQuery } from '../api/queries.ts'
import { setTokenNeed } from '../api/token-need.ts'
import { listProjects, type ProjectOrder, readTagList, writeTagList } from '../data/project-list.ts'
import { useActions } from '../keys/actions.ts'
import type { Search } from '../router.tsx'
import { Button } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { TextField } from '../ui/field.tsx'
import { Header } from '../ui/header.tsx'
import { Notice } from '../ui/notice.tsx'
import { DeleteProjectDialog, EditProjectDialog } from '../ui/project-dialogs.tsx'
import { Unreachable } from '../ui/unreachable.tsx'
import { useIsNarrow } from '../ui/use-narrow.ts'
import { type RowsHandle, VirtualRows } from '../ui/virtual-rows.tsx'
import { FirstLines, WaitingForRun } from './first-lines.tsx'
import { ProjectHead, ProjectRow, projectGrid } from './project-row.tsx'

/** No stream tells of all projects together: while somebody looks the list is asked for so often, ms. */
const followMs = 5_000
/** Whoever waits for the first run is told sooner. */
const firstRunMs = 1_500

export function ProjectsPage() {
  const { data, isPending, failureCount, failureReason, error } = useQuery({
    ...projectsQuery(),
    staleTime: firstRunMs,
    refetchOnMount: 'always',
    refetchOnWindowFocus: true,
    refetchInterval: ({ state }) => (state.data?.length === 0 ? firstRunMs : followMs),
  })
  useOpenFirst(data)
  const problem = error ?? failureReason
  return (
    <div className="flex h-full flex-col">
      <Header />
      {data === undefined ? (
        problem instanceof TrackerProblem && !problem.isPassing ? (
          <Refused problem={problem} />
        ) : failureCount > 1 ? (
          <Unreachable />
        ) : (
          isPending && <Skeleton />
        )
      ) : data.length === 0 ? (
        <NoProjects />
      ) : (
        <Projects projects={data} />
      )}
    </div>
  )
}

/** From the page without projects to the first one, as soon as it is there. */
function useOpenFirst(projects: Project[] | undefined): void {
  const navigate = useNavigate()
  const wasEmpty = useRef(false)
  useEffect(() => {
    if (projects?.length === 0) wasEmpty.current = true
    const first = projects?.[0]
    if (!wasEmpty.current || !first) return
    wasEmpty.current = false
    void navigate({ to: '/projects/$project', params: { project: first.name }, search: {} })
  }, [projects, navigate])
}

const NoProjects = () => (
  <main className="mx-auto flex w-full max-w-160 flex-col gap-4 overflow-y-auto p-4 pt-[12vh]">
    <h1 className="font-medium text-xl">Nothing logged yet</h1>
    <p className="text-ink-2">Three lines in a training are enough:</p>
    <FirstLines project="my_project" />
    <WaitingForRun />
  </main>
)

function Refused({ problem }: { problem: TrackerProblem }) {
  if (problem.status !== 401) return <Notice title="The tracker refuses">{problem.message}</Notice>
  return (
    <Notice
      title="This tracker asks for a token"
      ways={
        <Button look="accent" onClick={() => setTokenNeed('yes', { isAsked: true })}>
          Enter the token
        </Button>
      }
    />
  )
}

function Projects({ projects }: { projects: Project[] }) {
  const search = useSearch({ strict: false }) as Search
  const navigate = useNavigate()
  const [text, setText] = useState(search.q ?? '')
  const tags = useMemo(() => readTagList(search.tags), [search.tags])
  const order = (['name', 'runs'].includes(search.sort ?? '') ? search.sort : 'activity') as ProjectOrder
  const [edited, setEdited] = useState<string | null>(null)
  const [deleted, setDeleted] = useState<Project | null>(null)
  const [isTaught, setTaught] = useState(false)
  const field = useRef<HTMLInputElement>(null)
  const rows = useRef<RowsHandle>(null)
  const isNarrow = useIsNarrow()

  const setSearch = (fields: Search) =>
    void navigate({ to: '.', replace: true, search: (before: Search) => ({ ...before, ...fields }) })
  const setTags = (next: string[]) => setSearch({ tags: writeTagList(next) })
  // biome-ignore lint/correctness/useExhaustiveDependencies: only what is typed is written
  useEffect(() => {
    if (text === (search.q ?? '')) return
    const timer = setTimeout(() => setSearch({ q: text || undefined }), 300)
    return () => clearTimeout(timer)
  }, [text])

  const shown = useMemo(() => listProjects(projects, { text, tags, order }), [projects, text, tags, order])
  useActions([
    { id: 'next-project', title: 'Next project', section: 'Projects', keys: 'j', run: () => rows.current?.move(1) },
    { id: 'last-project', title: 'Project before', section: 'Projects', keys: 'k', run: () => rows.current?.move(-1) },
    { id: 'find-project', title: 'Search projects', section: 'Projects', keys: '/', run: () => field.current?.focus() },
    { id: 'how-to-log', title: 'How to log a run', section: 'Projects', run: () => setTaught(true) },
  ])

  return (
    <main className="flex min-h-0 flex-1 flex-col">
      <div className="flex shrink-0 flex-wrap items-center gap-2 border-line border-b px-3 py-2">
        <h1 className="font-medium text-lg">
          Projects{' '}
          <span className="font-normal text-ink-2 text-sm" role="status">
            {shown.length === projects.length ? projects.length : `${shown.length} of ${projects.length}`}
          </span>
        </h1>
        <TextField
          ref={field}
          label="Search projects"
          placeholder="Name, tag or notes  /"
          icon={<SearchIcon />}
          value={text}
          onChange={({ target }) => setText(target.value)}
          onKeyDown={(event) => {
            if (event.key === 'Escape') setText('')
            if (event.key !== 'ArrowDown' && event.key !== 'Enter') return
            event.preventDefault()
            rows.current?.move(1)
          }}
          className="w-64 max-sm:w-auto max-sm:flex-1"
        />
        {tags.map((tag) => (
          <Button
            key={tag}
            look="outline"
            aria-label={`Any tag instead of ${tag}`}
            onClick={() => setTags(tags.filter((other) => other !== tag))}
          >
            <span className="max-w-40 truncate">{tag}</span>
            <X aria-hidden className="size-3" />
          </Button>
        ))}
        <Button className="ml-auto" onClick={() => setTaught(true)}>
          How to log
        </Button>
      </div>
      {shown.length === 0 ? (
        <Notice
          title="No project fits"
          ways={
            <Button
              look="outline"
              onClick={() => {
                setText('')
                setSearch({ q: undefined, tags: undefined })
              }}
            >
              Show all {projects.length}
            </Button>
          }
        >
          {text !== '' && (
            <p>
              Nothing has “<span className="break-all">{text}</span>” in its name, tags or notes
              {tags.length > 0 && ', among those with the tags that are chosen'}.
            </p>
          )}
          {text === '' && <p>No project has all of these tags.</p>}
        </Notice>
      ) : (
        <VirtualRows
          ref={rows}
          label="Projects"
          count={shown.length}
          rowHeight={isNarrow ? 56 : 40}
          className={projectGrid}
          head={
            <ProjectHead
              order={order}
              onOrder={(next) => setSearch({ sort: next === 'activity' ? undefined : next })}
            />
          }
          keyOf={(at) => shown[at]!.name}
          row={(at) => (
            <ProjectRow
              project={shown[at]!}
              onTag={(tag) => setTags([...new Set([...tags, tag])])}
              onEdit={() => setEdited(shown[at]!.name)}
              onDelete={() => setDeleted(shown[at]!)}
            />
          )}
        />
      )}
      <EditProjectDialog project={edited} onClose={() => setEdited(null)} />
      <DeleteProjectDialog project={deleted} onClose={() => setDeleted(null)} />
      <Dialog title="How to log a run" isOpen={isTaught} onClose={() => setTaught(false)} width="w-160">
        <FirstLines project="my_project" />
      </Dialog>
    </main>
  )
}

const Skeleton = () => (
  <div aria-hidden className="min-h-0 flex-1 overflow-hidden">
    <div className="h-[45px] border-line border-b" />
    {Array.from({ length: 12 }, (_, at) => (
      // biome-ignore lint/suspicious/noArrayIndexKey: they are all the same
      <div key={at} className="flex h-10 items-center border-line border-b px-3 max-md:h-14">
        <div className="h-3 w-48 rounded-[3px] bg-hover" />
      </div>
    ))}
  </div>
)
