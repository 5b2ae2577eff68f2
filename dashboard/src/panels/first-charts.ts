import { isCancelledError, type QueryClient } from '@tanstack/react-query'
import { TrackerProblem } from '../api/ask.ts'
import { metricsQuery, runsQuery } from '../api/queries.ts'
import { problemOf } from '../data/filter-problem.ts'
import { runsRequestOf } from '../data/runs-request.ts'
import { eyesOf, shownRuns } from '../data/shown-runs.ts'
import type { SeriesStore } from '../series/series-store.ts'
import type { View } from '../view/view.ts'
import { pointsFor } from './panel-lines.ts'
import { lookOf, lookViewOf } from './panel-look.ts'
import { type Section, sectionsOfView } from './sections.ts'

/** Pixels, as the page lays them out: its line at the top, the line of tools over the charts, a section's title. */
const headerHeight = 44
const toolsHeight = 40
const titleHeight = 32
/** A panel is this wide at least, pixels. */
export const panelWidthMin = 300
/** The page asks for what it shows within so long, ms; what it does not ask for by then was guessed wrongly. */
const heldMs = 5_000

/**
 * Which charts are in sight when a page of charts opens that is `width` × `height` pixels and has `left` pixels beside them,
 * and how wide each is, told without laying anything out. A guess: the page goes by what it measures as soon as it can.
 */
export function chartsInSight(
  sections: readonly Section[],
  { closed, perRow, panelHeight }: Pick<View, 'closed' | 'perRow' | 'panelHeight'>,
  { width, height, left }: { width: number; height: number; left: number },
): { metrics: string[]; width: number } {
  const room = Math.max(1, width - left)
  const columns = perRow > 0 ? perRow : Math.max(1, Math.floor(room / panelWidthMin))
  const metrics: string[] = []
  let top = headerHeight + toolsHeight
  for (const section of sections) {
    top += titleHeight
    if (closed.includes(section.prefix)) continue
    for (let at = 0; at < section.metrics.length && top < height; at += columns) {
      metrics.push(...section.metrics.slice(at, at + columns))
      top += panelHeight
    }
    if (top >= height) break
  }
  return { metrics, width: room / columns }
}

/**
 * Asks for the lines of the charts that will be in sight, while the page that shows them is only being made: it finds them
 * there, or on their way. Problems are not told here: the page asks the same, and tells of them.
 */
export async function askFirstCharts(
  { project, series }: { project: string; series: SeriesStore },
  view: View,
  window: { width: number; height: number; left: number },
  queries: QueryClient,
): Promise<void> {
  if (problemOf(view.filter) !== null) return
  try {
    const [metrics, list] = await Promise.all([
      queries.fetchQuery(metricsQuery(project)),
      queries.fetchInfiniteQuery(runsQuery(project, runsRequestOf(view, []))),
    ])
    const runs = shownRuns(list.pages[0]!.runs, eyesOf(view)).map(({ name }) => name)
    const sections = sectionsOfView(
      metrics.map(({ metric }) => metric),
      view,
    )
    const sight = chartsInSight(sections, view, window)
    for (const metric of new Set(sight.metrics)) {
      const { x } = lookOf(metric, lookViewOf(view))
      const chart = series.chart({ metric, x, range: null, points: pointsFor(sight.width) })
      // What nobody watches is not asked for.
      const letGo = series.watch(chart, () => {})
      setTimeout(letGo, heldMs)
      series.want(chart, runs)
    }
  } catch (error) {
    // As said above; what is not needed any more is let go.
    if (!(error instanceof TrackerProblem || isCancelledError(error))) throw error
  }
}
