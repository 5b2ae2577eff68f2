import type { View } from '../view/view.ts'

/** Below it there is one column: the charts, and the runs in a sheet. */
export const phoneWidth = 640
/** The run list is that wide at least, unless it is hidden, pixels. */
export const tableWidthMin = 220
/** What the charts keep of the width, pixels. */
const chartsWidthMin = 240

/** How wide the list of runs may become beside the charts, on a page so wide, pixels. */
export const tableWidthMax = (width: number): number => Math.max(tableWidthMin, width - chartsWidthMin)

/** How wide it is; 0 when it is hidden, or not beside them. */
export function tableWidthOn(tableWidth: View['tableWidth'], width: number): number {
  if (width < phoneWidth) return 0
  return tableWidth === 'full' ? width : Math.min(tableWidth, tableWidthMax(width))
}
