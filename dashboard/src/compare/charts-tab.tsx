import { useMemo } from 'react'
import type { Run } from '../api/queries.ts'
import { asShown } from '../data/shown-runs.ts'
import { Panels } from '../panels/panels.tsx'
import { useView } from '../view/use-view.ts'

/** All metrics of the compared runs, over each other. */
export function ChartsTab({ runs }: { runs: Run[] }) {
  const eyes = useView(({ group, colourBy }) => ({ group, colourBy }))
  const now = asShown(runs, eyes)
  const signature = JSON.stringify(now)
  // biome-ignore lint/correctness/useExhaustiveDependencies: points that come in are no reason to draw all charts anew
  const shown = useMemo(() => now, [signature])
  return <Panels runs={shown} />
}
