// Before the first paint, or a dark page would flash white.
try {
  const theme = localStorage.getItem('aspara:theme')
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme
} catch {
  // Storage may be switched off: the system's theme it is.
}
