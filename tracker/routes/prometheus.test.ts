import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { ask, must } from '../testing/ask.ts'
import { startTracker, type TrackerProcess } from '../testing/tracker-process.ts'

let tracker: TrackerProcess
before(async () => {
  tracker = await startTracker()
})
after(() => tracker.stop())

interface Sample {
  name: string
  labels: Record<string, string>
  value: number
}

interface Exposition {
  samples: Sample[]
  /** Of each family, by name. */
  types: Map<string, string>
  helps: Map<string, string>
}

/** The text format 0.0.4, strictly: https://prometheus.io/docs/instrumenting/exposition_formats/ */
function parse(text: string): Exposition {
  assert.ok(text.endsWith('\n'), 'the last line has no end')
  const [types, helps, samples] = [new Map<string, string>(), new Map<string, string>(), [] as Sample[]]
  for (const line of text.split('\n').filter((line) => line !== '')) {
    const comment = /^# (TYPE|HELP) ([a-zA-Z_:][a-zA-Z0-9_:]*) (.+)$/.exec(line)
    if (comment) {
      const [, kind, name, rest] = comment
      const known = kind === 'TYPE' ? types : helps
      assert.ok(!known.has(name), `${kind} of ${name} twice`)
      known.set(name, rest)
      continue
    }
    const sample = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/.exec(line)
    assert.ok(sample, `not a sample: ${line}`)
    const [, name, labelText = '', value] = sample
    const labels = Object.fromEntries(
      [...labelText.matchAll(/([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"(?:,|$)/g)].map(([, key, text]) => [
        key,
        text,
      ]),
    )
    const number = value === '+Inf' ? Infinity : value === 'Nan' || value === 'NaN' ? Number.NaN : Number(value)
    assert.ok(value === 'Nan' || value === 'NaN' || !Number.isNaN(number), `not a number: ${line}`)
    samples.push({ name, labels, value: number })
  }
  return { samples, types, helps }
}

async function scrape(): Promise<Exposition> {
  const response = await fetch(`${tracker.url}/metrics`)
  assert.equal(response.status, 200)
  assert.match(response.headers.get('content-type') ?? '', /^text\/plain; version=0\.0\.4/)
  return parse(await response.text())
}

const sumOf = ({ samples }: Exposition, name: string, labels: Record<string, string> = {}) =>
  samples
    .filter(
      (sample) => sample.name === name && Object.entries(labels).every(([key, text]) => sample.labels[key] === text),
    )
    .reduce((sum, sample) => sum + sample.value, 0)

test('every family has its type and its help, and every sample its family', async () => {
  const { samples, types, helps } = await scrape()
  assert.deepEqual([...types.keys()].sort(), [...helps.keys()].sort())
  for (const { name } of samples) {
    const family = types.has(name) ? name : name.replace(/_(bucket|sum|count)$/, '')
    assert.ok(types.has(family), `${name} has no type`)
  }
  for (const name of [
    'aspara_http_requests_total',
    'aspara_writes_total',
    'aspara_commit_duration_seconds',
    'aspara_queued_bytes',
    'aspara_open_streams',
  ]) {
    assert.ok(types.has(name), name)
  }
  assert.ok(sumOf({ samples, types, helps }, 'process_resident_memory_bytes') > 0)
})

test('requests are counted by method, route and status, and no name of a user becomes a label', async () => {
  const before = await scrape()
  const run = `${tracker.api}/projects/secret-project/runs/secret-run`
  for (let step = 0; step < 3; step++) await must('POST', `${run}/metrics`, { step, metrics: { loss: 1 } })
  await ask('POST', `${run}/metrics`, { metrics: { loss: 'high' } })
  await ask('GET', `${tracker.url}/secret-address`)
  const after = await scrape()
  const grown = (labels: Record<string, string>) =>
    sumOf(after, 'aspara_http_requests_total', labels) - sumOf(before, 'aspara_http_requests_total', labels)
  const route = '/tracker/api/v1/projects/:project/runs/:run/metrics'
  assert.equal(grown({ method: 'POST', route, status: '200' }), 3)
  assert.equal(grown({ method: 'POST', route, status: '422' }), 1)
  assert.equal(grown({ route: 'none', status: '404' }), 1)
  assert.doesNotMatch(JSON.stringify(after.samples), /secret/)
})

test('writes and commits are counted, with how long they took', async () => {
  const before = await scrape()
  const run = `${tracker.api}/projects/p/runs/counted`
  await Promise.all(
    Array.from({ length: 40 }, (_, step) => must('POST', `${run}/metrics`, { step, metrics: { loss: 1 } })),
  )
  const after = await scrape()
  assert.equal(sumOf(after, 'aspara_writes_total') - sumOf(before, 'aspara_writes_total'), 40)
  const commits =
    sumOf(after, 'aspara_commit_duration_seconds_count') - sumOf(before, 'aspara_commit_duration_seconds_count')
  assert.ok(commits >= 1 && commits <= 40, `${commits} commits`)
  assert.ok(sumOf(after, 'aspara_commit_duration_seconds_sum') > 0)
  const whole = sumOf(after, 'aspara_commit_duration_seconds_bucket', { le: '+Inf' })
  assert.equal(whole, sumOf(after, 'aspara_commit_duration_seconds_count'))
  assert.equal(sumOf(after, 'aspara_queued_bytes'), 0)
})

test('streams are counted while they are open', async () => {
  await must('POST', `${tracker.api}/projects/streamed/runs`, { name: 'r' })
  const openStreams = async () => sumOf(await scrape(), 'aspara_open_streams')
  assert.equal(await openStreams(), 0)
  const listening = new AbortController()
  const [one, other] = await Promise.all(
    [1, 2].map(() => fetch(`${tracker.api}/projects/streamed/stream`, { signal: listening.signal })),
  )
  // A stream is counted before it says its first word.
  for (const { body } of [one!, other!]) await body!.getReader().read()
  assert.equal(await openStreams(), 2)
  listening.abort()
  while ((await openStreams()) > 0) await new Promise((resolve) => setTimeout(resolve, 10))
})
