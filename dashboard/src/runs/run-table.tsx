import { colourOf, runStyle } from '../data/run-style.ts'
import { highlightRun } from '../view/highlight.ts'
import type { useRuns } from './use-runs.ts'

export function RunTable({ list }: { list: ReturnType<typeof useRuns> }) {
  return (
    <aside data-run-table className="w-80 overflow-y-auto border-line border-r">
      {list.runs.map((run) => (
        <div key={run.name} data-run={run.name} onPointerEnter={() => highlightRun(run.name)} className="truncate px-2">
          <span style={{ color: colourOf(runStyle(run.number)) }}>●</span> {run.name}
        </div>
      ))}
    </aside>
  )
}
