import { Panels } from '../panels/panels.tsx'
import { RunTable } from '../runs/run-table.tsx'
import { useRuns, useShownRuns } from '../runs/use-runs.ts'
import { Header } from '../ui/header.tsx'

/** The place where one stays all day: runs on the left, their charts on the right. */
export function WorkspacePage() {
  const list = useRuns()
  const shown = useShownRuns(list.runs)
  return (
    <div className="flex h-full flex-col">
      <Header />
      <div className="flex min-h-0 flex-1">
        <RunTable list={list} />
        <main className="min-w-0 flex-1 overflow-y-auto">
          <Panels runs={shown} />
        </main>
      </div>
    </div>
  )
}
