export const summaryKinds = ['min', 'max', 'last', 'mean', 'best', 'none'] as const
export type SummaryKind = (typeof summaryKinds)[number]

export interface MetricDefinition {
  /** The metric along which this one is drawn. */
  stepMetric?: string
  /** What of it goes to the run's summary when the run finishes; `best` is the least, or the greatest with `goal: 'maximize'`. */
  summary?: SummaryKind
  goal?: 'minimize' | 'maximize'
}

/** What a metric has come to; non-finite values do not count. */
export class MetricState {
  readonly definition: MetricDefinition
  #count = 0
  #sum = 0
  #min = Number.POSITIVE_INFINITY
  #max = Number.NEGATIVE_INFINITY
  #last = Number.NaN

  constructor(definition: MetricDefinition) {
    this.definition = definition
  }

  add(value: number): void {
    this.#last = value
    if (!Number.isFinite(value)) return
    this.#count++
    this.#sum += value
    if (value < this.#min) this.#min = value
    if (value > this.#max) this.#max = value
  }

  /** undefined: there is nothing to say. */
  get result(): number | undefined {
    const { summary, goal } = this.definition
    if (summary === 'last') return Number.isNaN(this.#last) && this.#count === 0 ? undefined : this.#last
    if (this.#count === 0) return undefined
    if (summary === 'mean') return this.#sum / this.#count
    if (summary === 'max' || (summary === 'best' && goal === 'maximize')) return this.#max
    return summary === 'min' || summary === 'best' ? this.#min : undefined
  }
}
