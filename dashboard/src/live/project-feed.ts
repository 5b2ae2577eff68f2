import type { QueryClient } from '@tanstack/react-query'
import { ask, onToken, path, query, TrackerProblem } from '../api/ask.ts'
import { replaceRun } from '../api/changes.ts'
import type { Project, ProjectMetric, Run, RunsPage } from '../api/queries.ts'
import { SeriesStore } from '../series/series-store.ts'
import { openStream } from './open-stream.ts'
import { RunLists } from './run-lists.ts'
import type { StreamMessage } from './stream-hub.ts'

/** How the page stands to its tracker. */
export type FeedState =
  | { kind: 'connecting' }
  | { kind: 'live' }
  /** What is shown is of `since`, ms since the epoch. */
  | { kind: 'away'; since: number }
  | { kind: 'refused'; status: number }

interface Changes {
  since: string
  points: {
    run: string
    columns: {
      cursor: string
      steps: number[]
      timestamps: number[]
      metrics: Record<string, (number | string)[]>
    }[]
  }[]
  runs: Omit<Run, 'metrics'>[]
  deleted: string[]
  resync?: string[] | null
  project?: Project
}

/** Longer than that no page takes from its first question to its stream, ms. */
const catchUpMs = 60_000

/** A tab that is not looked at for so long lets go of the stream, ms: switching to and fro costs nothing. */
const hiddenMs = 2_000

/**
 * What the tracker tells of a project, taken into what the page shows: charts, lists and single runs. One a tab; tabs
 * share the stream itself.
 */
export class ProjectFeed {
  readonly project: string
  readonly series: SeriesStore
  readonly #queries: QueryClient
  readonly #lists: RunLists
  readonly #listeners = new Set<() => void>()
  #state: FeedState = { kind: 'connecting' }
  #leave: (() => void) | null = null
  /** How far everything here goes. */
  #cursor: string | null = null
  #toldAt = Date.now()

  constructor(project: string, queries: QueryClient) {
    this.project = project
    this.series = new SeriesStore(project)
    this.#queries = queries
    this.#lists = new RunLists(project, queries)
  }

  get state(): FeedState {
    return this.#state
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Listens while the tab is looked at, until the answered function is called. */
  open(): () => void {
    let timer: ReturnType<typeof setTimeout> | undefined
    const onVisibility = () => {
      clearTimeout(timer)
      if (document.hidden) timer = setTimeout(() => this.#stop(), hiddenMs)
      else this.#start()
    }
    const onPageHide = () => this.#stop()
    document.addEventListener('visibilitychange', onVisibility)
    window.addEventListener('pagehide', onPageHide)
    window.addEventListener('pageshow', onVisibility)
    const forgetToken = onToken(() => {
      this.#stop()
      onVisibility()
    })
    if (!document.hidden) this.#start()
    return () => {
      clearTimeout(timer)
      forgetToken()
      document.removeEventListener('visibilitychange', onVisibility)
      window.removeEventListener('pagehide', onPageHide)
      window.removeEventListener('pageshow', onVisibility)
      this.#stop()
    }
  }

  #start(): void {
    this.#leave ??= openStream(this.project, this.#cursor, (message) => this.#hear(message))
  }

  #stop(): void {
    this.#leave?.()
    this.#leave = null
  }

  #hear(message: StreamMessage): void {
    if (message.kind === 'open') {
      if (this.#cursor === null) void this.#catchUp()
      this.#cursor ??= message.cursor
      const wasAway = this.#state.kind === 'away'
      this.#setState({ kind: 'live' })
      // What was asked while it was away may have failed for good.
      if (wasAway) void this.#queries.invalidateQueries({ predicate: ({ state }) => state.status === 'error' })
    } else if (message.kind === 'away') {
      if (this.#state.kind !== 'away') this.#setState({ kind: 'away', since: this.#toldAt })
    } else if (message.kind === 'refused') {
      this.#setState({ kind: 'refused', status: message.status })
    } else if (message.type === 'changes' || message.type === 'resync') {
      this.#take(message.id, JSON.parse(message.data))
    }
    if (message.kind !== 'away') this.#toldAt = Date.now()
  }

  #take(id: string, changes: Changes): void {
    const known = Number(this.#cursor ?? '0')
    // Another tab that was away had the stream begin earlier.
    if (Number(id) <= known) return
    this.#cursor = id
    const { deleted, runs, points, resync, project } = changes
    if (resync === null) {
      this.series.invalidate(null)
      this.#lists.askAgain()
      return
    }
    if (deleted.length > 0) {
      this.series.remove(deleted)
      this.#lists.remove(deleted)
    }
    for (const run of runs) {
      replaceRun(this.#queries, this.project, run)
      this.#lists.tell(run)
    }
    for (const { run, columns } of points) {
      for (const { cursor, steps, timestamps, metrics } of columns) {
        const block = { run, cursor: Number(cursor), steps, timestamps, metrics }
        if (block.cursor <= known) continue
        this.series.add(block)
        this.#lists.points(block)
        this.#nameMetrics(Object.keys(metrics))
      }
    }
    if (resync) {
      this.series.invalidate(resync)
      this.#lists.askAgain()
    }
    if (project) {
      this.#queries.setQueryData(['project', this.project], project)
    }
  }

  /** A metric that is new to the project gets a panel. Looked up first: nearly always there is none. */
  #nameMetrics(names: string[]): void {
    const key = ['metrics', this.project]
    const metrics = this.#queries.getQueryData<ProjectMetric[]>(key)
    if (!metrics) return
    const known = namesOf(metrics)
    const added = names.filter((metric) => !known.has(metric))
    if (added.length === 0) return
    const all = [...metrics, ...added.map((metric) => ({ metric, runs: 1, points: 0 }))]
    this.#queries.setQueryData<ProjectMetric[]>(
      key,
      all.sort((one, other) => (one.metric < other.metric ? -1 : 1)),
    )
  }

  /** Lists are asked for before the stream has begun: what happened in between happened to the runs heard of last. */
  async #catchUp(): Promise<void> {
    const recent = query({ sort: '-heard', metrics: '', limit: 50 })
    try {
      const { runs } = await ask<RunsPage>(path('projects', this.project, 'runs') + recent)
      const newestMs = Math.max(...runs.map(({ heard_at }) => Date.parse(heard_at))) - catchUpMs
      for (const { metrics: _, ...run } of runs) {
        replaceRun(this.#queries, this.project, run)
        if (Date.parse(run.created_at) > newestMs) this.#lists.tell(run)
        // One that was sent after its training is new, too, and older than it looks.
        else this.#lists.place(run)
      }
    } catch (error) {
      // A tracker that is away, or a project that is gone: the stream tells of either.
      if (!(error instanceof TrackerProblem)) throw error
    }
  }

  #setState(state: FeedState): void {
    this.#state = state
    for (const listener of this.#listeners) listener()
  }
}

const names = new WeakMap<ProjectMetric[], Set<string>>()

function namesOf(metrics: ProjectMetric[]): Set<string> {
  const known = names.get(metrics) ?? new Set(metrics.map(({ metric }) => metric))
  names.set(metrics, known)
  return known
}
