// What `init()` and `log()` mean, as data: log-calls.json has calls and what becomes of them, and every client is held
// against it: Python and TypeScript in Node, whose spools are read back, and TypeScript in a real browser, on a tracker.
//
// A case is one run, or several (`runs`): `init` has its options in snake_case, `unknown` those that are not translated,
// `calls` what is called then; an init or a call that `raises` has these words in its sentence. Then
//
//   points   all that is kept, as [metric, step, value] and, where it matters, the time in milliseconds
//   count    how many points there are, where `points` names some of them only
//   next     the step that the next call without one takes
//   said     what the client says, a list of words for each sentence; nothing if it is not there
//   shows    what is known of the run afterwards; `summary` what it has before it ends; `figures` of stats() or overhead()
//   tracker  the run is logged to a tracker, by all clients; `env` is set meanwhile; `only` some clients can do it
//
// Where JSON has no such value it stands as {"$": …}: log-calls-runner.ts and log_calls.py read that.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync } from 'node:fs'
import { readFile, rm } from 'node:fs/promises'
import { stripTypeScriptTypes } from 'node:module'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { startTracker, type TrackerProcess, temporaryFolder } from '@aspara/tracker/testing/tracker-process.ts'
import { SpoolReader } from 'aspara/spool-reader.ts'
import { launchChromium } from './chromium.ts'
import { type Case, type Outcome, type RunCase, read } from './log-calls-runner.ts'
import { runPython } from './python.ts'
import { exportPoints, getJson, getRun, type Json } from './read-back.ts'

type Client = 'python' | 'node' | 'browser'
type ExpectedPoint = [metric: unknown, step: number, value: unknown, time?: number]

interface ExpectedRun extends RunCase {
  raises?: string[]
  points?: ExpectedPoint[]
  count?: number
  next?: number
  said?: string[][] | 'any'
  shows?: Record<string, unknown>
}
interface ExpectedCase extends Omit<Case, 'runs'>, ExpectedRun {
  only?: Client[]
  runs?: ExpectedRun[]
}

/** What is kept of a run. */
interface Kept {
  points: { metric: string; step: number; value: unknown; time: number | undefined }[]
  /** Of the run's documents, by the names of the wire. */
  facts: Record<string, unknown>
}

const path = fileURLToPath(new URL('./log-calls.json', import.meta.url))
const cases: ExpectedCase[] = JSON.parse(await readFile(path, 'utf8'))
/** Far from UTC and the same all year: local time is not to be taken for it by chance. */
const TZ = 'Asia/Kolkata'

suite('Python', () => {
  const program = fileURLToPath(new URL('./log_calls.py', import.meta.url))
  const PYTHONPATH = fileURLToPath(new URL('../python/src', import.meta.url))
  checkClient('python', async (tracker, folder) => {
    const env = { TZ, PYTHONPATH, ASPARA_DATA_DIR: folder }
    const { exitCode, stdout, stderr } = await runPython([program, path, folder, tracker.url], { env })
    assert.equal(exitCode, 0, stderr)
    return JSON.parse(stdout)
  })
})

