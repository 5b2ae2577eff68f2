/** How a run is drawn: the same in every view, after every reload, on every machine. */
export interface RunStyle {
  /** A colour for each theme, as CSS has it. */
  light: string
  dark: string
  /** Lengths of strokes and gaps in pixels; empty: a full line. */
  dash: number[]
}

/**
 * Twelve colours that the colour-blind can tell apart, in an order in which neighbours differ most. After Okabe and Ito
 * (Color Universal Design, 2008) and Paul Tol's muted scheme (SRON/EPS/TN/09-002); those too dark or too light for one
 * theme have a second shade of the same hue.
 */
const colours: [light: string, dark: string][] = [
  ['#0072b2', '#4aa3dd'],
  ['#d55e00', '#f0803c'],
  ['#009e73', '#1fc79a'],
  ['#cc79a7', '#df9bc0'],
  ['#b07d00', '#e8b53a'],
  ['#332288', '#9d8ff0'],
  ['#2e9fd6', '#86cdf5'],
  ['#882255', '#d4709f'],
  ['#6f7a14', '#b7bd4a'],
  ['#aa4499', '#d07fc4'],
  ['#1f8a7d', '#5cc4b6'],
  ['#7a4a2b', '#c49a78'],
]

/** When the colours have gone round, the strokes change. */
const dashes: number[][] = [[], [6, 3], [2, 2], [9, 3, 2, 3]]

/** Each made once: what is drawn by a style is drawn anew only when it is another one. */
const styles: RunStyle[] = dashes.flatMap((dash) => colours.map(([light, dark]) => ({ light, dark, dash })))

/** @param number of the run in its project (1, 2, …), or of a group among groups */
export function runStyle(number: number): RunStyle {
  return styles[Math.max(0, Math.trunc(number) - 1) % styles.length]!
}

export const colourOf = (style: RunStyle): string => `light-dark(${style.light}, ${style.dark})`
