import type { Smoothing } from '../view/view.ts'

/** A line that is to be smoothed: `weights` says of how many values each `y` is the mean; null: of one. */
export interface Rough {
  x: Float64Array
  y: Float64Array
  weights: Float64Array | null
  length: number
}

/** A full slider averages over a tenth of the axis. */
const widest = 0.05

/**
 * Smooths the means of a line; where there is no finite value there is none afterwards. `extent` is how far the whole
 * axis goes, not what is seen of it: zooming must not change a line.
 *
 * - `time-ema`: an exponential average whose memory is a length of the axis, so that uneven steps count by their distance;
 *   debiased by the sum of its weights. As Weights & Biases defines it: a thousandth of the axis weighs √amount.
 * - `ema`: each value weighs `1 − amount`, and what came before `amount`; debiased as TensorBoard does (Kingma and Ba,
 *   2015, section 3). A bucket counts as the values it holds, so that it does not matter how many pixels there are.
 * - `gaussian`: a normal curve with a standard deviation of up to a twentieth of the axis, on both sides.
 * - `mean`: of everything up to a twentieth of the axis away.
 */
export function smooth(line: Rough, { kind, amount }: Smoothing, extent: number): Float64Array {
  if (amount <= 0 || line.length === 0) return line.y.subarray(0, line.length)
  if (kind === 'time-ema') return timeEma(line, Math.min(Math.sqrt(amount), 0.999), extent)
  if (kind === 'ema') return ema(line, Math.min(amount, 0.9999))
  return kernel(line, amount * widest * extent, kind)
}

function timeEma({ x, y, length }: Rough, weight: number, extent: number): Float64Array {
  const smoothed = new Float64Array(length)
  let sum = 0
  let weights = 0
  let before = x[0]!
  for (let row = 0; row < length; row++) {
    const value = y[row]!
    if (!Number.isFinite(value)) {
      smoothed[row] = Number.NaN
      continue
    }
    const distance = extent > 0 ? (Math.abs(x[row]! - before) / extent) * 1000 : 1
    before = x[row]!
    const decay = weight ** distance
    sum = sum * decay + value
    weights = weights * decay + 1
    smoothed[row] = sum / weights
  }
  return smoothed
}

function ema({ y, weights, length }: Rough, amount: number): Float64Array {
  const smoothed = new Float64Array(length)
  let average = 0
  let bias = 1
  for (let row = 0; row < length; row++) {
    const value = y[row]!
    if (!Number.isFinite(value)) {
      smoothed[row] = Number.NaN
      continue
    }
    const kept = amount ** (weights?.[row] ?? 1)
    average = average * kept + value * (1 - kept)
    bias *= kept
    smoothed[row] = average / (1 - bias)
  }
  return smoothed
}

function kernel({ x, y, weights, length }: Rough, width: number, kind: 'gaussian' | 'mean'): Float64Array {
  const smoothed = new Float64Array(length)
  const reach = kind === 'gaussian' ? 3 * width : width
  let first = 0
  for (let row = 0; row < length; row++) {
    const at = x[row]!
    if (!Number.isFinite(y[row]!)) {
      smoothed[row] = Number.NaN
      continue
    }
    while (first < row && at - x[first]! > reach) first++
    let sum = 0
    let total = 0
    for (let near = first; near < length && x[near]! - at <= reach; near++) {
      const value = y[near]!
      if (!Number.isFinite(value)) continue
      const distance = width > 0 ? (x[near]! - at) / width : 0
      const weight = (weights?.[near] ?? 1) * (kind === 'gaussian' ? Math.exp(-0.5 * distance * distance) : 1)
      sum += weight * value
      total += weight
    }
    smoothed[row] = sum / total
  }
  return smoothed
}
