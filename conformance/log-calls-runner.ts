// Makes the calls of log-calls.json with the TypeScript client, in Node and, with its types stripped, in a page. It imports
// nothing for that reason.

/** A value as log-calls.json writes it; `{"$": …}` stands for what JSON does not have (see log-calls.test.ts). */
export type Written = unknown

export interface Call {
  log?: Written
  step?: Written
  commit?: boolean
  timestamp?: Written
  /** Options as they stand, instead of those above. */
  options?: Written
  /** The second argument as it stands. */
  second?: Written
  config?: Written
  summary?: Written
  tags?: Written
  notes?: Written
  define_metric?: string
  artifact?: string
  finish?: number
  raises?: string[]
}

export interface RunCase {
  init?: Record<string, Written>
  /** Options whose names are not to be translated. */
  unknown?: Record<string, Written>
  calls?: Call[]
  summary?: Record<string, unknown>
  figures?: Record<string, number>
}

export interface Case extends RunCase {
  name: string
  env?: Record<string, string>
  tracker?: boolean
  /** Several runs, one after the other. */
  runs?: RunCase[]
}

/** What became of one run. Errors are `Kind: sentence`, null where there was none. */
export interface Outcome {
  raised: string | null
  errors: (string | null)[]
  said: string[]
  next?: number
  project?: string
  name?: string
  id?: string
  url?: string
  resumed?: boolean
  summary?: Record<string, unknown>
  figures?: Record<string, unknown>
}

export interface Surroundings {
  /** More options for each run of a case. */
  options: (one: Case, index: number) => Record<string, unknown>
  /** Calls it with each sentence that the client says; answers what stops that. */
  listen: (hear: (sentence: string) => void) => () => void
  setVariables: (variables: Record<string, string | undefined>) => void
}

// biome-ignore lint/suspicious/noExplicitAny: what is wrong on purpose has no type
type Any = any

export async function runCases(init: Any, cases: Case[], surroundings: Surroundings): Promise<Outcome[][]> {
  const outcomes: Outcome[][] = []
  for (const [index, one] of cases.entries()) {
    const runs: Outcome[] = []
    for (const run of one.runs ?? [one]) {
      const unset = Object.fromEntries(Object.keys(one.env ?? {}).map((name) => [name, undefined]))
      surroundings.setVariables(one.env ?? {})
      runs.push(await runOne(init, run, { ...surroundings.options(one, index) }, surroundings))
      surroundings.setVariables(unset)
    }
    outcomes.push(runs)
  }
  return outcomes
}

async function runOne(init: Any, run: RunCase, more: object, { listen }: Surroundings): Promise<Outcome> {
  const outcome: Outcome = { raised: null, errors: [], said: [] }
  const stop = listen((sentence) => outcome.said.push(sentence))
  try {
    const given = Object.entries(run.init ?? {}).map(([name, value]) => [camelCase(name), read(value)])
    const unknown = Object.entries(run.unknown ?? {}).map(([name, value]) => [name, read(value)])
    const live = await init({ ...more, ...Object.fromEntries(given), ...Object.fromEntries(unknown) })
    for (const call of run.calls ?? []) {
      try {
        await make(live, call)
        outcome.errors.push(null)
      } catch (error) {
        outcome.errors.push(String(error))
      }
    }
    outcome.next = live.step
    outcome.summary = Object.fromEntries(Object.keys(run.summary ?? {}).map((key) => [key, live.summary[key]]))
    await live.finish({ quiet: true, flushTimeoutMs: 5_000 })
    const { project, name, id, url, resumed } = live
    const stats = live.stats()
    const figures = Object.fromEntries(Object.keys(run.figures ?? {}).map((key) => [key, stats[key]]))
    Object.assign(outcome, { project, name, id, url, resumed, figures })
  } catch (error) {
    outcome.raised = String(error)
  } finally {
    stop()
  }
  return outcome
}

async function make(run: Any, call: Call): Promise<void> {
  if ('log' in call) {
    const options: Record<string, unknown> = {}
    for (const name of ['step', 'commit', 'timestamp'] as const) if (name in call) options[name] = read(call[name])
    if ('options' in call) Object.assign(options, read(call.options))
    const second = 'second' in call ? read(call.second) : Object.keys(options).length > 0 ? options : undefined
    return run.log(read(call.log), second)
  }
  if ('config' in call) return run.config.update(read(call.config))
  if ('summary' in call) return run.summary.update(read(call.summary))
  if ('tags' in call) return run.setTags(read(call.tags))
  if ('notes' in call) return run.setNotes(read(call.notes))
  if ('define_metric' in call) return run.defineMetric(call.define_metric, { summary: 'max' })
  if ('artifact' in call) return run.logArtifact(call.artifact)
  await run.finish({ exitCode: call.finish, quiet: true })
}

const camelCase = (name: string): string => name.replaceAll(/_(\w)/g, (_, letter) => letter.toUpperCase())

const seconds = 1_790_000_000

/** The value that is written. */
export function read(written: Written): Any {
  if (typeof written !== 'object' || written === null) return written
  if (Array.isArray(written)) return written.map(read)
  if (!('$' in written)) {
    // By definition and not by assignment: a metric may be called __proto__.
    return Object.fromEntries(Object.entries(written).map(([key, value]) => [key, read(value)]))
  }
  const { $: tag, of, times, between = '', keys, count } = written as Any
  switch (tag) {
    case 'none':
      return null
    case 'undefined':
      return undefined
    case 'NaN':
      return Number.NaN
    case 'Infinity':
      return Number.POSITIVE_INFINITY
    case '-Infinity':
      return Number.NEGATIVE_INFINITY
    case '-0':
      return -0
    case 'float':
      return of
    case 'int':
      return BigInt(of)
    case 'text':
      return Array(times).fill(of).join(between)
    case 'entries':
      return new Map(of.map(([key, value]: Any[]) => [read(key), read(value)]))
    case 'nest':
      return Array.from({ length: keys }).reduce((inner: Any) => ({ k: inner }), read(of))
    case 'circle': {
      const circle: Record<string, unknown> = {}
      circle.again = circle
      return circle
    }
    case 'many':
      return Object.fromEntries(Array.from({ length: count }, (_, index) => [`m${index}`, index]))
    case 'numbers':
      return new Float32Array(of)
    case 'boxed':
      return Object(of)
    case 'bytes':
      return new TextEncoder().encode(of)
    case 'set':
      return new Set(read(of))
    case 'object':
      return new (class Given {
        constructor() {
          Object.assign(this, read(of))
        }
      })()
    case 'tensor':
      return new (class Tensor {
        dataSync() {
          return of
        }
      })()
    case 'function':
      return function given() {}
    case 'promise':
      return Promise.resolve(read(of))
    case 'datetime':
      return new Date(of)
    case 'moment':
      return of
    case 'wrong unit':
      return seconds
    default:
      throw new Error(`BUG: log-calls.json has a value ${tag} that this runner does not know`)
  }
}
