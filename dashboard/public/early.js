// What can't wait for the page's script: the colours of the first paint, or a dark page would flash white, and the first
// questions of a project's page, whose answers then are there when the script is (src/api/early.ts).
{
  let theme = null
  let token = null
  try {
    theme = localStorage.getItem('aspara:theme')
    token = localStorage.getItem('aspara:token')
  } catch {
    // Storage may be switched off: the system's theme it is.
  }
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme

  const project = /^\/projects\/([^/]+)\/?$/.exec(location.pathname)?.[1]
  if (project) {
    const search = new URLSearchParams(location.search)
    const runs = new URLSearchParams()
    for (const [key, name] of Object.entries({ f: 'filter', s: 'sort' })) {
      if (search.get(key)) runs.set(name, search.get(key))
    }
    runs.set('metrics', '')
    runs.set('limit', '500')
    const paths = [`/projects/${project}`, `/projects/${project}/metrics?limit=1000`]
    // Of a saved view it is not known yet what it shows, nor which metrics chosen columns need.
    if (!search.has('view') && !search.has('c')) paths.push(`/projects/${project}/runs?${runs}`)
    const headers = token === null ? {} : { authorization: `Bearer ${token}` }
    globalThis.asparaEarly = new Map(
      paths.map((path) => {
        const answer = fetch(`/tracker/api/v1${path}`, { headers })
        // Whoever takes it hears of it.
        answer.catch(() => {})
        return [path, answer]
      }),
    )
  }
}