suite('TypeScript in Node', () => {
  const program = fileURLToPath(new URL('./log-calls-node.ts', import.meta.url))
  checkClient('node', async (tracker, folder) => {
    const env = { ...process.env, TZ, ASPARA_DATA_DIR: folder }
    const child = spawn(process.execPath, [program, path, folder, tracker.url], {
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const pieces: Buffer[] = []
    child.stdout.on('data', (piece) => pieces.push(piece))
    const [exitCode] = await once(child, 'close')
    assert.equal(exitCode, 0)
    return JSON.parse(String(Buffer.concat(pieces)))
  })
})

suite('TypeScript in a browser', () => {
  checkClient('browser', async (tracker, folder) => {
    const built = spawn(process.execPath, ['scripts/build-client.mjs', join(folder, 'client')], {
      cwd: fileURLToPath(new URL('..', import.meta.url)),
      stdio: 'inherit',
    })
    assert.deepEqual(await once(built, 'close'), [0, null])
    const runner = await readFile(new URL('./log-calls-runner.ts', import.meta.url), 'utf8')
    const files: Record<string, [type: string, body: string]> = {
      'page.html': ['text/html', '<!doctype html><title>calls</title>'],
      'aspara.js': ['text/javascript', await readFile(join(folder, 'client', 'browser.js'), 'utf8')],
      'runner.js': ['text/javascript', stripTypeScriptTypes(runner)],
    }
    const browser = await launchChromium()
    try {
      const context = await browser.newContext({ timezoneId: TZ })
      const page = await context.newPage()
      for (const [name, [contentType, body]] of Object.entries(files)) {
        await page.route(`${tracker.url}/calls/${name}`, (route) => route.fulfill({ contentType, body }))
      }
      await page.goto(`${tracker.url}/calls/page.html`)
      return await page.evaluate(
        async (given) => {
          const [aspara, { runCases }] = (await Promise.all(
            ['/calls/aspara.js', '/calls/runner.js'].map((file) => import(file)),
          )) as [typeof import('aspara'), typeof import('./log-calls-runner.ts')]
          return runCases(aspara.init, JSON.parse(given), {
            options: (_, index) => ({ project: `log-calls-${index}` }),
            listen(hear) {
              const { warn } = console
              console.warn = (sentence) => hear(String(sentence))
              return () => {
                console.warn = warn
              }
            },
            setVariables() {},
          })
          // As text: what Playwright makes of an object loses a property that is called __proto__.
        },
        JSON.stringify(fits('browser')),
      )
    } finally {
      await browser.close()
    }
  })
})

/** The cases that a client can do. */
function fits(client: Client): ExpectedCase[] {
  return cases.filter((one) => (one.only?.includes(client) ?? true) && !(one.env && client === 'browser'))
}

function checkClient(client: Client, run: (tracker: TrackerProcess, folder: string) => Promise<Outcome[][]>): void {
  let tracker: TrackerProcess
  let folder: string
  let outcomes: Outcome[][]
  before(async () => {
    tracker = await startTracker()
    folder = await temporaryFolder()
    outcomes = await run(tracker, folder)
  })
  after(async () => {
    await tracker.stop()
    await rm(folder, { recursive: true, force: true })
  })

  const mine = client === 'browser' ? fits(client) : cases
  for (const [index, one] of mine.entries()) {
    if (!fits(client).includes(one)) continue
    test(one.name, async () => {
      for (const [number, expected] of (one.runs ?? [one]).entries()) {
        const outcome = outcomes[index][number]
        const isOnTracker = client === 'browser' || one.tracker === true
        checkOutcome(client, expected, outcome, tracker.url, one.tracker === true)
        if (outcome.raised !== null || (!expected.points && !expected.shows)) continue
        const kept = isOnTracker
          ? await readTracker(tracker, outcome.project as string, outcome.name as string)
          : readSpool(join(folder, String(index)))
        checkKept(expected, outcome, kept, isOnTracker ? tracker.url : 'http://127.0.0.1:9')
      }
    })
  }
}

function checkOutcome(
  client: Client,
  expected: ExpectedRun,
  outcome: Outcome,
  url: string,
  isOnTracker: boolean,
): void {
  checkError(client, 'init', expected.raises, outcome.raised)
  if (expected.raises) return
  for (const [index, call] of (expected.calls ?? []).entries()) {
    checkError(client, JSON.stringify(call).slice(0, 200), call.raises, outcome.errors[index])
  }
  if (expected.next !== undefined) assert.equal(outcome.next, expected.next, 'the next step')
  if (expected.summary) assert.deepEqual(outcome.summary, expected.summary, 'the summary')
  if (expected.figures) assert.deepEqual(outcome.figures, expected.figures)
  // What is said of a run that is begun on a tracker is not the same everywhere.
  const said = expected.said ?? (isOnTracker ? 'any' : [])
  if (said === 'any') return
  const heard = outcome.said.join('\n')
  for (const sentence of outcome.said) assert.match(sentence, /^aspara: /, heard)
  for (const words of said) {
    const found = outcome.said.filter((sentence) => hasWords(sentence, words))
    assert.equal(found.length, 1, `${words} is said ${found.length} times and not once on ${url}:\n${heard}`)
  }
  assert.equal(outcome.said.length, said.length, `more is said than expected:\n${heard}`)
}

/** Words of a sentence; `a|b` is one of them. */
function hasWords(sentence: string, words: string[]): boolean {
  const text = sentence.toLowerCase()
  return words.every((word) => word.split('|').some((one) => text.includes(one.toLowerCase())))
}

function checkError(client: Client, call: string, raises: string[] | undefined, error: string | null): void {
  if (!raises) return assert.equal(error, null, `${call} raised`)
  assert.ok(error !== null, `${call} did not raise`)
  // Python knows a difference between a wrong type and a wrong value; in JavaScript every argument is one of type.
  assert.match(error, client === 'python' ? /^(TypeError|ValueError): / : /^TypeError: /, call)
  assert.ok(hasWords(error, raises), `${call}: ${error} has not the words ${raises}`)
}

function checkKept(expected: ExpectedRun, outcome: Outcome, kept: Kept, url: string): void {
  if (expected.points) {
    const wanted = inOrder(
      expected.points.map(([metric, step, value, time]) => ({ metric: read(metric) as string, step, value, time })),
    )
    const found = kept.points.filter(
      ({ metric, step }) =>
        expected.count === undefined || wanted.some((point) => point.metric === metric && point.step === step),
    )
    const timed = found.map((point, index) =>
      wanted[index]?.time === undefined ? { ...point, time: undefined } : point,
    )
    assert.deepEqual(timed, wanted)
    if (expected.count !== undefined) assert.equal(kept.points.length, expected.count)
  }
  const { project, name, id, url: page, resumed } = outcome
  const facts: Record<string, unknown> = { ...kept.facts, project, name, id, url: page, resumed }
  for (const [key, wanted] of Object.entries(expected.shows ?? {})) {
    checkFact(key, facts[key] ?? null, key === 'url' ? String(wanted).replace('{tracker}', url) : wanted)
  }
}

/** A pattern may stand in the place of a text, at any depth. */
function checkFact(key: string, found: unknown, wanted: unknown): void {
  const { $: tag, of } = (wanted ?? {}) as { $?: string; of?: string }
  if (tag === 'pattern') {
    assert.match(String(found), new RegExp(of as string), key)
  } else if (tag === undefined && typeof wanted === 'object' && wanted !== null && !Array.isArray(wanted)) {
    assert.deepEqual(Object.keys(found ?? {}).sort(), Object.keys(wanted).sort(), key)
    for (const [inner, value] of Object.entries(wanted)) checkFact(`${key}.${inner}`, (found as Json)[inner], value)
  } else {
    assert.deepEqual(found, read(wanted), key)
  }
}

const plainValue = (value: number | string): unknown =>
  typeof value === 'number' && (!Number.isFinite(value) || Object.is(value, -0))
    ? Object.is(value, -0)
      ? '-0'
      : String(value)
    : value

/** By step and metric: in which order a row has its metrics makes no difference. */
function inOrder(points: Kept['points']): Kept['points'] {
  const order = ({ metric, step }: Kept['points'][number]) => [step, metric] as const
  return points.sort((a, b) => {
    const [[stepA, metricA], [stepB, metricB]] = [order(a), order(b)]
    return stepA - stepB || (metricA < metricB ? -1 : 1)
  })
}

function readSpool(folder: string): Kept {
  const writers = existsSync(folder) ? readdirSync(folder) : []
  assert.equal(writers.length, 1, `${folder} has one spool`)
  const reader = new SpoolReader(join(folder, writers[0]))
  const points: Kept['points'] = []
  const facts: Record<string, unknown> = {}
  for (let item = reader.peek(); item; item = reader.peek()) {
    if (item.document) {
      const { type, values, ...fields } = item.document
      if (type === 'run') Object.assign(facts, fields, { config: { ...(fields.config as object) } })
      else if (type === 'config') Object.assign(facts.config as object, values)
      else if (type === 'tags' || type === 'notes') Object.assign(facts, fields)
    } else {
      for (const [index, metric] of item.keys.entries()) {
        points.push({ metric, step: item.step, value: plainValue(item.values[item.at + index]), time: item.time })
      }
    }
    reader.pass()
  }
  reader.close()
  return { points: inOrder(points), facts }
}

async function readTracker({ api }: TrackerProcess, project: string, run: string): Promise<Kept> {
  const points = await exportPoints(api, project, run)
  const record = await getRun(api, project, run)
  const { display_name } = await getJson(`${api}/projects/${project}`)
  return {
    points: inOrder(
      points.map(({ metric, step, value, timestamp }) => ({ metric, step, value: plainValue(value), time: timestamp })),
    ),
    facts: { ...record, project_display_name: display_name },
  }
}
