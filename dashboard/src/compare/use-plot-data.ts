import { useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { metricsQuery, type ProjectMetric, type Run } from '../api/queries.ts'
import { headlineColumns } from '../data/columns.ts'
import { asShown, type ShownRun } from '../data/shown-runs.ts'
import { useView } from '../view/use-view.ts'
import { type Field, fieldsOf, metricsOf } from './fields.ts'
import { useComparedRuns } from './use-compared-runs.ts'

export interface PlotData {
  runs: Run[]
  /** The same as they are drawn. */
  shown: ShownRun[]
  fields: Field[]
  isLoading: boolean
  error: Error | null
}

const none: ProjectMetric[] = []

/** The fields by which people tell how a run went, the most telling first: what a plot begins with. */
export function useHeadlines(project: string): { headlines: string[]; isLoading: boolean; metrics: ProjectMetric[] } {
  const { data: metrics = none, isPending } = useQuery(metricsQuery(project))
  const headlines = useMemo(() => headlineColumns(metrics), [metrics])
  return { headlines, isLoading: isPending, metrics }
}

/** The compared runs with all that these fields need to be read. */
export function usePlotData(project: string, names: readonly string[], ids: readonly (string | undefined)[]): PlotData {
  const wanted = JSON.stringify(metricsOf(ids))
  const metrics = useMemo((): string[] => JSON.parse(wanted), [wanted])
  const { runs, isLoading, error } = useComparedRuns(names, metrics)
  const { metrics: all } = useHeadlines(project)
  const eyes = useView(({ group, colourBy }) => ({ group, colourBy }))
  const shown = useMemo(() => asShown(runs, eyes), [runs, eyes])
  const fields = useMemo(
    () =>
      fieldsOf(
        runs,
        all.map(({ metric }) => metric),
      ),
    [runs, all],
  )
  return { runs, shown, fields, isLoading, error }
}
