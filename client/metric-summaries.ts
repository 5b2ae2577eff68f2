import { show } from './flatten.ts'

export const summaryKinds = ['min', 'max', 'first', 'last', 'mean', 'best', 'none'] as const
export type SummaryKind = (typeof summaryKinds)[number]

export interface MetricDefinition {
  /** The metric along which this one is drawn. */
  stepMetric?: string
  /** What of it goes to the run's summary when the run finishes; `best` is the least, or the greatest with `goal: 'maximize'`. */
  summary?: SummaryKind | SummaryKind[]
  goal?: 'minimize' | 'maximize'
}

/** What was defined of metrics, and what those have come to. */
export class MetricSummaries {
  isWanted = false
  #definitions = new Map<string, MetricDefinition>()
  #states = new Map<string, MetricState | undefined>()

  /** @throws TypeError */
  define(name: string, definition: MetricDefinition): void {
    const { summary = [], goal, stepMetric } = definition
    for (const kind of [summary].flat()) {
      if (!summaryKinds.includes(kind))
        throw new TypeError(`summary is of ${summaryKinds.join(', ')}, not ${show(kind)}`)
    }
    if (goal !== undefined && goal !== 'minimize' && goal !== 'maximize') {
      throw new TypeError(`goal is minimize or maximize, not ${show(goal)}`)
    }
    if (stepMetric !== undefined && typeof stepMetric !== 'string') {
      throw new TypeError(`stepMetric is a metric's name, not ${show(stepMetric)}`)
    }
    this.#definitions.set(name, definition)
    this.#states.clear()
    this.isWanted ||= summary.length > 0
  }

  add(keys: readonly string[], values: Float64Array, step: number): void {
    for (let index = 0; index < keys.length; index++) this.#state(keys[index])?.add(values[index], step)
  }

  /** `{"loss": {"min": 0.1}}` */
  results(): Record<string, Record<string, number>> {
    const states = [...this.#states].filter(([, state]) => state?.hasSome)
    return Object.fromEntries(states.map(([name, state]) => [name, (state as MetricState).result()]))
  }

  /** Along which metrics others are drawn, as it goes with the client's own figures. */
  axes(): { defined_metrics?: Record<string, { step_metric: string }> } {
    const axes = [...this.#definitions].flatMap(([name, { stepMetric }]) =>
      stepMetric === undefined ? [] : [[name, { step_metric: stepMetric }] as const],
    )
    return axes.length > 0 && axes.length < 200 ? { defined_metrics: Object.fromEntries(axes) } : {}
  }

  #state(metric: string): MetricState | undefined {
    if (!this.#states.has(metric)) {
      // What names the metric itself says more than a pattern.
      const definition =
        this.#definitions.get(metric) ??
        [...this.#definitions].find(([name]) => name.includes('*') && pattern(name).test(metric))?.[1]
      this.#states.set(metric, definition?.summary ? new MetricState(definition) : undefined)
    }
    return this.#states.get(metric)
  }
}

const pattern = (name: string) => new RegExp(`^${name.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*')}$`)

/** Values that are not finite are only ever the first or the last. */
class MetricState {
  #definition: MetricDefinition
  #count = 0
  #sum = 0
  #min = Number.POSITIVE_INFINITY
  #max = Number.NEGATIVE_INFINITY
  #minStep = 0
  #maxStep = 0
  #first: number | undefined
  #last = Number.NaN
  #step = Number.NEGATIVE_INFINITY

  constructor(definition: MetricDefinition) {
    this.#definition = definition
  }

  get hasSome(): boolean {
    return this.#first !== undefined
  }

  add(value: number, step: number): void {
    if (step >= this.#step) {
      this.#step = step
      this.#last = value
    }
    this.#first ??= value
    if (!Number.isFinite(value)) return
    this.#count++
    this.#sum += value
    if (value < this.#min) {
      this.#min = value
      this.#minStep = step
    }
    if (value > this.#max) {
      this.#max = value
      this.#maxStep = step
    }
  }

  result(): Record<string, number> {
    const result: Record<string, number> = {}
    const { summary = [], goal } = this.#definition
    for (const kind of [summary].flat()) {
      if (kind === 'first') result[kind] = this.#first as number
      else if (kind === 'last') result[kind] = this.#last
      else if (kind === 'none' || this.#count === 0) continue
      else if (kind === 'mean') result[kind] = this.#sum / this.#count
      else result[kind] = kind === 'max' || (kind === 'best' && goal === 'maximize') ? this.#max : this.#min
      if (kind === 'best') result.best_step = goal === 'maximize' ? this.#maxStep : this.#minStep
    }
    return result
  }
}
