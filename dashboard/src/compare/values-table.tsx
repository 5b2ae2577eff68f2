import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import type { ShownRun } from '../data/shown-runs.ts'
import { useFeed } from '../live/use-feed.ts'
import type { Search } from '../router.tsx'
import { Button } from '../ui/button.tsx'
import { RunLine } from '../ui/run-line.tsx'
import { highlightRun } from '../view/highlight.ts'
import { fieldLabel, formatField, type PlotValue } from './fields.ts'

const rowsAtFirst = 50

interface Props {
  caption: string
  ids: readonly string[]
  columns: readonly (readonly PlotValue[])[]
  runs: readonly ShownRun[]
  /** The places of those that are listed, in this order. */
  places: readonly number[]
}

/** The numbers behind a plot: for who can't see it, and for who wants to read them. */
export function ValuesTable({ caption, ids, columns, runs, places }: Props) {
  const { project } = useFeed()
  const [isWhole, setWhole] = useState(false)
  const listed = isWhole ? places : places.slice(0, rowsAtFirst)
  return (
    <div className="overflow-x-auto" onPointerLeave={() => highlightRun(null)}>
      <table className="min-w-full text-sm">
        <caption className="sr-only">{caption}</caption>
        <thead>
          <tr className="border-line border-b text-left text-ink-2">
            <th scope="col" className="h-7 px-3 font-normal">
              Run
            </th>
            {ids.map((id, at) => (
              <th
                key={id}
                scope="col"
                title={fieldLabel(id)}
                className={`h-7 max-w-48 truncate px-3 font-normal ${isNumeric(columns[at]!) ? 'text-right' : ''}`}
              >
                {fieldLabel(id)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {listed.map((at) => {
            const run = runs[at]!
            return (
              <tr
                key={run.name}
                data-run={run.name}
                className="border-line border-b hover:bg-hover"
                onPointerEnter={() => highlightRun(run.name)}
              >
                <th scope="row" className="h-7 max-w-64 px-3 text-left font-normal">
                  <span className="flex items-center gap-2">
                    <RunLine style={run.style} />
                    <Link
                      to="/projects/$project/runs/$run"
                      params={{ project, run: run.name }}
                      search={({ tab: _, ...rest }: Search) => rest}
                      title={run.title}
                      className="min-w-0 truncate hover:underline"
                    >
                      {run.title}
                    </Link>
                  </span>
                </th>
                {ids.map((id, column) => {
                  const value = columns[column]![at]
                  const isBroken = typeof value === 'number' && !Number.isFinite(value)
                  return (
                    <td
                      key={id}
                      title={formatField(id, value)}
                      className={`max-w-48 truncate px-3 ${isNumeric(columns[column]!) ? 'text-right' : ''} ${isBroken ? 'text-failed' : value === undefined ? 'text-ink-3' : ''}`}
                    >
                      {formatField(id, value)}
                    </td>
                  )
                })}
              </tr>
            )
          })}
        </tbody>
      </table>
      {places.length > listed.length && (
        <Button className="m-1" onClick={() => setWhole(true)}>
          Show the other {places.length - listed.length}
        </Button>
      )}
    </div>
  )
}

const isNumeric = (values: readonly PlotValue[]) => values.every((value) => typeof value !== 'string')
