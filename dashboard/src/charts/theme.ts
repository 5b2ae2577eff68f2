/** What canvases need to know of the theme: CSS can't reach into them. */
export interface ChartTheme {
  isDark: boolean
  text: string
  grid: string
  page: string
  font: string
}

let theme: ChartTheme | undefined
const listeners = new Set<() => void>()

export function chartTheme(): ChartTheme {
  theme ??= read()
  return theme
}

export function onTheme(listener: () => void): () => void {
  if (listeners.size === 0) watch()
  listeners.add(listener)
  return () => listeners.delete(listener)
}

function read(): ChartTheme {
  const chosen = document.documentElement.dataset.theme
  const isDark = chosen ? chosen === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches
  // The tokens are light-dark() pairs: only a colour in use is resolved.
  const probe = document.createElement('span')
  document.body.append(probe)
  const resolve = (token: string) => {
    probe.style.color = `var(${token})`
    return getComputedStyle(probe).color
  }
  const found = {
    isDark,
    text: resolve('--ink-3'),
    grid: resolve('--line'),
    page: resolve('--page'),
    font: '11px "Inter Variable", sans-serif',
  }
  probe.remove()
  return found
}

let isWatching = false

function watch(): void {
  if (isWatching) return
  isWatching = true
  const tell = () => {
    theme = undefined
    for (const listener of listeners) listener()
  }
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', tell)
  new MutationObserver(tell).observe(document.documentElement, { attributeFilter: ['data-theme'] })
}
