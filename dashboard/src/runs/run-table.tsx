import { useQuery } from '@tanstack/react-query'
import { ArrowLeftRight, Eye, EyeOff } from 'lucide-react'
import { type KeyboardEvent, lazy, type ReactNode, Suspense, useCallback, useMemo, useRef, useState } from 'react'
import { TrackerProblem } from '../api/ask.ts'
import { metricsQuery } from '../api/queries.ts'
import { useMayWrite } from '../api/use-may-write.ts'
import { problemOf, problemOfAnswer } from '../data/filter-problem.ts'
import { knownKeys } from '../data/known-keys.ts'
import { eyesOf, eyeTest, showFirst } from '../data/shown-runs.ts'
import { type GroupLine, type RunPlace, tableLines } from '../data/table-lines.ts'
import { useFeed } from '../live/use-feed.ts'
import { IconButton } from '../ui/button.tsx'
import { highlightRun } from '../view/highlight.ts'
import { useView, useViewStore } from '../view/use-view.ts'
import { defaultView } from '../view/view.ts'
import { ColumnPicker } from './column-picker.tsx'
import { FilterField } from './filter-field.tsx'
import { GroupChooser } from './group-chooser.tsx'
import { ListProblem, NoRuns, NothingFits } from './list-states.tsx'
import { GridSkeleton, RunGrid } from './run-grid.tsx'
import type { MenuPlace } from './run-menu.tsx'
import { type RowHands, rowHeight } from './run-row.tsx'
import { ShownControl } from './shown-control.tsx'
import { useChoice } from './use-choice.ts'
import { useColumnDeeds } from './use-column-deeds.ts'
import { useColumnLayout } from './use-column-layout.ts'
import { useRunActions } from './use-run-actions.ts'
import { useRunDeeds } from './use-run-deeds.ts'
import type { RunList } from './use-runs.ts'

const RunMenu = lazy(async () => ({ default: (await import('./run-menu.tsx')).RunMenu }))
const ChosenBar = lazy(async () => ({ default: (await import('./chosen-bar.tsx')).ChosenBar }))

interface Props {
  list: RunList
  /** Pixels: what there is from side to side. */
  width: number
  /** Widens it over the charts, or back; absent where there is only one width. */
  onWiden?: () => void
  isWide?: boolean
  /** What closes it, where it lies over something. */
  closer?: ReactNode
}

