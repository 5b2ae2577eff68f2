import { ChartLine, Columns3, Search, SlidersHorizontal } from 'lucide-react'
import { type ReactNode, useRef } from 'react'
import { axisName } from '../charts/axis-text.ts'
import { useActions } from '../keys/actions.ts'
import { Button } from '../ui/button.tsx'
import { TextField } from '../ui/field.tsx'
import { Menu, MenuCheck, MenuChoice, MenuItem, MenuLine, MenuTitle } from '../ui/menu.tsx'
import { useView, useViewStore } from '../view/use-view.ts'
import type { Aggregate, Scale, Smoothing } from '../view/view.ts'

const scales: [Scale, string][] = [
  ['linear', 'Linear'],
  ['log', 'Logarithmic'],
  ['symlog', 'Symmetric log'],
]
const smoothings: [Smoothing['kind'], string][] = [
  ['time-ema', 'Time-weighted EMA'],
  ['ema', 'EMA, debiased'],
  ['gaussian', 'Gaussian'],
  ['mean', 'Running mean'],
]
const middles: [Aggregate['line'], string][] = [
  ['mean', 'Mean'],
  ['median', 'Median'],
]
const bands: [Aggregate['band'], string][] = [
  ['minmax', 'Min to max'],
  ['std', '± standard deviation'],
  ['stderr', '± standard error'],
  ['ci95', '95 % confidence interval'],
  ['none', 'No band'],
]
const columnCounts = [0, 1, 2, 3, 4, 6]

