import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { gzipSync } from 'node:zlib'

/*
 * A tracker that means harm, or another server at its address. What it does to a project stands in the project's name:
 * `names`, `redirect`, … below, or `fuzz-7`: answers of a tracker with something changed, by chance.
 */

export interface Hostile {
  server: Server
  /** How many requests it has answered. */
  answers: number
  /** Requests that came to where `redirect` leads. */
  redirected: IncomingMessage[]
}

const bytes = Buffer.from('owned\n')
const sha256 = createHash('sha256').update(bytes).digest('hex')
const names = [
  ...['../../outside.txt', '/tmp/aspara-outside.txt', '..', '.', '', 'a\0b', 'a\\..\\b', 'C:evil', 'link/inside.txt'],
  ...['a/../../b', '\u001b[2Jclear', '\u202efdp.exe', 'x'.repeat(300), 'good.txt'],
]
const nasty = '\u001b[31mred\u001b]0;title\u0007\u202e\u2066\u009b31m'

function answersOf(project: string): { run: object; list: object; artifacts: object; other: object } {
  const metric = { metric: nasty, count: 1, nonfinite: 0, first_step: 0, first: 1, last_step: 0, last: 1 }
  const run = {
    ...{ project, name: 'r', run_id: 'r', id: 'r', display_name: nasty, status: 'finished', exit_code: 0 },
    ...{ config: { [nasty]: nasty }, summary: {}, tags: [nasty], notes: nasty, finish_reason: nasty },
    ...{ group: nasty, job_type: null, number: 1, duration: 1, writers: [], finished_at: null },
    ...{ created_at: '2026-01-01T00:00:00Z', heard_at: '2026-01-01T00:00:00Z' },
    metrics: [{ ...metric, min: 1, min_step: 0, max: 1, max_step: 0, mean: 1 }],
  }
  const artifact = (name: string) => ({ name, file_size: 6, sha256, category: null, description: null })
  const shown = { name: project, display_name: nasty, tags: [nasty], notes: nasty, runs: 1, heard_at: null }
  return {
    run,
    list: { runs: [run], projects: [shown], writers: [], next_cursor: null },
    artifacts: { artifacts: names.map(artifact), next_cursor: null },
    other: { status: 'ok', project, name: 'r', run_id: 'r', next_sequence: 1, artifact_name: 'a', file_size: 1 },
  }
}

/** Whole numbers below a bound, the same for the same seed (mulberry32). */
export function chanceOf(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}

const oddities: unknown[] = [
  ...[
    null,
    true,
    -1,
    1e308,
    2 ** 53,
    '',
    'x',
    nasty,
    '\ud800',
    [],
    {},
    [[]],
    [null],
    [1],
    { a: 1 },
    'NaN',
    '__proto__',
  ],
  ...[{ __proto__: null, constructor: 1 }, 'x'.repeat(100_000), '2026-99-99T99:99:99Z', [{}], [{ metric: 1 }], 0.5],
]

/** The same value with something in it changed, left out, or put somewhere else. */
export function changed(value: unknown, chance: (below: number) => number): unknown {
  if (value === null || typeof value !== 'object' || chance(6) === 0) return oddities[chance(oddities.length)]
  const entries = Object.entries(value)
  if (entries.length === 0) return oddities[chance(oddities.length)]
  const at = chance(entries.length)
  const [key, inner] = entries[at]
  if (chance(5) === 0) entries.splice(at, 1)
  else entries[at] = [key, changed(inner, chance)]
  return Array.isArray(value) ? entries.map(([, one]) => one) : Object.fromEntries(entries)
}

