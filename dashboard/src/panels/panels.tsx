import { useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { ChevronRight, RotateCcw } from 'lucide-react'
import { lazy, type ReactNode, Suspense, useCallback, useEffect, useMemo, useRef } from 'react'
import { metricsQuery } from '../api/queries.ts'
import type { ShownRun } from '../data/shown-runs.ts'
import { useActions } from '../keys/actions.ts'
import { onJump } from '../keys/jump.ts'
import { useFeed } from '../live/use-feed.ts'
import type { Search } from '../router.tsx'
import { Button } from '../ui/button.tsx'
import { ErrorBoundary } from '../ui/error-boundary.tsx'
import { useView, useViewStore } from '../view/use-view.ts'
import { markDrawn } from './drawn-marks.ts'
import { chartsInSight, panelWidthMin } from './first-charts.ts'
import { readPattern } from './metric-pattern.ts'
import { Panel } from './panel.tsx'
import { panelKey } from './panel-link.ts'
import { lookOf, lookViewOf, type PanelLook } from './panel-look.ts'
import { RangeLink } from './range-link.ts'
import { pinnedSection, prefixOf, type Section, sectionsOfView, titleOf } from './sections.ts'
import { Toolbar } from './toolbar.tsx'

const FullScreen = lazy(() => import('./full-screen.tsx').then(({ FullScreen }) => ({ default: FullScreen })))

interface Props {
  runs: readonly ShownRun[]
  /** The runs are still on their way: that none is here says nothing. */
  isWaiting?: boolean
  /** Only these metrics; without: all that the project has. */
  metrics?: readonly string[]
  /** Pixels of the page's width that are not theirs. */
  left?: number
  /** At the left end of the toolbar. */
  children?: ReactNode
}

/** Charts of all metrics for some runs, in sections; each reads its data when it is seen. */
export function Panels({ runs, isWaiting = false, metrics: only, left = 0, children }: Props) {
  const { project } = useFeed()
  const { data } = useQuery(metricsQuery(project))
  const all = useMemo(() => only ?? data?.map(({ metric }) => metric), [only, data])
  const search = useView(({ metrics, pinnedPanels }) => ({ metrics, pinnedPanels }))
  const problem = useMemo(() => readPattern(search.metrics).problem, [search])
  const sections = useMemo(() => sectionsOfView(all ?? [], search), [all, search])
  const inSight = useFirstInSight(sections, left)
  const fitting = useMemo(() => [...new Set(sections.flatMap(({ metrics }) => metrics))], [sections])
  const [open, setOpen] = useOpenPanel()
  const looks = useLooks()
  const store = useViewStore()
  const links = useRangeLinks()
  const hands = useHands(links)

  useEffect(
    () =>
      onJump((metric) => {
        const section = prefixOf(metric)
        store.change(`show ${metric}`, ({ metrics, closed }) => ({
          metrics: readPattern(metrics).pattern?.test(metric) === false ? '' : metrics,
          closed: closed.filter((one) => one !== section),
        }))
      }),
    [store],
  )
  useActions([
    {
      id: 'full-screen',
      title: 'Full screen of the chart under the hand',
      section: 'Charts',
      keys: 'f',
      run: () => setOpen(panelUnderHand() ?? fitting[0] ?? null),
    },
  ])

  return (
    <div className="flex min-h-full flex-col">
      <Toolbar metrics={all ?? []} count={{ fit: fitting.length, all: all?.length ?? 0 }} problem={problem}>
        {children}
      </Toolbar>
      {all !== undefined && fitting.length === 0 && (
        <NoPanels hasMetrics={all.length > 0} onReset={() => store.change('metric search', { metrics: '' })} />
      )}
      {sections.map((section) => (
        <PanelSection
          key={section.prefix}
          section={section}
          runs={runs}
          isWaiting={isWaiting}
          inSight={inSight}
          lookOf={looks}
          link={links.of(section.prefix)}
          hands={hands}
          onOpen={setOpen}
        />
      ))}
      {open !== null && fitting.length > 0 && (
        <Suspense>
          <FullScreen
            metric={open}
            metrics={fitting}
            runs={runs}
            look={looks(open)}
            link={links.of(prefixOf(open))}
            onRange={hands.range(prefixOf(open))}
            onYRange={hands.yRange}
            onOpen={setOpen}
          />
        </Suspense>
      )}
    </div>
  )
}

interface SectionProps {
  section: Section
  runs: readonly ShownRun[]
  isWaiting: boolean
  inSight: ReadonlySet<string>
  lookOf: (metric: string) => PanelLook
  link: RangeLink
  hands: Hands
  onOpen: (metric: string) => void
}

function PanelSection({
  section: { prefix, metrics },
  runs,
  isWaiting,
  inSight,
  lookOf,
  link,
  hands,
  onOpen,
}: SectionProps) {
  const store = useViewStore()
  const isClosed = useView(({ closed }) => closed.includes(prefix))
  const range = useView(({ ranges }) => ranges[prefix] ?? null)
  const { perRow, panelHeight } = useView(({ perRow, panelHeight }) => ({ perRow, panelHeight }))
  useEffect(() => link.set(range, null), [link, range])
  const name = prefix === pinnedSection ? 'pinned' : prefix === '' ? 'charts' : prefix
  const toggle = () =>
    store.change(isClosed ? `open ${name}` : `close ${name}`, ({ closed }) => ({
      closed: isClosed ? closed.filter((one) => one !== prefix) : [...closed, prefix],
    }))
  const columns =
    perRow > 0 ? `repeat(${perRow}, minmax(0, 1fr))` : `repeat(auto-fill, minmax(min(100%, ${panelWidthMin}px), 1fr))`
  return (
    <section aria-label={name}>
      <h2 className="flex h-8 items-center gap-1 border-line border-b bg-sunken px-1">
        <button
          type="button"
          aria-expanded={!isClosed}
          onClick={toggle}
          className="flex h-7 min-w-0 items-center gap-1 rounded-(--radius) px-1.5 font-medium text-sm hover:bg-hover"
        >
          <ChevronRight className={`size-3.5 shrink-0 text-ink-3 ${isClosed ? '' : 'rotate-90'}`} />
          <span className="truncate">{name}</span>
          <span className="font-normal text-ink-3">{metrics.length}</span>
        </button>
        {range && (
          <Button onClick={() => hands.range(prefix)(null)}>
            <RotateCcw className="size-3" />
            all of x
          </Button>
        )}
      </h2>
      {!isClosed && (
        <div className="grid" style={{ gridTemplateColumns: columns }}>
          {metrics.map((metric) => (
            <ErrorBoundary key={metric} what={`The chart of ${metric}`}>
              <Panel
                metric={metric}
                title={prefix === pinnedSection ? metric : titleOf(metric)}
                runs={runs}
                isWaiting={isWaiting}
                isInSight={inSight.has(metric)}
                look={lookOf(metric)}
                link={link}
                height={panelHeight}
                onRange={hands.range(prefix)}
                onYRange={hands.yRange}
                onOpen={onOpen}
                onDrawn={markDrawn}
              />
            </ErrorBoundary>
          ))}
        </div>
      )}
    </section>
  )
}

function NoPanels({ hasMetrics, onReset }: { hasMetrics: boolean; onReset: () => void }) {
  return (
    <div className="grid flex-1 place-content-center justify-items-center gap-2 p-8 text-center text-ink-2">
      {hasMetrics ? (
        <>
          <p>No metric fits the search.</p>
          <Button look="outline" onClick={onReset}>
            Show all metrics
          </Button>
        </>
      ) : (
        <p>Nothing has been logged yet. Charts appear with the first point.</p>
      )}
    </div>
  )
}

/** The metrics whose charts are seen when the page opens, as far as can be told. */
function useFirstInSight(sections: readonly Section[], left: number): ReadonlySet<string> {
  const store = useViewStore()
  const found = useRef<ReadonlySet<string>>(new Set())
  if (found.current.size === 0 && sections.length > 0) {
    const sight = { width: innerWidth, height: innerHeight, left }
    found.current = new Set(chartsInSight(sections, store.view, sight).metrics)
  }
  return found.current
}

/** The same object for the same look, so that a panel is drawn anew only when its own has changed. */
function useLooks(): (metric: string) => PanelLook {
  const view = useView(lookViewOf)
  return useMemo(() => {
    const looks = new Map<string, PanelLook>()
    return (metric: string) => {
      const look = looks.get(metric) ?? lookOf(metric, view)
      looks.set(metric, look)
      return look
    }
  }, [view])
}

interface RangeLinks {
  of: (prefix: string) => RangeLink
}

function useRangeLinks(): RangeLinks {
  const links = useRef(new Map<string, RangeLink>())
  return useMemo(
    () => ({
      of: (prefix) => {
        const link = links.current.get(prefix) ?? new RangeLink()
        links.current.set(prefix, link)
        return link
      },
    }),
    [],
  )
}

interface Hands {
  range: (prefix: string) => (range: [number, number] | null) => void
  yRange: (metric: string, range: [number, number] | null) => void
}

/** What hands do to charts, for the view: the same functions always, or every panel would be drawn anew. */
function useHands(links: RangeLinks): Hands {
  const store = useViewStore()
  return useMemo(() => {
    const byPrefix = new Map<string, (range: [number, number] | null) => void>()
    return {
      range: (prefix) => {
        const known = byPrefix.get(prefix)
        if (known) return known
        const set = (range: [number, number] | null) => {
          links.of(prefix).set(range, null)
          store.change('zoom', ({ ranges: { [prefix]: _, ...others } }) => ({
            ranges: range ? { ...others, [prefix]: range } : others,
          }))
        }
        byPrefix.set(prefix, set)
        return set
      },
      yRange: (metric, y) =>
        store.change(`y of ${metric}`, ({ panels }) => {
          const { [metric]: { y: _, ...own } = {}, ...others } = panels
          if (y) return { panels: { ...panels, [metric]: { ...own, y } } }
          return { panels: Object.keys(own).length > 0 ? { ...panels, [metric]: own } : others }
        }),
    }
  }, [store, links])
}

/** The panel that is open over the page, which the address knows. */
function useOpenPanel(): [string | null, (metric: string | null) => void] {
  const search = useSearch({ strict: false }) as Search
  const navigate = useNavigate()
  const setOpen = useCallback(
    (metric: string | null) =>
      void navigate({
        to: '.',
        replace: true,
        resetScroll: false,
        search: (before: Search) => ({ ...before, [panelKey]: metric ?? undefined }),
      }),
    [navigate],
  )
  return [search[panelKey] ?? null, setOpen]
}

/** The chart that is pointed at, or that has the focus. */
function panelUnderHand(): string | null {
  const panel =
    document.querySelector<HTMLElement>('[data-panel]:hover') ??
    document.activeElement?.closest<HTMLElement>('[data-panel]') ??
    null
  return panel?.dataset.panel ?? null
}
