import type { Aggregate, Scale, Smoothing, View } from '../view/view.ts'

/** How one panel draws: the view, with what the panel has of its own. */
export interface PanelLook {
  x: string
  xScale: Scale
  yScale: Scale
  smoothing: Smoothing
  clip: boolean
  y: [number, number] | null
  aggregate: Aggregate | null
  isPinned: boolean
  wide: number
  tall: number
}

export type LookView = Pick<
  View,
  'x' | 'xScale' | 'yScale' | 'smoothing' | 'clipOutliers' | 'aggregate' | 'group' | 'panels' | 'pinnedPanels'
>

export const lookViewOf = (view: View): LookView => ({
  x: view.x,
  xScale: view.xScale,
  yScale: view.yScale,
  smoothing: view.smoothing,
  clipOutliers: view.clipOutliers,
  aggregate: view.aggregate,
  group: view.group,
  panels: view.panels,
  pinnedPanels: view.pinnedPanels,
})

export function lookOf(metric: string, view: LookView): PanelLook {
  const own = view.panels[metric] ?? {}
  return {
    x: view.x,
    xScale: view.xScale,
    yScale: own.yScale ?? view.yScale,
    smoothing: own.smoothing ?? view.smoothing,
    clip: own.clipOutliers ?? view.clipOutliers,
    y: own.y ?? null,
    aggregate: view.group.length > 0 ? view.aggregate : null,
    isPinned: view.pinnedPanels.includes(metric),
    wide: own.wide ?? 1,
    tall: own.tall ?? 1,
  }
}
