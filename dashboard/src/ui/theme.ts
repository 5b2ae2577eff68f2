import { useSyncExternalStore } from 'react'

/** public/early.js reads it before the first paint. */
const themeKey = 'aspara:theme'

export const themes = [
  ['light', 'Light'],
  ['dark', 'Dark'],
  ['system', 'As the system'],
] as const
export type Theme = (typeof themes)[number][0]

const listeners = new Set<() => void>()
let theme: Theme = readTheme()

function readTheme(): Theme {
  const { theme } = document.documentElement.dataset
  return theme === 'light' || theme === 'dark' ? theme : 'system'
}

export const currentTheme = (): Theme => theme

export function setTheme(next: Theme): void {
  theme = next
  if (next === 'system') delete document.documentElement.dataset.theme
  else document.documentElement.dataset.theme = next
  try {
    if (next === 'system') localStorage.removeItem(themeKey)
    else localStorage.setItem(themeKey, next)
  } catch {
    // Storage may be switched off: the theme then lasts as long as the page.
  }
  for (const listener of listeners) listener()
}

const subscribe = (listener: () => void) => {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

// A theme that is set in one tab holds in all.
window.addEventListener('storage', ({ key, newValue }) => {
  if (key === themeKey) setTheme(newValue === 'light' || newValue === 'dark' ? newValue : 'system')
})

export const useTheme = (): Theme => useSyncExternalStore(subscribe, currentTheme)
