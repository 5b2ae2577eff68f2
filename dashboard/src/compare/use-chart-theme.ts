import { useSyncExternalStore } from 'react'
import { type ChartTheme, chartTheme, onTheme } from '../charts/theme.ts'

/** Canvases and scales are drawn anew when the theme turns. */
export const useChartTheme = (): ChartTheme => useSyncExternalStore(onTheme, chartTheme)
