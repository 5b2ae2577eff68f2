import { useNavigate, useSearch } from '@tanstack/react-router'
import { Tabs } from 'radix-ui'
import type { ComponentType } from 'react'
import type { RunDetails } from '../api/queries.ts'
import { useActions } from '../keys/actions.ts'
import type { Search } from '../router.tsx'
import { ErrorBoundary } from '../ui/error-boundary.tsx'
import { Tab } from '../ui/tab.tsx'
import { ArtifactsTab } from './artifacts-tab.tsx'
import { ChartsTab } from './charts-tab.tsx'
import { OverviewTab } from './overview-tab.tsx'

/** What there is to see of a run, in this order. A tab more is a line more. */
const tabs: { id: string; title: string; keys: string; Content: ComponentType<{ run: RunDetails }> }[] = [
  { id: 'overview', title: 'Overview', keys: '1', Content: OverviewTab },
  { id: 'charts', title: 'Charts', keys: '2', Content: ChartsTab },
  { id: 'artifacts', title: 'Artifacts', keys: '3', Content: ArtifactsTab },
]

/** The tab that is open is in the address, as `tab=`. */
export function RunTabs({ run }: { run: RunDetails }) {
  const search = useSearch({ strict: false }) as Search
  const navigate = useNavigate()
  const open = tabs.find(({ id }) => id === search.tab) ?? tabs[0]!
  const choose = (id: string) =>
    void navigate({
      to: '.',
      replace: true,
      resetScroll: false,
      search: ({ artifact, ...rest }: Search) => ({
        ...rest,
        tab: id === tabs[0]!.id ? undefined : id,
        artifact: id === 'artifacts' ? artifact : undefined,
      }),
    })
  useActions(
    tabs.map(({ id, title, keys }) => ({
      id: `run-tab-${id}`,
      title: `${title} of the run`,
      section: 'Run',
      keys,
      run: () => choose(id),
    })),
  )
  return (
    <Tabs.Root value={open.id} onValueChange={choose} className="flex min-h-0 flex-1 flex-col">
      <Tabs.List
        aria-label="What there is of the run"
        className="flex shrink-0 gap-1 overflow-x-auto border-line border-b px-3"
      >
        {tabs.map(({ id, title }) => (
          <Tab key={id} value={id} className="-mb-px h-8 shrink-0">
            {title}
          </Tab>
        ))}
      </Tabs.List>
      {tabs.map(({ id, title, Content }) => (
        <Tabs.Content key={id} value={id} className="min-h-0 flex-1 overflow-y-auto focus-visible:-outline-offset-2">
          <ErrorBoundary what={`${title} of the run`} of={run.name}>
            <Content run={run} />
          </ErrorBoundary>
        </Tabs.Content>
      ))}
    </Tabs.Root>
  )
}
