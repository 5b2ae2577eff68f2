/**
 * Viridis, by Nathaniel Smith and Stéfan van der Walt for matplotlib 2.0 (2015; CC0): lightness grows evenly, also to the
 * colour-blind and in grey. Ten of its 256 colours, between which it is as good as straight.
 */
const viridis = [0x440154, 0x482878, 0x3e4989, 0x31688e, 0x26828e, 0x1f9e89, 0x35b779, 0x6ece58, 0xb5de2b, 0xfde725]

/** The end that is nearly the page's own colour is left off: yellow on white, dark violet on black. */
const parts = { light: [0, 0.86], dark: [0.24, 1] } as const

/** The colour of a part of the scale, 0 to 1, on a page that is light or dark; `#rrggbb`. */
export function scaleColour(part: number, isDark: boolean): string {
  const [from, to] = parts[isDark ? 'dark' : 'light']
  const at = (from + (to - from) * Math.min(1, Math.max(0, part))) * (viridis.length - 1)
  const low = Math.min(viridis.length - 2, Math.floor(at))
  const mix = (shift: number) => {
    const one = (viridis[low]! >> shift) & 255
    const other = (viridis[low + 1]! >> shift) & 255
    return Math.round(one + (other - one) * (at - low))
  }
  return `#${[16, 8, 0].map((shift) => mix(shift).toString(16).padStart(2, '0')).join('')}`
}

/** For what the scale has no place for: NaN, not set. */
export const noColour = (isDark: boolean): string => (isDark ? '#878d99' : '#8a909b')

/** The scale from left to right, for a legend. */
export function scaleGradient(isDark: boolean): string {
  const stops = Array.from({ length: 12 }, (_, at) => scaleColour(at / 11, isDark))
  return `linear-gradient(to right, ${stops.join(', ')})`
}
