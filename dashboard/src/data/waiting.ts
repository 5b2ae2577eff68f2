import type { QueryKey } from '@tanstack/react-query'

const words: Record<string, string> = {
  about: 'what the tracker says of itself',
  projects: 'the projects',
  project: 'the project',
  metrics: 'the metrics',
  runs: 'the runs',
  run: 'the run',
  artifacts: 'the artifacts',
  trash: 'the trash',
  views: 'the saved views',
  palette: 'the search',
}

/** What is waited for, said to a person, by the keys of what is being asked: "waiting for the runs and the metrics". */
export function describeWaiting(keys: QueryKey[]): string {
  const things = [...new Set(keys.map(([first]) => words[String(first)] ?? 'more data'))]
  return `waiting for ${new Intl.ListFormat('en').format(things)}`
}
