import { expect, expectOne } from './expect.ts'

export const summaryKinds = ['min', 'max', 'first', 'last', 'mean', 'best', 'none'] as const
export type SummaryKind = (typeof summaryKinds)[number]

export interface MetricDefinition {
  /** The metric along which this one is drawn. */
  stepMetric?: string
  /** What of it goes to the run's summary when the run finishes; `best` is the least, or the greatest with `goal: 'maximize'`. */
  summary?: SummaryKind | SummaryKind[]
  goal?: 'minimize' | 'maximize'
}

/** What a metric came to before this process went on with the run, as the tracker's record of a run has it. */
export interface EarlierMetric {
  count: number
  nonfinite: number
  first_step: number
  /** A number that JSON has none for is its text. */
  first: number | string
  /** Absent or null when no value was finite, as are the others. */
  min?: number | null
  min_step?: number | null
  max?: number | null
  max_step?: number | null
  mean?: number | null
}

/** What was defined of metrics, and what those have come to. */
export class MetricSummaries {
  #definitions = new Map<string, MetricDefinition>()
  #states = new Map<string, MetricState | undefined>()
  #earlier: ReadonlyMap<string, EarlierMetric> | undefined

  constructor(earlier?: ReadonlyMap<string, EarlierMetric>) {
    this.#earlier = earlier
  }

  /** @throws TypeError */
  define(name: string, definition: MetricDefinition): void {
    const { summary = [], goal = 'minimize', stepMetric = '' } = definition
    for (const kind of [summary].flat()) expectOne('summary', kind, summaryKinds)
    expectOne('goal', goal, ['minimize', 'maximize'])
    expect(typeof stepMetric === 'string', 'stepMetric', "a metric's name", stepMetric)
    this.#definitions.set(name, definition)
    this.#states.clear()
  }

  add(keys: readonly string[], values: Float64Array, step: number): void {
    for (let index = 0; index < keys.length; index++) this.#state(keys[index])?.add(values[index], step)
  }

  /** `{"loss": {"min": 0.1}}`; undefined when there is nothing to say. */
  results(): Record<string, Record<string, number>> | undefined {
    const results = [...this.#states].flatMap(([name, state]) => (state ? [[name, state.result()]] : []))
    return results.length > 0 ? Object.fromEntries(results) : undefined
  }

  /** Along which metrics others are drawn, as it goes with the client's own figures. */
  axes(): { defined_metrics: Record<string, { step_metric: string | undefined }> } {
    const axes = [...this.#definitions].slice(0, 200).filter(([, { stepMetric }]) => stepMetric)
    return {
      defined_metrics: Object.fromEntries(axes.map(([name, { stepMetric }]) => [name, { step_metric: stepMetric }])),
    }
  }

  #state(metric: string): MetricState | undefined {
    if (!this.#states.has(metric)) {
      // What names the metric itself says more than a pattern.
      const definition =
        this.#definitions.get(metric) ??
        [...this.#definitions].find(([name]) => name.includes('*') && pattern(name).test(metric))?.[1]
      this.#states.set(
        metric,
        definition?.summary ? new MetricState(definition, this.#earlier?.get(metric)) : undefined,
      )
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
  #step = Number.NEGATIVE_INFINITY
  #found: Record<string, number> = {}

  constructor(definition: MetricDefinition, earlier?: EarlierMetric) {
    this.#definition = definition
    if (!earlier) return
    const found = this.#found
    found.first = Number(earlier.first)
    const { count, nonfinite, min, max, mean } = earlier
    if (typeof min !== 'number' || typeof max !== 'number' || typeof mean !== 'number') return
    this.#count = count - nonfinite
    this.#sum = this.#count * mean
    Object.assign(found, { min, max, mean })
    const isMax = definition.goal === 'maximize'
    found.best = isMax ? max : min
    found.best_step = (isMax ? earlier.max_step : earlier.min_step) ?? 0
  }

  add(value: number, step: number): void {
    const found = this.#found
    found.first ??= value
    if (step >= this.#step) {
      this.#step = step
      found.last = value
    }
    if (!Number.isFinite(value)) return
    this.#sum += value
    found.mean = this.#sum / ++this.#count
    if (!(value >= found.min)) found.min = value
    if (!(value <= found.max)) found.max = value
    if (this.#definition.goal === 'maximize' ? !(value <= found.best) : !(value >= found.best)) {
      found.best = value
      found.best_step = step
    }
  }

  result(): Record<string, number> {
    const wanted = [this.#definition.summary].flat() as string[]
    if (wanted.includes('best')) wanted.push('best_step')
    return Object.fromEntries(wanted.flatMap((kind) => (kind in this.#found ? [[kind, this.#found[kind]]] : [])))
  }
}
