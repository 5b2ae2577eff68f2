/**
 * What a run logged, side by side: `step`, `timestamp` (milliseconds since the epoch) and one array for each metric, all of
 * one length; NaN where a step has no value. A metric that is itself called `step` or `timestamp` is under `metric.step` or
 * `metric.timestamp`.
 */
export type History = { step: Float64Array; timestamp: Float64Array } & Record<string, Float64Array>

/** One metric's points in step order, as they come. */
export class Series {
  #length = 0
  #cells = new Float64Array(3 * 256)

  get length(): number {
    return this.#length
  }

  add(step: number, time: number, value: number): void {
    const at = 3 * this.#length++
    if (at === this.#cells.length) {
      const grown = new Float64Array(2 * at)
      grown.set(this.#cells)
      this.#cells = grown
    }
    this.#cells[at] = step
    this.#cells[at + 1] = time
    this.#cells[at + 2] = value
  }

  step(index: number): number {
    return this.#cells[3 * index]
  }

  time(index: number): number {
    return this.#cells[3 * index + 1]
  }

  value(index: number): number {
    return this.#cells[3 * index + 2]
  }
}

/** Series as the columns of one table; the second point of a metric at a step stands beside the second of another. */
export function alignSeries(series: ReadonlyMap<string, Series>): History {
  const all = [...series.values()]
  // As most runs are: every step has every metric.
  const rows = all.every((one) => isSame(one, all[0])) ? rowsOf(all.slice(0, 1)) : rowsOf(all)
  const history = { step: new Float64Array(rows.length), timestamp: new Float64Array(rows.length) } as History
  const columns = [...series].map(([metric, one]) => {
    const name = metric === 'step' || metric === 'timestamp' ? `metric.${metric}` : metric
    const values = new Float64Array(rows.length).fill(Number.NaN)
    history[name] = values
    return { one, values, at: 0 }
  })
  for (let row = 0; row < rows.length; row++) {
    const { step, nth, time } = rows[row]
    history.step[row] = step
    history.timestamp[row] = time
    for (const column of columns) {
      const { one, at } = column
      if (at < one.length && one.step(at) === step && nthOf(one, at) === nth) {
        column.values[row] = one.value(at)
        column.at++
      }
    }
  }
  return history
}

function isSame(one: Series, other: Series): boolean {
  if (one.length !== other.length) return false
  for (let index = 0; index < one.length; index++) if (one.step(index) !== other.step(index)) return false
  return true
}

interface HistoryRow {
  step: number
  /** How many points of the same metric and step stand before it. */
  nth: number
  time: number
}

function rowsOf(series: Series[]): HistoryRow[] {
  const places = series.map(() => 0)
  const rows: HistoryRow[] = []
  for (;;) {
    let next: HistoryRow | undefined
    for (const [index, one] of series.entries()) {
      const at = places[index]
      if (at === one.length) continue
      const row = { step: one.step(at), nth: nthOf(one, at), time: one.time(at) }
      if (!next || row.step < next.step || (row.step === next.step && row.nth < next.nth)) next = row
    }
    if (!next) return rows
    rows.push(next)
    for (const [index, one] of series.entries()) {
      const at = places[index]
      if (at < one.length && one.step(at) === next.step && nthOf(one, at) === next.nth) places[index]++
    }
  }
}

function nthOf(series: Series, index: number): number {
  let nth = 0
  while (index - nth > 0 && series.step(index - nth - 1) === series.step(index)) nth++
  return nth
}
