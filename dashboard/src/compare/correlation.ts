/** How two things go together over runs, of those runs that have a finite number of both. */
export interface Correlation {
  /** Spearman's rank correlation, -1 to 1; null when one of the two is the same in all runs, or there are fewer than 3. */
  rho: number | null
  n: number
}

/**
 * Spearman's rank correlation: Pearson's of the ranks, ties sharing their mean rank. C. Spearman, "The proof and
 * measurement of association between two things", Am. J. Psychol. 15 (1904).
 */
export function spearman(one: readonly unknown[], other: readonly unknown[]): Correlation {
  const [a, b] = finitePairs(one, other)
  if (a.length < 3) return { rho: null, n: a.length }
  return { rho: pearson(ranks(a), ranks(b)), n: a.length }
}

/** The pairs of which both are finite numbers. */
export function finitePairs(one: readonly unknown[], other: readonly unknown[]): [Float64Array, Float64Array] {
  const places = one.flatMap((value, at) => (Number.isFinite(value) && Number.isFinite(other[at]) ? [at] : []))
  return [Float64Array.from(places, (at) => one[at] as number), Float64Array.from(places, (at) => other[at] as number)]
}

/** 1 for the least; equal values share the mean of their ranks. */
export function ranks(values: Float64Array): Float64Array {
  const order = Array.from(values.keys()).sort((one, other) => values[one]! - values[other]!)
  const found = new Float64Array(values.length)
  for (let first = 0; first < order.length; ) {
    let end = first + 1
    while (end < order.length && values[order[end]!] === values[order[first]!]) end++
    for (let at = first; at < end; at++) found[order[at]!] = (first + 1 + end) / 2
    first = end
  }
  return found
}

/** Null when one of the two does not vary. */
export function pearson(one: Float64Array, other: Float64Array): number | null {
  const line = fitLine(one, other)
  return line?.correlation ?? null
}

export interface Line {
  slope: number
  intercept: number
  correlation: number
}

/** The straight line of least squares through points; null when x or y does not vary. */
export function fitLine(x: Float64Array, y: Float64Array): Line | null {
  const meanX = x.reduce((sum, value) => sum + value / x.length, 0)
  const meanY = y.reduce((sum, value) => sum + value / y.length, 0)
  let xx = 0
  let yy = 0
  let xy = 0
  for (let at = 0; at < x.length; at++) {
    const dx = x[at]! - meanX
    const dy = y[at]! - meanY
    xx += dx * dx
    yy += dy * dy
    xy += dx * dy
  }
  const size = Math.sqrt(xx) * Math.sqrt(yy)
  if (!(size > 0) || !Number.isFinite(size)) return null
  const slope = xy / xx
  return { slope, intercept: meanY - slope * meanX, correlation: Math.max(-1, Math.min(1, xy / size)) }
}

/**
 * How large |ρ| gets by chance alone in 19 of 20 cases, were the two unrelated: ρ·√(n−1) is then about normal. H. Hotelling
 * and M. Pabst, "Rank correlation and tests of significance involving no assumption of normality", Ann. Math. Stat. 7 (1936).
 */
export const chanceRho = (n: number): number => (n < 3 ? 1 : Math.min(1, 1.96 / Math.sqrt(n - 1)))

/** "Strong: more x goes with less y (ρ = −0.83, 48 runs)". */
export function correlationWords({ rho, n }: Correlation, x: string, y: string): string {
  const runs = `${n} run${n === 1 ? '' : 's'}`
  if (n < 3) return `${runs} with a number of both: too few to tell how they go together`
  if (rho === null) return `One of the two is the same in all ${runs}`
  const written = `ρ = ${rho.toFixed(2).replace('-', '−')}, ${runs}`
  const size = Math.abs(rho)
  if (size < chanceRho(n)) return `No clear relation between ${x} and ${y}: chance alone would do as much (${written})`
  const strength = size >= 0.8 ? 'Strong' : size >= 0.5 ? 'Clear' : 'Weak'
  return `${strength} relation: more ${x} goes with ${rho > 0 ? 'more' : 'less'} ${y} (${written})`
}
