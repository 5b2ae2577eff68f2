/** The files of the page at `/`, by address. They hold nothing of what is kept, so they are served without a token. */
export const pageFiles: { path: string; file: URL; type: string }[] = [
  { path: '/', file: pageFile('home.html'), type: 'text/html; charset=utf-8' },
  { path: '/pages/home.css', file: pageFile('home.css'), type: 'text/css; charset=utf-8' },
  { path: '/pages/home.js', file: pageFile('home.js'), type: 'text/javascript; charset=utf-8' },
  { path: '/pages/api.js', file: pageFile('api.js'), type: 'text/javascript; charset=utf-8' },
  { path: '/pages/elements.js', file: pageFile('elements.js'), type: 'text/javascript; charset=utf-8' },
  { path: '/pages/words.js', file: pageFile('words.js'), type: 'text/javascript; charset=utf-8' },
  { path: '/pages/icon.svg', file: pageFile('icon.svg'), type: 'image/svg+xml' },
]

/** No script, style or address but the tracker's own: whatever a run is named, it stays text. */
export const pagePolicy = "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

function pageFile(name: string): URL {
  return new URL(name, import.meta.url)
}
