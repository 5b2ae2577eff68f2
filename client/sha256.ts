/** The SHA-256 of a text, in hex. Browsers have one on secure origins only, and Node's is not theirs. */
export function sha256(text: string): string {
  const bytes = new TextEncoder().encode(text)
  const padded = new Uint8Array(((bytes.length + 72) >> 6) << 6)
  padded.set(bytes)
  padded[bytes.length] = 0x80
  const view = new DataView(padded.buffer)
  view.setUint32(padded.length - 4, bytes.length * 8)
  const sums = roots(8, 2)
  const words = new Uint32Array(64)
  const turn = (word: number, by: number) => (word >>> by) | (word << (32 - by))
  for (let block = 0; block < padded.length; block += 64) {
    let [a, b, c, d, e, f, g, h] = sums
    for (let at = 0; at < 64; at++) {
      if (at < 16) words[at] = view.getUint32(block + 4 * at)
      else {
        const [early, late] = [words[at - 15], words[at - 2]]
        const one = turn(early, 7) ^ turn(early, 18) ^ (early >>> 3)
        const other = turn(late, 17) ^ turn(late, 19) ^ (late >>> 10)
        words[at] = words[at - 16] + one + words[at - 7] + other
      }
      const first = h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & f) ^ (~e & g)) + constants[at] + words[at]
      const second = (turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))
      ;[h, g, f, e, d, c, b, a] = [g, f, e, (d + first) >>> 0, c, b, a, (first + second) >>> 0]
    }
    for (const [at, word] of [a, b, c, d, e, f, g, h].entries()) sums[at] += word
  }
  return Array.from(sums, (word) => word.toString(16).padStart(8, '0')).join('')
}

/** The first 32 bits of the fractional parts of roots of the first primes: the constants are defined as these. */
function roots(count: number, degree: number): Uint32Array {
  const found: number[] = []
  for (let candidate = 2; found.length < count; candidate++) {
    let isPrime = true
    for (let divisor = 2; divisor * divisor <= candidate; divisor++) if (candidate % divisor === 0) isPrime = false
    const root = degree === 2 ? Math.sqrt(candidate) : Math.cbrt(candidate)
    if (isPrime) found.push(((root % 1) * 2 ** 32) >>> 0)
  }
  return Uint32Array.from(found)
}

const constants = roots(64, 3)
