import { useQuery } from '@tanstack/react-query'
import { PanelLeftOpen } from 'lucide-react'
import { lazy, Suspense, useDeferredValue } from 'react'
import { projectQuery } from '../api/queries.ts'
import { useActions } from '../keys/actions.ts'
import { useFeed } from '../live/use-feed.ts'
import { Panels } from '../panels/panels.tsx'
import { RunTable } from '../runs/run-table.tsx'
import { Splitter } from '../runs/splitter.tsx'
import { phoneWidth, tableWidthMax, tableWidthOn } from '../runs/table-width.ts'
import { useMeasured } from '../runs/use-measured.ts'
import { type RunList, useRuns, useShownRuns } from '../runs/use-runs.ts'
import { IconButton } from '../ui/button.tsx'
import { Header } from '../ui/header.tsx'
import { useView, useViewStore } from '../view/use-view.ts'
import { defaultView } from '../view/view.ts'

const RunSheet = lazy(async () => ({ default: (await import('../runs/run-sheet.tsx')).RunSheet }))
const ProjectEmpty = lazy(async () => ({ default: (await import('./project-empty.tsx')).ProjectEmpty }))

const waitingList: RunList = {
  runs: [],
  columns: [],
  isLoading: true,
  isPartial: false,
  isStale: false,
  error: null,
  askAgain: () => {},
}

/** The place where one stays all day: runs on the left, their charts on the right. */
export function WorkspacePage() {
  const list = useRuns()
  const shown = useShownRuns(list.runs)
  // Charts ask for their data first; the table is made while that is on its way.
  const tableList = useDeferredValue(list, waitingList)
  const { project } = useFeed()
  const { data: told } = useQuery(projectQuery(project))
  // A list may be empty for its filter, or for a moment: the project knows.
  const isEmpty = list.runs.length === 0 && !list.isLoading && told?.runs === 0
  const store = useViewStore()
  const tableWidth = useView((view) => view.tableWidth)
  const [box, width] = useMeasured()
  const isPhone = width > 0 && width < phoneWidth
  const isFull = !isPhone && tableWidth === 'full'
  const besides = tableWidthOn(tableWidth, width)
  const setWidth = (next: number | 'full') => store.change('resize the run list', { tableWidth: next })
  const widen = () =>
    store.change('widen the run table', ({ tableWidth: before }) => ({
      tableWidth: before === 'full' ? defaultView.tableWidth : 'full',
    }))

  const isHidden = width > 0 && !isPhone && besides === 0
  useActions(
    isHidden
      ? [
          {
            id: 'runs-show',
            title: 'Show the runs',
            section: 'Runs',
            keys: '/',
            run: () => setWidth(defaultView.tableWidth),
          },
        ]
      : [],
  )

  return (
    <div className="flex h-full flex-col">
      <Header />
      <div ref={box} className="flex min-h-0 flex-1">
        {width > 0 && !isPhone && (
          <aside aria-label="Runs" className="flex shrink-0">
            {besides > 0 && (
              <div className="min-w-0 shrink-0" style={{ width: besides }}>
                <RunTable list={tableList} width={besides} onWiden={widen} isWide={isFull} />
              </div>
            )}
            {!isFull && <Splitter width={besides} max={tableWidthMax(width)} onChange={setWidth} />}
          </aside>
        )}
        {!isFull && width > 0 && (
          <main className="relative flex min-w-0 flex-1 flex-col">
            {isHidden && (
              <IconButton
                label="Show the runs"
                look="outline"
                className="absolute bottom-3 left-3 z-20 bg-raised"
                onClick={() => setWidth(defaultView.tableWidth)}
              >
                <PanelLeftOpen />
              </IconButton>
            )}
            <div className="min-h-0 flex-1 overflow-y-auto">
              {isEmpty ? (
                <Suspense>
                  <ProjectEmpty />
                </Suspense>
              ) : (
                <Panels runs={shown} isWaiting={list.isLoading} left={besides} />
              )}
            </div>
            {isPhone && (
              <div className="h-12 shrink-0 border-line border-t p-1.5">
                <Suspense>
                  <RunSheet list={list} shown={shown.length} />
                </Suspense>
              </div>
            )}
          </main>
        )}
      </div>
    </div>
  )
}
