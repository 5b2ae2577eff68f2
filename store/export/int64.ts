/**
 * Writes doubles, times a factor and rounded, as 64-bit integers; exact where the product is within ±2^63.
 * By halves, lower one first as in all memory that Node runs on today: a BigInt for each takes several times as long.
 */
export function writeInt64s(to: BigInt64Array, at: number, from: Float64Array, factor: number): void {
  const low = new Uint32Array(to.buffer, to.byteOffset + at * 8)
  const high = new Int32Array(to.buffer, to.byteOffset + at * 8)
  for (let index = 0; index < from.length; index++) {
    const whole = Math.round(from[index] * factor)
    const upper = Math.floor(whole / 2 ** 32)
    low[index * 2] = whole - upper * 2 ** 32
    high[index * 2 + 1] = upper
  }
}
