/**
 * One metric of one run as a chart has it, in columns that grow as points come. `exact`: a row is a point, in the order of
 * steps. Otherwise a row is a bucket of `bucket` steps, and `y` the mean of its `finite` finite values.
 */
export class Line {
  readonly run: string
  exact: boolean
  /** Steps of a bucket: a power of two. */
  bucket: number
  /** Points behind it. */
  count = 0
  length = 0
  /** The step of each point, or the first step of each bucket's span. */
  step: Float64Array
  /** Where it is drawn: the step, milliseconds, seconds, or another metric's value. */
  x: Float64Array
  /** NaN for a bucket without a finite value; of a point, the value itself. */
  y: Float64Array
  /** These four are of buckets alone. NaN: no finite value. */
  min: Float64Array
  max: Float64Array
  nonfinite: Float64Array
  finite: Float64Array
  /** The highest step that is in it for sure. */
  lastStep = Number.NEGATIVE_INFINITY
  /** For x in seconds since the run began: when that was, ms since the epoch. */
  start = 0
  /** Up to which commit points are in it: what the stream tells of earlier ones is known. */
  cursor: number
  /** Changes with the content, so that what is made of it is made anew only then. */
  version = 0

  constructor(
    run: string,
    { exact, bucket, cursor, capacity }: { exact: boolean; bucket: number; cursor: number; capacity: number },
  ) {
    this.run = run
    this.exact = exact
    this.bucket = bucket
    this.cursor = cursor
    this.step = new Float64Array(capacity)
    this.x = this.step
    this.y = new Float64Array(capacity)
    const forBuckets = exact ? 0 : capacity
    this.min = new Float64Array(forBuckets)
    this.max = new Float64Array(forBuckets)
    this.nonfinite = new Float64Array(forBuckets)
    this.finite = new Float64Array(forBuckets)
  }

  /** Makes a place for a row at `at`, moving those after it; what it holds is whatever was there. */
  open(at: number): void {
    const along = this.x !== this.step
    if (this.length === this.y.length) this.#grow()
    if (at < this.length) {
      for (const column of this.#columns()) column.copyWithin(at + 1, at, this.length)
    }
    if (!along) this.x = this.step
    this.length++
  }

  /** The first row whose step is not below `step`. */
  rowOf(step: number): number {
    const { step: steps, length } = this
    if (length === 0 || steps[length - 1]! < step) return length
    let low = 0
    let high = length - 1
    while (low < high) {
      const middle = (low + high) >> 1
      if (steps[middle]! < step) low = middle + 1
      else high = middle
    }
    return low
  }

  #columns(): Float64Array[] {
    const columns = [this.step, this.y]
    if (this.x !== this.step) columns.push(this.x)
    if (!this.exact) columns.push(this.min, this.max, this.nonfinite, this.finite)
    return columns
  }

  #grow(): void {
    const capacity = Math.max(16, this.y.length * 2)
    const grown = (column: Float64Array) => {
      const larger = new Float64Array(capacity)
      larger.set(column)
      return larger
    }
    const along = this.x === this.step
    this.step = grown(this.step)
    this.x = along ? this.step : grown(this.x)
    this.y = grown(this.y)
    if (this.exact) return
    this.min = grown(this.min)
    this.max = grown(this.max)
    this.nonfinite = grown(this.nonfinite)
    this.finite = grown(this.finite)
  }
}
