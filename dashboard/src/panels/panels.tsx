import type { ShownRun } from '../data/shown-runs.ts'

export function Panels({ runs }: { runs: ShownRun[] }) {
  return <p>{runs.length}</p>
}
