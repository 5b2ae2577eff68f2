/** The files of the page at `/`, by address. They hold nothing of what is kept, so they are served without a token. */
export const pageFiles = [
  { path: '/', file: 'home.html', type: 'text/html; charset=utf-8' },
  { path: '/pages/home.css', file: 'home.css', type: 'text/css; charset=utf-8' },
  { path: '/pages/home.js', file: 'home.js', type: 'text/javascript; charset=utf-8' },
  { path: '/pages/api.js', file: 'api.js', type: 'text/javascript; charset=utf-8' },
  { path: '/pages/elements.js', file: 'elements.js', type: 'text/javascript; charset=utf-8' },
  { path: '/pages/words.js', file: 'words.js', type: 'text/javascript; charset=utf-8' },
  { path: '/pages/icon.svg', file: 'icon.svg', type: 'image/svg+xml' },
]

/** No script, style or address but the tracker's own: whatever a run is named, it stays text. */
export const pagePolicy =
  "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"
