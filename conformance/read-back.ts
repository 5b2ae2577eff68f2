import assert from 'node:assert/strict'

/**
 * What a tracker holds, read over the public HTTP API as anybody can. `api` is the base of the API,
 * e.g. `http://127.0.0.1:3142/tracker/api/v1`.
 */

// biome-ignore lint/suspicious/noExplicitAny: answers are compared with what is expected, which knows their shape
export type Json = any

/** A line of an export. */
export interface Point {
  metric: string
  step: number
  timestamp: number
  value: number | 'NaN' | 'Infinity' | '-Infinity'
}

export async function getText(url: string): Promise<string> {
  const response = await fetch(url)
  const text = await response.text()
  assert.equal(response.status, 200, `GET ${url} answered ${response.status}: ${text}`)
  return text
}

export async function getJson(url: string): Promise<Json> {
  return JSON.parse(await getText(url))
}

/** Sends JSON; answers the status and the body, whatever they are. */
export async function send(method: string, url: string, body?: unknown): Promise<{ status: number; body: Json }> {
  const response = await fetch(url, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  })
  return { status: response.status, body: JSON.parse(await response.text()) }
}

/** Sends JSON that has to be taken; answers the body. */
export async function post(url: string, body: unknown): Promise<Json> {
  const answer = await send('POST', url, body)
  assert.equal(answer.status, 200, `POST ${url} answered ${answer.status}: ${JSON.stringify(answer.body)}`)
  return answer.body
}

export const getRun = (api: string, project: string, run: string): Promise<Json> =>
  getJson(`${api}/projects/${project}/runs/${run}`)

/** Every point of a run, or of one of its metrics, as `metrics/export` gives them. */
export async function exportPoints(api: string, project: string, run: string, metric?: string): Promise<Point[]> {
  const query = metric === undefined ? '' : `&metric=${encodeURIComponent(metric)}`
  const lines = await getText(`${api}/projects/${project}/runs/${run}/metrics/export?format=jsonl${query}`)
  return lines
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Point)
}

/** The values of one metric by step: `[[0, 0.5], [1, 0.4]]`. */
export async function exportSeries(
  api: string,
  project: string,
  run: string,
  metric: string,
): Promise<[number, number][]> {
  const points = await exportPoints(api, project, run, metric)
  return points.map((point) => {
    assert.equal(point.metric, metric)
    return [point.step, Number(point.value)]
  })
}

export async function downloadArtifact(api: string, project: string, run: string, name: string): Promise<Buffer> {
  const response = await fetch(`${api}/projects/${project}/runs/${run}/artifacts/${encodeURIComponent(name)}`)
  const bytes = Buffer.from(await response.arrayBuffer())
  assert.equal(response.status, 200, `the artifact ${name} answered ${response.status}: ${bytes.subarray(0, 500)}`)
  return bytes
}

/** All pages of a list. */
async function getList(url: string, key: string): Promise<Json[]> {
  const items: Json[] = []
  let cursor: string | null = null
  do {
    const page: Json = await getJson(cursor === null ? url : `${url}?cursor=${encodeURIComponent(cursor)}`)
    items.push(...page[key])
    cursor = page.next_cursor
  } while (cursor !== null)
  return items
}

/** One run and everything under it. */
export async function runSnapshot(api: string, project: string, run: string): Promise<Json> {
  const url = `${api}/projects/${project}/runs/${run}`
  const artifacts = await getList(`${url}/artifacts`, 'artifacts')
  return {
    run: await getJson(url),
    metrics: await getJson(`${url}/metrics`),
    points: await getText(`${url}/metrics/export?format=jsonl`),
    artifacts: await Promise.all(
      artifacts.map(async (artifact) => ({
        ...artifact,
        bytes: (await downloadArtifact(api, project, run, artifact.name)).toString('base64'),
      })),
    ),
  }
}

/** Everything that a tracker holds: two snapshots are deeply equal when nothing changed between them. */
export async function snapshot(api: string): Promise<Json> {
  const projects = await getList(`${api}/projects`, 'projects')
  return Promise.all(
    projects.map(async (project) => ({
      project,
      runs: await Promise.all(
        (await getList(`${api}/projects/${project.name}/runs`, 'runs')).map((run) =>
          runSnapshot(api, project.name, run.name),
        ),
      ),
    })),
  )
}
