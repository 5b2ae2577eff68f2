import { type RunStyle, runStyle } from '../data/run-style.ts'
import { type Axis, axisOf, placeOf } from './axes.ts'
import { noColour, scaleColour } from './colour-scale.ts'
import type { PlotValue } from './fields.ts'

/** How the runs of a plot are coloured, and what a legend has to say of it. */
export interface Colouring {
  /** One for each run, as `#rrggbb`. */
  colours: string[]
  /** Of the field that colours; null when each run has its own colour. */
  axis: Axis | null
  /** Of a field with texts. */
  categories: { label: string; colour: string }[]
}

const shade = (style: RunStyle, isDark: boolean) => (isDark ? style.dark : style.light)

export const colourByRun = (styles: readonly RunStyle[], isDark: boolean): Colouring => ({
  colours: styles.map((style) => shade(style, isDark)),
  axis: null,
  categories: [],
})

/** Numbers by the scale, texts by the colours that runs have as well; what has no place is grey. */
export function colourByField(id: string, values: readonly PlotValue[], isDark: boolean): Colouring {
  const axis = axisOf(id, values, 'auto')
  if (axis.kind === 'category') {
    const categories = axis.categories.map((label, at) => ({ label, colour: shade(runStyle(at + 1), isDark) }))
    const byLabel = new Map(categories.map(({ label, colour }) => [label, colour]))
    return {
      colours: values.map((value) => byLabel.get(String(value)) ?? noColour(isDark)),
      axis,
      categories,
    }
  }
  const colours = values.map((value) => {
    const place = placeOf(axis, value)
    return typeof place === 'number' ? scaleColour(place, isDark) : noColour(isDark)
  })
  return { colours, axis, categories: [] }
}