/** How all panels are drawn, on one line. `metrics`: for choosing one as the x axis. */
export function Toolbar({
  metrics,
  count,
  problem,
  children,
}: {
  metrics: readonly string[]
  /** Panels that fit the search, of all. */
  count: { fit: number; all: number }
  problem: string | null
  /** What the page has to say before it. */
  children?: ReactNode
}) {
  const store = useViewStore()
  const view = useView(({ metrics, x, xScale, yScale, smoothing, clipOutliers, aggregate, group, perRow }) => ({
    metrics,
    x,
    xScale,
    yScale,
    smoothing,
    clipOutliers,
    aggregate,
    group,
    perRow,
  }))
  const search = useRef<HTMLInputElement>(null)
  const smoothBy = (by: number) =>
    store.change('smoothing', ({ smoothing }) => ({
      smoothing: { ...smoothing, amount: Math.round(Math.min(0.99, Math.max(0, smoothing.amount + by)) * 100) / 100 },
    }))
  useActions([
    {
      id: 'search-metrics',
      title: 'Search metrics',
      section: 'Charts',
      keys: 'm',
      run: () => search.current?.select(),
    },
    { id: 'smooth-less', title: 'Smooth less', section: 'Charts', keys: '[', run: () => smoothBy(-0.1) },
    { id: 'smooth-more', title: 'Smooth more', section: 'Charts', keys: ']', run: () => smoothBy(0.1) },
    {
      id: 'log-y',
      title: 'Logarithmic y axes, or linear again',
      section: 'Charts',
      keys: 'l',
      run: () => store.change('y axes', ({ yScale }) => ({ yScale: yScale === 'linear' ? 'log' : 'linear' })),
    },
    ...(['step', 'relative', 'time'] as const).map((x) => ({
      id: `x-${x}`,
      title: `X axis: ${axisName(x)}`,
      section: 'Charts',
      run: () => store.change('x axis', { x, ranges: {} }),
    })),
    {
      id: 'outliers',
      title: view.clipOutliers ? 'Show outliers' : 'Leave outliers out',
      section: 'Charts',
      run: () => store.change('outliers', ({ clipOutliers }) => ({ clipOutliers: !clipOutliers })),
    },
    {
      id: 'zoom-out',
      title: 'Show all of x again',
      section: 'Charts',
      keys: '0',
      words: 'zoom out back',
      run: () => store.change('zoom', { ranges: {} }),
    },
  ])
  const { smoothing, aggregate } = view
  return (
    <div role="toolbar" aria-label="Charts" className="sticky top-0 z-10 border-line border-b bg-page">
      <div className="flex min-h-10 flex-wrap items-center gap-1 px-2 py-1">
        {children}
        <TextField
          ref={search}
          label="Search metrics by regular expression"
          placeholder="metrics: loss|acc"
          icon={<Search />}
          hasError={problem !== null}
          value={view.metrics}
          onChange={(event) => store.change('metric search', { metrics: event.target.value })}
          onKeyDown={(event) => {
            if (event.key !== 'Escape') return
            if (view.metrics === '') event.currentTarget.blur()
            else store.change('metric search', { metrics: '' })
          }}
          className="w-48 max-sm:flex-1"
        />
        <span className="px-1 text-ink-3 text-sm" aria-live="polite">
          {count.fit === count.all ? count.all : `${count.fit}/${count.all}`}
        </span>
        <span className="flex-1 max-sm:hidden" />
        <Menu
          align="end"
          trigger={
            <Button>
              <ChartLine className="size-3.5" />
              x: {axisName(view.x)}
            </Button>
          }
        >
          <MenuTitle>X axis</MenuTitle>
          <MenuChoice
            value={view.x}
            options={[
              ['step', 'Step'],
              ['relative', 'Time since start'],
              ['time', 'Wall time'],
              ...axisMetrics(metrics, view.x).map((metric) => [`metric:${metric}`, metric] as const),
            ]}
            onChange={(x) => store.change('x axis', { x, ranges: {} })}
          />
          <MenuLine />
          <MenuTitle>Scale of x</MenuTitle>
          <MenuChoice value={view.xScale} options={scales} onChange={(xScale) => store.change('x scale', { xScale })} />
        </Menu>
        <Menu
          align="end"
          trigger={
            <Button aria-pressed={view.yScale !== 'linear' || view.clipOutliers}>
              y: {scales.find(([scale]) => scale === view.yScale)![1].toLowerCase()}
            </Button>
          }
        >
          <MenuTitle>Scale of y</MenuTitle>
          <MenuChoice value={view.yScale} options={scales} onChange={(yScale) => store.change('y axes', { yScale })} />
          <MenuLine />
          <MenuCheck
            isChecked={view.clipOutliers}
            onChange={(clipOutliers) => store.change('outliers', { clipOutliers })}
          >
            Leave outliers out
          </MenuCheck>
        </Menu>
        <span className="flex items-center">
          <Menu
            align="end"
            trigger={
              <Button title={smoothings.find(([kind]) => kind === smoothing.kind)![1]}>
                <SlidersHorizontal className="size-3.5" />
                smooth
              </Button>
            }
          >
            <MenuTitle>Smoothing</MenuTitle>
            <MenuChoice
              value={smoothing.kind}
              options={smoothings}
              onChange={(kind) =>
                store.change('smoothing', {
                  smoothing: { kind, amount: smoothing.amount === 0 ? 0.6 : smoothing.amount },
                })
              }
            />
          </Menu>
          <input
            type="range"
            aria-label="Amount of smoothing"
            min={0}
            max={0.99}
            step={0.01}
            value={smoothing.amount}
            onChange={(event) =>
              store.change('smoothing', { smoothing: { kind: smoothing.kind, amount: Number(event.target.value) } })
            }
            className="w-20 accent-(--accent)"
          />
          <output className="w-8 pl-1 text-ink-2 text-sm">{smoothing.amount}</output>
        </span>
        {view.group.length > 0 && (
          <Menu
            align="end"
            trigger={<Button aria-pressed>{`groups: ${aggregate.line}, ${bandWord(aggregate.band)}`}</Button>}
          >
            <MenuTitle>Line of a group</MenuTitle>
            <MenuChoice
              value={aggregate.line}
              options={middles}
              onChange={(line) => store.change('groups', { aggregate: { ...aggregate, line } })}
            />
            <MenuLine />
            <MenuTitle>Band</MenuTitle>
            <MenuChoice
              value={aggregate.band}
              options={bands}
              onChange={(band) => store.change('groups', { aggregate: { ...aggregate, band } })}
            />
          </Menu>
        )}
        <Menu
          align="end"
          trigger={
            <Button title="Charts a row" className="max-sm:hidden">
              <Columns3 className="size-3.5" />
              {view.perRow || 'auto'}
              <span className="sr-only">charts a row</span>
            </Button>
          }
        >
          <MenuTitle>Charts a row</MenuTitle>
          <MenuChoice
            value={String(view.perRow)}
            options={columnCounts.map((columns) => [
              String(columns),
              columns === 0 ? 'As many as fit' : String(columns),
            ])}
            onChange={(columns) => store.change('charts a row', { perRow: Number(columns) })}
          />
          <MenuLine />
          <MenuItem onSelect={() => store.change('height', ({ panelHeight }) => ({ panelHeight: panelHeight + 40 }))}>
            Taller
          </MenuItem>
          <MenuItem
            onSelect={() =>
              store.change('height', ({ panelHeight }) => ({ panelHeight: Math.max(120, panelHeight - 40) }))
            }
          >
            Less tall
          </MenuItem>
        </Menu>
      </div>
      {problem && (
        <p role="alert" className="px-3 pb-1 text-failed text-sm">
          {problem}
        </p>
      )}
    </div>
  )
}

const bandWord = (band: Aggregate['band']) =>
  ({ none: 'no band', minmax: 'min–max', std: '± std', stderr: '± stderr', ci95: '95 % CI' })[band]

/** A menu of two thousand metrics is none: those that are counted along, and the one chosen. */
function axisMetrics(metrics: readonly string[], x: string): string[] {
  const likely = metrics.filter((metric) =>
    /(^|[/_.])(epoch|tokens?|samples?|examples?|iter(ation)?s?|global_step|time|flops)([/_.]|$)/i.test(metric),
  )
  const chosen = /^metric:(.+)$/.exec(x)?.[1]
  const listed = metrics.length <= 20 ? [...metrics] : likely.slice(0, 20)
  return chosen && !listed.includes(chosen) ? [...listed, chosen] : listed
}
