import { useMemo } from 'react'
import type { RunDetails } from '../api/queries.ts'
import { runStyle } from '../data/run-style.ts'
import type { ShownRun } from '../data/shown-runs.ts'
import { Panels } from '../panels/panels.tsx'
import { Nothing } from './section.tsx'

/** All charts of one run, in the colour that it has everywhere. */
export function ChartsTab({ run }: { run: RunDetails }) {
  const { name, display_name, number, created_at } = run
  const runs = useMemo(
    (): ShownRun[] => [
      {
        name,
        title: display_name ?? name,
        style: runStyle(number),
        group: undefined,
        groupStyle: undefined,
        createdMs: Date.parse(created_at),
      },
    ],
    [name, display_name, number, created_at],
  )
  // What the metrics came to changes with every point, and is no reason to lay out the charts anew.
  const names = JSON.stringify(run.metrics.map(({ metric }) => metric).sort())
  const metrics = useMemo(() => JSON.parse(names) as string[], [names])
  if (metrics.length === 0) {
    return (
      <div className="p-4">
        <Nothing>
          {run.status === 'running'
            ? 'Nothing is logged yet; the first chart appears here by itself.'
            : 'This run has logged no metrics, so there is nothing to draw.'}
        </Nothing>
      </div>
    )
  }
  return <Panels runs={runs} metrics={metrics} />
}
