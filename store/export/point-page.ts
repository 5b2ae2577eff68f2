/** Some points of one run, in step order; among equal steps by metric (as in `metrics`), then as they arrived. */
export interface PointPage {
  run: string
  /** Names of metrics; may differ from those of the page before. */
  metrics: string[]
  /** Index into `metrics`, one a point. */
  metric: Uint32Array
  /** Whole numbers. */
  steps: Float64Array
  /** Milliseconds since the epoch, with microseconds as a fraction. */
  timestamps: Float64Array
  values: Float64Array
}
