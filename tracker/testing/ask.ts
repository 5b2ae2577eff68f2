import assert from 'node:assert/strict'

// biome-ignore lint/suspicious/noExplicitAny: answers are compared with what is expected, which knows their shape
export type Json = any

export interface Answer {
  status: number
  headers: Headers
  body: Json
}

/** Sends a request, with a JSON body if there is one; answers whatever comes, its JSON parsed. */
export async function ask(
  method: string,
  url: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const sent = body === undefined ? {} : { body: JSON.stringify(body) }
  const type: Record<string, string> = body === undefined ? {} : { 'content-type': 'application/json' }
  const response = await fetch(url, { method, ...sent, headers: { ...type, ...headers } })
  const text = await response.text()
  const isJson = response.headers.get('content-type')?.startsWith('application/json') && text !== ''
  return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text }
}

/** The body of a request that has to succeed. */
export async function must(method: string, url: string, body?: unknown): Promise<Json> {
  const answer = await ask(method, url, body)
  assert.equal(answer.status, 200, `${method} ${url} answered ${answer.status}: ${JSON.stringify(answer.body)}`)
  return answer.body
}

/** Deletes a run, by its address, past the trash. */
export async function deleteForGood(run: string): Promise<void> {
  const { trash_id } = await must('DELETE', run)
  await must('DELETE', run.replace(/\/runs\/.*/, `/trash/${trash_id}`))
}

/** Uploads bytes as an artifact. */
export async function upload(
  run: string,
  bytes: Uint8Array<ArrayBuffer>,
  fields: Record<string, string> = {},
  fileName = 'file.bin',
): Promise<Answer> {
  const form = new FormData()
  for (const [name, value] of Object.entries(fields)) form.append(name, value)
  form.append('file', new Blob([bytes]), fileName)
  const response = await fetch(`${run}/artifacts`, { method: 'POST', body: form })
  return { status: response.status, headers: response.headers, body: await response.json() }
}

/** The lines of a run's export. */
export async function exportedPoints(run: string, query = ''): Promise<Json[]> {
  const response = await fetch(`${run}/metrics/export${query}`)
  const text = await response.text()
  assert.equal(response.status, 200, text)
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))
}
