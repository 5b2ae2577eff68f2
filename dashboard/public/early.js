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
    const paths = [`/projects/${project}`, `/projects/${project}/metrics?limit=1000`]
    // It is not known yet what a saved view shows, which metrics chosen columns need, and whether a filter and an order can
    // be read.
    if (!['view', 'c', 'f', 's'].some((key) => search.has(key))) {
      paths.push(`/projects/${project}/runs?metrics=&limit=500`)
    }
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