/** What is no JSON of a tracker at all. */
const bodies: ((json: Buffer) => {
  status?: number
  headers?: Record<string, string>
  body?: Buffer
  cut?: boolean
})[] = [
  () => ({ body: Buffer.from('[1,2') }),
  () => ({ body: Buffer.from('<!doctype html><h1>Welcome</h1>'), headers: { 'content-type': 'text/html' } }),
  () => ({ body: Buffer.from('['.repeat(100_000) + ']'.repeat(100_000)) }),
  () => ({ body: Buffer.from(`${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`) }),
  (json) => ({ body: gzipSync(json), headers: { 'content-encoding': 'gzip' } }),
  (json) => ({
    body: json.subarray(0, json.length / 2),
    headers: { 'content-length': String(json.length) },
    cut: true,
  }),
  () => ({ status: 204 }),
  () => ({ status: 404, body: Buffer.from('{"error":"not found"}') }),
  () => ({ status: 422, body: Buffer.from('{"detail":[{"loc":7,"msg":{"a":1}},null,[]]}') }),
  () => ({ status: 418, body: Buffer.from(JSON.stringify({ detail: nasty })) }),
  () => ({ status: 503, body: Buffer.from('{}'), headers: { 'retry-after': '-5' } }),
  () => ({ body: Buffer.from([0xff, 0xfe, 0x00]) }),
]

export function hostileTracker(seed: number): Hostile {
  const chances = new Map<string, (below: number) => number>()
  const hostile: Hostile = { server: createServer(answer), answers: 0, redirected: [] }
  return hostile

  function answer(request: IncomingMessage, response: ServerResponse): void {
    hostile.answers++
    request.resume()
    const url = request.url as string
    const path = url.split('?')[0]
    if (path.startsWith('/elsewhere')) hostile.redirected.push(request)
    const project = /\/projects\/([\w-]+)/.exec(path)?.[1] ?? 'list'
    const found = answersOf(project)
    const send = (status: number, body: Buffer, headers: Record<string, string> = {}) => {
      response.writeHead(status, { 'content-type': 'application/json', 'content-length': body.length, ...headers })
      response.end(body)
    }
    if (/\/artifacts\/[^/]*$/.test(path)) return send(200, bytes)
    const isExport = path.endsWith('/export')
    const value = path.endsWith('/artifacts')
      ? found.artifacts
      : request.method === 'GET' && /\/runs\/r$/.test(path)
        ? found.run
        : request.method === 'GET'
          ? found.list
          : found.other
    switch (project) {
      case 'redirect':
        return send(307, Buffer.alloc(0), { location: `http://localhost:${port()}/elsewhere${path}` })
      case 'again':
        return send(200, Buffer.from(JSON.stringify({ ...found.list, next_cursor: 'again' })))
      case 'bomb':
        return send(200, gzipSync(Buffer.alloc(300e6, ' ')), { 'content-encoding': 'gzip' })
      case 'endless':
        response.writeHead(200, { 'content-type': 'application/json' })
        response.on('error', () => {})
        return endless()
    }
    if (isExport)
      return send(200, Buffer.from('{"metric":"a","step":0,"timestamp":"2026-01-01T00:00:00Z","value":1}\n'))
    const chance = chances.get(project) ?? chanceOf(seed + Number(/\d+/.exec(project)?.[0] ?? 0))
    chances.set(project, chance)
    if (!project.startsWith('fuzz') || chance(4) === 0) return send(200, Buffer.from(JSON.stringify(value)))
    if (chance(4) > 0) return send(200, Buffer.from(JSON.stringify(changed(value, chance))))
    const {
      status = 200,
      headers = {},
      body = Buffer.alloc(0),
      cut,
    } = bodies[chance(bodies.length)](Buffer.from(JSON.stringify(value)))
    if (status === 204) return void response.writeHead(204).end()
    if (!cut) return send(status, body, headers)
    response.writeHead(status, headers)
    response.write(body, () => response.destroy())

    function endless(): void {
      while (!response.destroyed && response.write(Buffer.alloc(1e6, ' ')));
      if (!response.destroyed) response.once('drain', endless)
    }
  }

  function port(): number {
    return (hostile.server.address() as { port: number }).port
  }
}
