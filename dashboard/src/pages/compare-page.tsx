import { useParams } from '@tanstack/react-router'
import { Tabs } from 'radix-ui'
import { useMemo } from 'react'
import { ChartsTab } from '../compare/charts-tab.tsx'
import { useCompareSearch } from '../compare/compare-search.ts'
import { compareTabs, readTab } from '../compare/compare-tabs.ts'
import { Explanation, Loading } from '../compare/explanation.tsx'
import { ImportanceTab } from '../compare/importance-tab.tsx'
import { ParallelTab } from '../compare/parallel-tab.tsx'
import { RunChooser } from '../compare/run-chooser.tsx'
import { ScatterTab } from '../compare/scatter-tab.tsx'
import { SideBySide } from '../compare/side-by-side.tsx'
import { useComparedRuns } from '../compare/use-compared-runs.ts'
import { useActions } from '../keys/actions.ts'
import { useRuns, useShownRuns } from '../runs/use-runs.ts'
import { Header } from '../ui/header.tsx'
import { Tab } from '../ui/tab.tsx'
import { toast } from '../ui/toasts.tsx'

/** What an address may hold with the rest of it; trackers and proxies take some 16 KiB of it. */
const addressCharsMost = 10_000
const noMetrics: string[] = []

/** Runs set against each other: those of the address, or else those that the workspace shows. */
export function ComparePage() {
  const { project } = useParams({ from: '/projects/$project/compare' })
  const [search, change] = useCompareSearch()
  const list = useRuns()
  const shown = useShownRuns(list.runs)
  const own = search.runs
  const names = useMemo(
    () => (own === undefined ? shown.map(({ name }) => name) : [...new Set(own.split(',').filter(Boolean))]),
    [own, shown],
  )
  const { runs, missing } = useComparedRuns(names, noMetrics)
  const tab = readTab(search.tab)
  const choose = (next: string[] | null) => {
    const text = next?.join(',')
    if (text !== undefined && text.length > addressCharsMost) {
      toast({
        text: `${next!.length} names are more than an address holds: filter the runs in the workspace and compare those that it shows`,
        isProblem: true,
      })
      return
    }
    // A comma alone is a choice too: of none.
    change({ runs: text === '' ? ',' : text })
  }
  const open = (id: string) => change({ tab: id === compareTabs[0][0] ? undefined : id })
  useActions(
    compareTabs.map(([id, title], at) => ({
      id: `compare-${id}`,
      title: `Compare: ${title}`,
      section: 'Compare',
      keys: String(at + 1),
      run: () => open(id),
    })),
  )

  return (
    <div className="flex h-full flex-col">
      <Header />
      <Tabs.Root asChild value={tab} onValueChange={open}>
        <main className="flex min-h-0 flex-1 flex-col">
          <div className="flex shrink-0 flex-wrap items-center gap-x-4 border-line border-b px-3">
            <div className="flex h-10 items-center gap-2">
              <h1 className="whitespace-nowrap font-medium text-lg">
                Compare {names.length} run{names.length === 1 ? '' : 's'}
              </h1>
              <RunChooser names={names} isOwnChoice={own !== undefined} onChoose={choose} />
              {own === undefined && (
                <span className="text-ink-3 text-sm max-lg:hidden">those that the workspace shows</span>
              )}
            </div>
            <Tabs.List aria-label="Ways to compare" className="-mb-px flex min-w-0 gap-1 self-end overflow-x-auto">
              {compareTabs.map(([id, title]) => (
                <Tab key={id} value={id} className="h-9 shrink-0">
                  {title}
                </Tab>
              ))}
            </Tabs.List>
          </div>
          {missing.length > 0 && <Missing names={missing} onTakeOff={() => choose(without(names, missing))} />}
          <div className="min-h-0 flex-1">
            {names.length === 0 ? (
              own === undefined && list.isLoading ? (
                <Loading />
              ) : (
                <Explanation>
                  <p className="mb-2 text-ink text-lg">No run is chosen</p>
                  <p>
                    {own === undefined
                      ? 'The workspace shows none: choose some with “Runs” above, or open eyes in the list of runs.'
                      : 'Choose some with “Runs” above (or the key a).'}
                  </p>
                </Explanation>
              )
            ) : (
              compareTabs.map(([id]) => (
                <Tabs.Content key={id} value={id} tabIndex={-1} className="h-full min-h-0 overflow-y-auto outline-none">
                  {id === 'table' && <SideBySide names={names} onChoose={choose} />}
                  {id === 'charts' && <ChartsTab runs={runs} />}
                  {id === 'parallel' && <ParallelTab project={project} names={names} onChoose={choose} />}
                  {id === 'scatter' && <ScatterTab project={project} names={names} />}
                  {id === 'importance' && <ImportanceTab project={project} names={names} />}
                </Tabs.Content>
              ))
            )}
          </div>
        </main>
      </Tabs.Root>
    </div>
  )
}

const without = (names: readonly string[], taken: readonly string[]) => names.filter((name) => !taken.includes(name))

function Missing({ names, onTakeOff }: { names: readonly string[]; onTakeOff: () => void }) {
  const [first, ...rest] = names
  return (
    <p
      role="status"
      className="flex min-w-0 shrink-0 items-center gap-2 border-line border-b bg-sunken px-3 py-1 text-sm"
    >
      <span className="min-w-0 truncate">
        {rest.length === 0 ? `There is no run ${first}` : `There are no runs ${first} and ${rest.length} more`}:
        deleted, or named otherwise.
      </span>
      <button type="button" className="shrink-0 text-accent underline" onClick={onTakeOff}>
        Leave {rest.length === 0 ? 'it' : 'them'} out
      </button>
    </p>
  )
}
