/** Points of one metric in columns of equal length. */
export interface Points {
  /** Integers of at most 2^53 either side of zero. */
  steps: Float64Array
  /** Milliseconds since the epoch, with fractions. */
  times: Float64Array
  values: Float64Array
}

export const noPoints: Points = {
  steps: new Float64Array(0),
  times: new Float64Array(0),
  values: new Float64Array(0),
}

export const slicePoints = ({ steps, times, values }: Points, start: number, end: number): Points => ({
  steps: steps.subarray(start, end),
  times: times.subarray(start, end),
  values: values.subarray(start, end),
})

/** The points in the order of their steps; those of one step stay in the order in which they are. */
export function sortPoints(points: Points): Points {
  const { steps } = points
  let isSorted = true
  for (let row = 1; row < steps.length && isSorted; row++) isSorted = steps[row - 1] <= steps[row]
  if (isSorted) return points
  const order = Uint32Array.from(steps, (_, row) => row).sort((a, b) => steps[a] - steps[b] || a - b)
  const pick = (column: Float64Array) => Float64Array.from(order, (row) => column[row])
  return { steps: pick(steps), times: pick(points.times), values: pick(points.values) }
}

/** Two lists in the order of their steps as one; of one step, the older points come first. */
export function mergePoints(older: Points, newer: Points): Points {
  if (newer.steps.length === 0) return older
  if (older.steps.length === 0) return newer
  const count = older.steps.length + newer.steps.length
  const merged = { steps: new Float64Array(count), times: new Float64Array(count), values: new Float64Array(count) }
  if (older.steps[older.steps.length - 1] <= newer.steps[0]) {
    for (const column of ['steps', 'times', 'values'] as const) {
      merged[column].set(older[column])
      merged[column].set(newer[column], older.steps.length)
    }
    return merged
  }
  let a = 0
  let b = 0
  for (let row = 0; row < count; row++) {
    const isOlder = b === newer.steps.length || (a < older.steps.length && older.steps[a] <= newer.steps[b])
    const from = isOlder ? older : newer
    const at = isOlder ? a++ : b++
    merged.steps[row] = from.steps[at]
    merged.times[row] = from.times[at]
    merged.values[row] = from.values[at]
  }
  return merged
}

/** How many of the steps, in order, are lower. */
export function countBelow(steps: Float64Array, step: number, start = 0): number {
  let low = start
  let high = steps.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (steps[middle] < step) low = middle + 1
    else high = middle
  }
  return low
}