/** The runs of a project: a list beside the charts, or with more room the whole table. */
export function RunTable({ list, width, onWiden, isWide = false, closer }: Props) {
  const { runs, columns } = list
  const { project } = useFeed()
  const store = useViewStore()
  const eyes = useView(eyesOf)
  const { filter, sort } = useView(({ filter, sort }) => ({ filter, sort }))
  const folding = useView(({ group, pinnedRuns, closedGroups }) => ({ group, pinnedRuns, closedGroups }))
  const { data: metrics = [] } = useQuery(metricsQuery(project))
  const lines = useMemo(() => tableLines(runs, folding), [runs, folding])
  const layout = useColumnLayout(runs, columns, width)
  const choice = useChoice(lines)
  const deeds = useRunDeeds()
  const columnDeeds = useColumnDeeds(columns, runs)
  const { mayWrite } = useMayWrite()
  const scroller = useRef<HTMLDivElement>(null)
  const field = useRef<HTMLInputElement>(null)
  const [menu, setMenu] = useState<MenuPlace | null>(null)
  const [opened, setOpened] = useState<'columns' | 'groups' | null>(null)

  const known = () => knownKeys(runs, metrics)
  const places = useMemo(() => runs.map((run, at) => ({ run, at })), [runs])
  const chosen: RunPlace[] = useMemo(
    () => (choice.chosen.size === 0 ? [] : places.filter(({ run }) => choice.chosen.has(run.name))),
    [places, choice.chosen],
  )
  const shown = useMemo(() => {
    const isOn = eyeTest(eyes)
    return places.filter(({ run, at }) => isOn(run.name, at)).length
  }, [places, eyes])

  const onFilter = useCallback((next: string) => store.change('filter the runs', { filter: next }), [store])

  const hands = useHands({
    project,
    press: (line, event) => {
      scroller.current?.focus({ preventScroll: true })
      choice.stand(line.id)
      if (event.shiftKey) choice.upTo(line.run.name)
      else if (event.metaKey || event.ctrlKey) choice.toggle(line.run.name)
      else choice.only(line.run.name)
    },
    toggleEye: deeds.toggleEye,
    toggleChosen: (line, event) => {
      choice.stand(line.id)
      if (event.shiftKey) choice.upTo(line.run.name)
      else choice.toggle(line.run.name)
    },
    menu: (line, x, y) => {
      choice.stand(line.id)
      setMenu({ run: line.run, x, y })
    },
  })
  const onGroup = useStable((line: GroupLine) => {
    scroller.current?.focus({ preventScroll: true })
    choice.stand(line.id)
    deeds.toggleGroup(line.name)
  })
  const onGroupEye = useStable((line: GroupLine) => deeds.toggleEyes(line.name, line.members))

  const stand = (at: number) => {
    const line = lines[Math.max(0, Math.min(lines.length - 1, at))]
    if (!line) return
    choice.stand(line.id)
    highlightRun(line.kind === 'run' ? line.run.name : null)
    scroller.current?.focus({ preventScroll: true })
  }
  const current = lines.find(({ id }) => id === choice.current)
  const at = current ? lines.indexOf(current) : -1

  useRunActions({
    current,
    chosen: chosen.map(({ run }) => run.name),
    deeds,
    mayWrite,
    move: (by) => stand(at < 0 ? 0 : at + by),
    choose: choice.toggle,
    focusFilter: () => {
      field.current?.focus()
      field.current?.select()
    },
    openGroups: () => setOpened('groups'),
    openColumns: () => setOpened('columns'),
    widen: onWiden,
  })

  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>) => {
    if (event.target !== event.currentTarget || event.altKey || event.metaKey || event.ctrlKey) return
    const page = Math.max(1, Math.floor((event.currentTarget.clientHeight - 2 * rowHeight) / rowHeight))
    const moves: Record<string, number> = {
      ArrowDown: at + 1,
      ArrowUp: at < 0 ? 0 : at - 1,
      PageDown: at + page,
      PageUp: at - page,
      Home: 0,
      End: lines.length - 1,
    }
    const to = moves[event.key]
    if (to !== undefined) {
      event.preventDefault()
      stand(to)
      const line = lines[Math.max(0, Math.min(lines.length - 1, to))]
      if (event.shiftKey && line?.kind === 'run') choice.upTo(line.run.name)
    } else if (current?.kind === 'group' && (event.key === 'ArrowLeft' || event.key === 'ArrowRight')) {
      event.preventDefault()
      if (current.isClosed === (event.key === 'ArrowRight')) deeds.toggleGroup(current.name)
    } else if (event.key === 'ArrowLeft' || event.key === 'ArrowRight') {
      event.currentTarget.scrollBy({ left: event.key === 'ArrowLeft' ? -80 : 80 })
      event.preventDefault()
    } else if (event.key === 'Escape' && choice.chosen.size > 0) {
      event.preventDefault()
      choice.set([])
    } else if (event.key === 'ContextMenu' || (event.key === 'F10' && event.shiftKey)) {
      event.preventDefault()
      const row = current?.kind === 'run' ? document.getElementById(`run-row-${current.id}`) : null
      if (current?.kind !== 'run' || !row) return
      const { left, bottom } = row.getBoundingClientRect()
      setMenu({ run: current.run, x: left + 60, y: bottom })
    }
  }

  const isChosenAll = chosen.length > 0 && chosen.length === runs.length
  const filterError =
    list.error instanceof TrackerProblem ? list.error.fields.find((one) => one.field === 'query.filter') : undefined
  const hasNone = problemOf(filter) === null && !list.isLoading && !list.isStale && !list.error && runs.length === 0

  return (
    <div className="relative flex h-full min-h-0 flex-col bg-page">
      <div className="flex h-9 shrink-0 items-center gap-0.5 px-2">
        <ShownControl shown={shown} all={runs.length} isLoading={list.isLoading} isPartial={list.isPartial} />
        <span className="flex-1" />
        <GroupChooser
          known={known}
          isOpen={opened === 'groups'}
          onOpenChange={(isOpen) => setOpened(isOpen ? 'groups' : null)}
        />
        <ColumnPicker
          shown={columns}
          known={known}
          isOpen={opened === 'columns'}
          onOpenChange={(isOpen) => setOpened(isOpen ? 'columns' : null)}
          onToggle={columnDeeds.toggle}
        />
        {onWiden && (
          <IconButton
            label={isWide ? 'Table beside the charts' : 'Table alone'}
            aria-pressed={isWide}
            onClick={onWiden}
          >
            <ArrowLeftRight />
          </IconButton>
        )}
        {closer}
      </div>
      <div className="relative z-30 shrink-0 border-line border-b px-2 pb-2">
        <FilterField
          field={field}
          value={filter}
          onChange={onFilter}
          known={known}
          problem={filterError ? problemOfAnswer(filterError.message, filter) : null}
        />
        {list.isStale && (
          <span aria-hidden="true" className="absolute inset-x-0 -bottom-px h-px bg-accent motion-safe:animate-pulse" />
        )}
      </div>
      {list.isLoading ? (
        <GridSkeleton />
      ) : (
        <RunGrid
          scroller={scroller}
          runs={runs}
          lines={lines}
          layout={layout}
          eyes={eyes}
          sort={sort}
          choice={choice}
          hands={hands}
          columnDeeds={columnDeeds}
          onGroup={onGroup}
          onGroupEye={onGroupEye}
          onKeyDown={onKeyDown}
          corner={
            <>
              <button
                type="button"
                aria-label={
                  shown > 0 ? 'Hide all runs in charts' : `Show the first ${defaultView.shown} runs in charts`
                }
                title={shown > 0 ? 'Hide all' : `Show the first ${defaultView.shown}`}
                onClick={() =>
                  store.change(shown > 0 ? 'hide all runs' : 'show runs', showFirst(shown > 0 ? 0 : defaultView.shown))
                }
                className="inline-flex size-6 items-center justify-center rounded-[4px] text-ink-2 hover:bg-hover"
              >
                {shown > 0 ? <Eye className="size-3.5" /> : <EyeOff className="size-3.5" />}
              </button>
              <input
                type="checkbox"
                aria-label="Choose all runs"
                checked={isChosenAll}
                ref={(box) => {
                  if (box) box.indeterminate = chosen.length > 0 && !isChosenAll
                }}
                onChange={() => choice.set(isChosenAll ? [] : runs.map(({ name }) => name))}
                className="size-3.5 accent-accent"
              />
            </>
          }
        >
          {list.error && !filterError && <ListProblem error={list.error} onAgain={list.askAgain} />}
          {hasNone && (filter === '' ? <NoRuns /> : <NothingFits filter={filter} onFilter={onFilter} />)}
        </RunGrid>
      )}
      {chosen.length > 0 && (
        <Suspense>
          <ChosenBar places={chosen} tags={() => known().tags} deeds={deeds} onClear={() => choice.set([])} />
        </Suspense>
      )}
      {menu && (
        <Suspense>
          <RunMenu
            place={menu}
            deeds={deeds}
            isPinned={folding.pinnedRuns.includes(menu.run.name)}
            isChosen={choice.chosen.has(menu.run.name)}
            isSolo={eyes.solo.length === 1 && eyes.solo[0] === menu.run.name}
            mayWrite={mayWrite}
            onChoose={choice.toggle}
            onClose={() => setMenu(null)}
          />
        </Suspense>
      )}
    </div>
  )
}

/** The same function from one drawing to the next, which does what the newest would. */
function useStable<Args extends unknown[]>(deed: (...args: Args) => void): (...args: Args) => void {
  const latest = useRef(deed)
  latest.current = deed
  return useCallback((...args: Args) => latest.current(...args), [])
}

function useHands(hands: RowHands): RowHands {
  const press = useStable(hands.press)
  const toggleEye = useStable(hands.toggleEye)
  const toggleChosen = useStable(hands.toggleChosen)
  const menu = useStable(hands.menu)
  const { project } = hands
  return useMemo(
    () => ({ project, press, toggleEye, toggleChosen, menu }),
    [project, press, toggleEye, toggleChosen, menu],
  )
}
