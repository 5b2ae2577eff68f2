import { expectOptions } from './expect.ts'
import type { Metrics } from './flatten.ts'
import { Histogram } from './histogram.ts'
import type { Loggable } from './loggable.ts'
import { type MetricDefinition, MetricSummaries } from './metric-summaries.ts'
import { Run } from './run.ts'
import type { LogOptions, RunBefore, RunParts } from './run-parts.ts'

/** A run that knows what logging costs, and sums up the metrics that it is told to. */
export class MeasuredRun extends Run {
  #times = new Histogram()
  #summaries: MetricSummaries | undefined
  #earlier: RunBefore['metrics'] | undefined

  constructor(parts: RunParts) {
    super(parts)
    this.#earlier = parts.before?.metrics
  }

  override log<T extends object>(data: T & Loggable<T>, options?: LogOptions): void
  override log(data: Metrics, options?: LogOptions): void {
    // Every 16th call is timed: looking at the clock twice would cost a tenth of what it measures.
    if ((this.calls & 15) !== 0) return super.log(data, options)
    const began = performance.now()
    super.log(data, options)
    this.#times.add(performance.now() - began)
  }

  /**
   * How a metric is summed up when the run finishes (`{"loss": {"min": 0.1}}` in its summary), and along which other one it
   * is drawn. `*` in the name stands for anything. @throws TypeError
   */
  override defineMetric(name: string, definition: MetricDefinition = {}): void {
    expectOptions('defineMetric', definition, ['stepMetric', 'summary', 'goal'])
    this.#summaries ??= new MetricSummaries(this.#earlier)
    this.#summaries.define(name, definition)
    this.onRow = (keys, values, step) => this.#summaries?.add(keys, values, step)
    if (this.hasEnded) super.defineMetric(name, definition)
  }

  override end(exitCode: number, reason?: string): void {
    const summary = this.hasEnded ? undefined : this.#summaries?.results()
    if (summary) this.summary.update(summary)
    super.end(exitCode, reason)
  }

  override stats(): Record<string, unknown> {
    return { ...super.stats(), ...this.#times.figures(), ...this.#summaries?.axes() }
  }

  protected override lastValues(): Record<string, unknown> {
    return { ...super.lastValues(), ...this.#summaries?.results() }
  }
}
