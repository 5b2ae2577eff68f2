import { Plus } from 'lucide-react'
import { useMemo } from 'react'
import { moveColumn, variedColumns } from '../data/columns.ts'
import { useActions } from '../keys/actions.ts'
import { Button } from '../ui/button.tsx'
import { toast } from '../ui/toasts.tsx'
import { useViewStore } from '../view/use-view.ts'
import { axisOf, leftOver, type WantedScale } from './axes.ts'
import { type Brush, brushed, readBrushes, writeBrushes } from './brushing.ts'
import { ColourLegend } from './colour-legend.tsx'
import { colourByField, colourByRun } from './colouring.ts'
import { readIds, useCompareSearch, writeIds } from './compare-search.ts'
import { Explanation, Loading } from './explanation.tsx'
import { FieldChoice } from './field-choice.tsx'
import { plotValues, shortLabel } from './fields.ts'
import { ParallelPlot } from './parallel-plot.tsx'
import { useChartTheme } from './use-chart-theme.ts'
import { useHeadlines, usePlotData } from './use-plot-data.ts'
import { ValuesTable } from './values-table.tsx'

interface Props {
  project: string
  names: readonly string[]
  onChoose: (names: string[]) => void
}

/** Each run a line over many axes: which settings lead where, and which runs are left when one asks for some of them. */
export function ParallelTab({ project, names, onChoose }: Props) {
  const [search, change] = useCompareSearch()
  const { isDark } = useChartTheme()
  const store = useViewStore()
  const { headlines, isLoading: isNaming } = useHeadlines(project)
  const chosen = useMemo(() => readIds(search.axes), [search.axes])
  const target = headlines[0]
  const colour = search.colour ?? target ?? 'run'
  const { runs, shown, fields, isLoading, error } = usePlotData(project, names, [...(chosen ?? [target]), colour])
  const ids = useMemo(
    () =>
      chosen ?? [...(variedColumns(runs).length > 0 ? variedColumns(runs) : ['duration']), ...(target ? [target] : [])],
    [chosen, runs, target],
  )
  const scales = useMemo(() => readScales(search.scales), [search.scales])
  const brushes = useMemo(() => readBrushes(search.brush), [search.brush])
  const columns = useMemo(() => ids.map((id) => plotValues(runs, id)), [ids, runs])
  const axes = useMemo(
    () => ids.map((id, at) => axisOf(id, columns[at]!, scales[id] ?? 'auto')),
    [ids, columns, scales],
  )
  const kept = useMemo(() => brushed(axes, columns, brushes, runs.length), [axes, columns, brushes, runs.length])
  const colouring = useMemo(
    () =>
      colour === 'run'
        ? colourByRun(
            shown.map(({ style }) => style),
            isDark,
          )
        : colourByField(colour, plotValues(runs, colour), isDark),
    [colour, shown, runs, isDark],
  )
  const places = useMemo(() => runs.flatMap((_, at) => (kept[at] ? [at] : [])), [runs, kept])
  const isBrushed = ids.some((id) => brushes[id])
  const setIds = (next: string[]) => change({ axes: writeIds(next) || undefined })
  const onBrush = (id: string, brush: Brush | undefined) => {
    const others = omit(brushes, id)
    change({ brush: writeBrushes(brush ? { ...others, [id]: brush } : others) })
  }
  const clear = () => change({ brush: undefined })
  useActions([{ id: 'compare-clear', title: 'Clear all brushes', section: 'Compare', keys: 'b', run: clear }])
  const keptNames = places.map((at) => runs[at]!.name)
  const solo = () => {
    store.change(`show only ${keptNames.length} brushed runs`, { solo: keptNames })
    toast({
      text: `The workspace shows only these ${keptNames.length} runs`,
      action: { label: 'Undo', run: store.undo.bind(store) },
    })
  }

  if (runs.length === 0) {
    if (error) return <Explanation>The runs can't be read: {error.message}</Explanation>
    return isLoading || isNaming ? <Loading /> : <Explanation>None of these runs is there.</Explanation>
  }
  const lacking = axes.filter((axis) => leftOver(axis) !== '')
  return (
    <div className="flex flex-col gap-2 py-2">
      <div className="flex flex-wrap items-center gap-2 px-3">
        <FieldChoice
          label="Add an axis"
          fields={fields.filter(({ id }) => !ids.includes(id))}
          onChoose={(id) => setIds([...ids, id])}
          trigger={
            <Button look="outline" className="[&_svg]:size-3.5">
              <Plus aria-hidden /> Axis
            </Button>
          }
        />
        <FieldChoice
          label="Colour by"
          fields={fields}
          value={colour}
          others={[{ id: 'run', label: 'run' }]}
          onChoose={(id) => change({ colour: id })}
        />
        <ColourLegend colouring={colouring} isDark={isDark} />
      </div>
      {axes.length === 0 ? (
        <Explanation>No axis is left. Add one above, or compare runs that have a config or metrics.</Explanation>
      ) : (
        <ParallelPlot
          runs={shown}
          axes={axes}
          columns={columns}
          colours={colouring.colours}
          kept={kept}
          brushes={brushes}
          scales={scales}
          onBrush={onBrush}
          onScale={(id, scale) => change({ scales: writeScales({ ...scales, [id]: scale }) })}
          onMove={(id, by) => setIds(moveColumn(ids, id, by))}
          onRemove={(id) => {
            const rest = ids.filter((one) => one !== id)
            change({ axes: rest.length > 0 ? writeIds(rest) : ',', brush: writeBrushes(omit(brushes, id)) })
          }}
        />
      )}
      {lacking.length > 0 && (
        <p className="break-all px-3 text-ink-3 text-xs">
          Below the axes: {lacking.map((axis) => `${shortLabel(axis.id)} (${leftOver(axis)})`).join(', ')}
        </p>
      )}
      <div className="flex flex-wrap items-center gap-2 px-3">
        <span role="status" className="text-sm">
          {isBrushed
            ? `${places.length} of ${runs.length} runs pass the brushes`
            : `${runs.length === 1 ? 'One run' : `All ${runs.length} runs`}. Drag along an axis to choose among them.`}
        </span>
        {isBrushed && (
          <>
            <Button look="outline" onClick={clear}>
              Clear brushes
            </Button>
            <Button look="outline" disabled={places.length === 0} onClick={() => onChoose(keptNames)}>
              Compare only these
            </Button>
            <Button look="outline" disabled={places.length === 0} onClick={solo}>
              Show only these in the workspace
            </Button>
          </>
        )}
      </div>
      <ValuesTable caption="Runs that pass the brushes" ids={ids} columns={columns} runs={shown} places={places} />
    </div>
  )
}

function omit<Value>(record: Readonly<Record<string, Value>>, key: string): Record<string, Value> {
  const { [key]: _, ...rest } = record
  return rest
}

/** `log:config.lr,linear:config.width`. */
const writeScales = (scales: Record<string, WantedScale>): string | undefined =>
  writeIds(Object.entries(scales).flatMap(([id, scale]) => (scale === 'auto' ? [] : [`${scale}:${id}`]))) || undefined

const readScales = (text: string | undefined): Record<string, WantedScale> =>
  Object.fromEntries(
    (readIds(text) ?? []).flatMap((one): [string, WantedScale][] => {
      const [, scale, id] = /^(log|linear):(.+)$/s.exec(one) ?? []
      return scale && id ? [[id, scale as WantedScale]] : []
    }),
  )
