/** What a comparison shows, in this order; `tab=` in the address. */
export const compareTabs = [
  ['table', 'Side by side'],
  ['charts', 'Charts'],
  ['parallel', 'Parallel coordinates'],
  ['scatter', 'Scatter'],
  ['importance', 'Importance'],
] as const
export type CompareTab = (typeof compareTabs)[number][0]

export const readTab = (text: string | undefined): CompareTab =>
  compareTabs.find(([id]) => id === text)?.[0] ?? compareTabs[0][0]
