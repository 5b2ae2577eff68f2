/** How a person has set the page up for a project: what the address holds, and what is saved under a name. */
export interface View {
  /** In the filter language of the API; '' for all runs. */
  filter: string
  /** As the API takes it: `-metric:val/acc:max,name`; '' for newest first. */
  sort: string
  /** Columns of the run table after the name, by id (data/columns.ts): `config.lr`, `metric:val/acc:max`. */
  columns: string[]
  /** Those of `columns` that stay when the table scrolls sideways. */
  pinned: string[]
  /** Pixels, of columns that were resized. */
  widths: Record<string, number>
  /** What the run table and the charts group by: `config.optimizer`, `tags`, `group`, `job_type`, `status`. */
  group: string[]
  /** Groups of which the run table shows the first line alone, by name. */
  closedGroups: string[]
  /** Names of runs that stand before all others in the run table. */
  pinnedRuns: string[]
  /** In groups: each run its own colour, or each group one. */
  colourBy: 'run' | 'group'
  /** So many runs of the list are drawn without being asked for. */
  shown: number
  /** Names of runs drawn besides, and of those that are not. */
  eyesOn: string[]
  eyesOff: string[]
  /** When not empty, only these are drawn. */
  solo: string[]

  /** A regular expression; '' for all metrics. */
  metrics: string
  x: string
  xScale: Scale
  yScale: Scale
  smoothing: Smoothing
  /** Leave the highest and lowest values out of the y range. */
  clipOutliers: boolean
  aggregate: Aggregate
  /** What differs from the above for a single metric. */
  panels: Record<string, PanelView>
  /** Prefixes of sections that are closed. */
  closed: string[]
  /** Metrics shown before all sections. */
  pinnedPanels: string[]
  /** Panels side by side; 0: as many as fit. */
  perRow: number
  /** Pixels. */
  panelHeight: number
  /** Pixels of the run list; 0: hidden, `full`: the run table alone. */
  tableWidth: number | 'full'
  /** The part of x that is looked at, by section. */
  ranges: Record<string, [number, number]>
}

export type Scale = 'linear' | 'log' | 'symlog'

/** `amount`: 0 is none, 1 all; what it means to each kind is in series/smooth.ts. */
export interface Smoothing {
  kind: 'time-ema' | 'ema' | 'gaussian' | 'mean'
  amount: number
}

export interface Aggregate {
  line: 'mean' | 'median'
  band: 'none' | 'minmax' | 'std' | 'stderr' | 'ci95'
}

export interface PanelView {
  yScale?: Scale
  smoothing?: Smoothing
  clipOutliers?: boolean
  /** Fixed ends of the y axis. */
  y?: [number, number]
  /** Rows and columns of the grid that it takes, where that is not one. */
  wide?: number
  tall?: number
}

export const defaultView: View = {
  filter: '',
  sort: '',
  columns: ['status', 'created'],
  pinned: [],
  widths: {},
  group: [],
  closedGroups: [],
  pinnedRuns: [],
  colourBy: 'run',
  shown: 50,
  eyesOn: [],
  eyesOff: [],
  solo: [],
  metrics: '',
  x: 'step',
  xScale: 'linear',
  yScale: 'linear',
  smoothing: { kind: 'time-ema', amount: 0 },
  clipOutliers: false,
  aggregate: { line: 'mean', band: 'minmax' },
  panels: {},
  closed: [],
  pinnedPanels: [],
  perRow: 0,
  panelHeight: 220,
  tableWidth: 360,
  ranges: {},
}
