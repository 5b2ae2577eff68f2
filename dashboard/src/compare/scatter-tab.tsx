import { ArrowLeftRight } from 'lucide-react'
import { useMemo } from 'react'
import { variedColumns } from '../data/columns.ts'
import { IconButton } from '../ui/button.tsx'
import { axisOf, type WantedScale } from './axes.ts'
import { ColourLegend } from './colour-legend.tsx'
import { colourByField, colourByRun } from './colouring.ts'
import { useCompareSearch } from './compare-search.ts'
import { Explanation, Loading } from './explanation.tsx'
import { FieldChoice } from './field-choice.tsx'
import { plotValues } from './fields.ts'
import { scatterPoints, scatterWords } from './scatter-data.ts'
import { ScatterPlot } from './scatter-plot.tsx'
import { useChartTheme } from './use-chart-theme.ts'
import { useHeadlines, usePlotData } from './use-plot-data.ts'
import { ValuesTable } from './values-table.tsx'

/** Any two values of the runs against each other, coloured by a third. */
export function ScatterTab({ project, names }: { project: string; names: readonly string[] }) {
  const [search, change] = useCompareSearch()
  const { isDark } = useChartTheme()
  const { headlines, isLoading: isNaming } = useHeadlines(project)
  const idY = search.py ?? headlines[0] ?? 'duration'
  const colour = search.pc ?? 'run'
  const { runs, shown, fields, isLoading, error } = usePlotData(project, names, [search.px, idY, colour])
  const idX = search.px ?? variedColumns(runs)[0] ?? 'created'
  const scaleX = readScale(search.pxs)
  const scaleY = readScale(search.pys)
  const xs = useMemo(() => plotValues(runs, idX), [runs, idX])
  const ys = useMemo(() => plotValues(runs, idY), [runs, idY])
  const x = useMemo(() => axisOf(idX, xs, scaleX), [idX, xs, scaleX])
  const y = useMemo(() => axisOf(idY, ys, scaleY), [idY, ys, scaleY])
  const { points, unset, offScale } = useMemo(() => scatterPoints(x, y, xs, ys), [x, y, xs, ys])
  const words = useMemo(() => scatterWords(x, y, xs, ys), [x, y, xs, ys])
  const zs = useMemo(() => (colour === 'run' ? null : plotValues(runs, colour)), [runs, colour])
  const colouring = useMemo(
    () =>
      zs
        ? colourByField(colour, zs, isDark)
        : colourByRun(
            shown.map(({ style }) => style),
            isDark,
          ),
    [zs, colour, shown, isDark],
  )
  if (runs.length === 0) {
    if (error) return <Explanation>The runs can't be read: {error.message}</Explanation>
    return isLoading || isNaming ? <Loading /> : <Explanation>None of these runs is there.</Explanation>
  }
  const told = [
    { id: idX, values: xs },
    { id: idY, values: ys },
    ...(zs && colour !== idX && colour !== idY ? [{ id: colour, values: zs }] : []),
  ].filter(({ id }, at, all) => all.findIndex((one) => one.id === id) === at)
  const aside = [
    offScale > 0 &&
      `${offScale === 1 ? '1 run has no place on the scales and stands' : `${offScale} runs have no place on the scales and stand`} beside them`,
    unset > 0 && `${unset} lack${unset === 1 ? 's' : ''} one of the two and ${unset === 1 ? 'is' : 'are'} not drawn`,
  ].filter(Boolean)
  return (
    <div className="flex flex-col gap-2 py-2">
      <div className="flex flex-wrap items-center gap-2 px-3">
        <FieldChoice label="x" fields={fields} value={idX} onChoose={(px) => change({ px, pxs: undefined })} />
        <ScaleSwitch name="x" kind={x.kind} onChange={(pxs) => change({ pxs })} />
        <IconButton
          label="Exchange x and y"
          onClick={() => change({ px: idY, py: idX, pxs: search.pys, pys: search.pxs })}
        >
          <ArrowLeftRight />
        </IconButton>
        <FieldChoice label="y" fields={fields} value={idY} onChoose={(py) => change({ py, pys: undefined })} />
        <ScaleSwitch name="y" kind={y.kind} onChange={(pys) => change({ pys })} />
        <FieldChoice
          label="Colour by"
          fields={fields}
          value={colour}
          others={[{ id: 'run', label: 'run' }]}
          onChoose={(pc) => change({ pc: pc === 'run' ? undefined : pc })}
        />
        <ColourLegend colouring={colouring} isDark={isDark} />
      </div>
      {points.length === 0 ? (
        <Explanation>No run has both of these values. Choose others above.</Explanation>
      ) : (
        <ScatterPlot runs={shown} x={x} y={y} points={points} colours={colouring.colours} told={told} words={words} />
      )}
      <p className="px-3 text-ink-2 text-sm" role="status">
        {words} {aside.length > 0 && `${aside.join('; ')}.`}
      </p>
      <ValuesTable
        caption={words}
        ids={told.map(({ id }) => id)}
        columns={told.map(({ values }) => values)}
        runs={shown}
        places={points.map(({ at }) => at)}
      />
    </div>
  )
}

const readScale = (text: string | undefined): WantedScale => (text === 'log' || text === 'linear' ? text : 'auto')

function ScaleSwitch({
  name,
  kind,
  onChange,
}: {
  name: string
  kind: 'linear' | 'log' | 'category'
  onChange: (scale: WantedScale) => void
}) {
  if (kind === 'category') return null
  return (
    <label className="flex h-7 items-center gap-1 text-ink-2 text-sm">
      <input
        type="checkbox"
        aria-label={`Logarithmic ${name}`}
        className="accent-(--accent)"
        checked={kind === 'log'}
        onChange={({ target }) => onChange(target.checked ? 'log' : 'linear')}
      />
      log
    </label>
  )
}
