const bytes = new DataView(new ArrayBuffer(8))
const fractionBits = 52n
/** Of the smallest double there is. */
const lowestExponent = 1_074n

/** A double times 2^1074, which is a whole number. */
export function wholeOf(value: number): bigint {
  bytes.setFloat64(0, value)
  const bits = bytes.getBigUint64(0)
  const exponent = (bits >> fractionBits) & 0x7ffn
  const fraction = bits & ((1n << fractionBits) - 1n)
  const whole = exponent === 0n ? fraction : (fraction | (1n << fractionBits)) << (exponent - 1n)
  return bits >> 63n ? -whole : whole
}

/** The double nearest to a quotient of whole numbers; of two that are as near the even one. `divisor` is positive. */
export function nearestDouble(dividend: bigint, divisor: bigint): number {
  if (dividend < 0n) return -nearestDouble(-dividend, divisor)
  if (dividend === 0n) return 0
  const bitsOf = (whole: bigint) => BigInt(whole.toString(2).length)
  // So many bits below the point that the quotient has 53 or 54 of them, or ends at those of the smallest double.
  let shift = fractionBits + 1n - (bitsOf(dividend) - bitsOf(divisor))
  if (shift > lowestExponent) shift = lowestExponent
  let scaled = shift >= 0n ? (dividend << shift) / divisor : dividend / (divisor << -shift)
  const exceed = bitsOf(scaled) - fractionBits - 1n
  if (exceed > 0n) {
    shift -= exceed
    scaled >>= exceed
  }
  const rest = shift >= 0n ? (dividend << shift) - scaled * divisor : dividend - scaled * (divisor << -shift)
  const unit = shift >= 0n ? divisor : divisor << -shift
  if (2n * rest > unit || (2n * rest === unit && scaled & 1n)) scaled++
  // Both factors are exact: the power of two in two steps, for it may be too small or too large for one.
  const half = Number(shift / 2n)
  return Number(scaled) * 2 ** -half * 2 ** -(Number(shift) - half)
}

/** The sum of finite values, and their mean, as exact as a double can say it. */
export function exactSum(values: Iterable<number>): { sum: number; mean: number; count: number } {
  let whole = 0n
  let count = 0n
  for (const value of values) {
    if (!Number.isFinite(value)) continue
    whole += wholeOf(value)
    count++
  }
  const unit = 1n << lowestExponent
  const mean = count === 0n ? Number.NaN : nearestDouble(whole, unit * count)
  return { sum: nearestDouble(whole, unit), mean, count: Number(count) }
}

/** Values from here on are summed a part of their size: the sum of them may be no double, and the mean is one. */
const vast = 2 ** 960
const part = 2 ** -64

/**
 * The mean of the finite values, rounded twice at most: of their exact sum, and of the quotient. As fast as a model needs it,
 * by partial sums that do not overlap (J. R. Shewchuk, Adaptive Precision Floating-Point Arithmetic, 1997).
 */
export function meanOf(values: ArrayLike<number>): number {
  const partials: number[] = []
  let count = 0
  let scale = 1
  for (let index = 0; index < values.length; index++) if (Math.abs(values[index]) >= vast) scale = part
  for (let index = 0; index < values.length; index++) {
    if (!Number.isFinite(values[index])) continue
    count++
    let value = values[index] * scale
    let kept = 0
    for (const partial of partials) {
      const [large, small] = Math.abs(value) < Math.abs(partial) ? [partial, value] : [value, partial]
      const sum = large + small
      const lost = small - (sum - large)
      if (lost !== 0) partials[kept++] = lost
      value = sum
    }
    partials.length = kept
    partials.push(value)
  }
  let sum = 0
  for (const partial of partials) sum += partial
  return sum / count / scale
}
