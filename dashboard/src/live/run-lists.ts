import type { QueryClient, QueryKey } from '@tanstack/react-query'
import { tellGone, tellThere } from '../api/gone.ts'
import type { Run, RunDetails, RunsRequest } from '../api/queries.ts'
import type { PointBlock } from '../series/series-store.ts'
import { foldSummary } from './fold-summary.ts'
import { isInPlace, type Lists, placeRun } from './place-run.ts'

/** So often at most what is shown of runs follows their points, ms. */
const followMs = 500
/** So often at most a filtered or sorted list is asked again because runs have changed, ms. */
const askAgainMs = 3_000

/** Keeps the lists of runs, and single ones, as they would be if they were asked for now. */
export class RunLists {
  readonly #project: string
  readonly #queries: QueryClient
  #waiting: PointBlock[] = []
  #follow: ReturnType<typeof setTimeout> | undefined
  #again: ReturnType<typeof setTimeout> | undefined
  #count: ReturnType<typeof setTimeout> | undefined
  readonly #statuses = new Map<string, Run['status']>()

  constructor(project: string, queries: QueryClient) {
    this.#project = project
    this.#queries = queries
  }

  /** A run is new, or something but points has changed about it. Lists that have it show it already. */
  tell(told: Omit<Run, 'metrics'>): void {
    this.#queries.setQueryData<RunDetails>(['run', this.#project, told.name], (run) => run && { ...run, ...told })
    tellThere(this.#queries, this.#project, told.name)
    if (this.#statuses.get(told.name) !== told.status) this.#countAgain()
    this.#statuses.set(told.name, told.status)
    // It may fit a filter no longer, or for the first time, or stand elsewhere.
    if (this.place(told)) this.askAgain()
  }

  /** Puts a run into the lists of all runs where it belongs. @returns whether there are other lists that may have it or not */
  place(told: Omit<Run, 'metrics'>): boolean {
    let hasOthers = false
    for (const [key, data] of this.#queries.getQueriesData<Lists>({ queryKey: ['runs', this.#project] })) {
      if (!data) continue
      const { filter, sort } = key[2] as RunsRequest
      if (filter !== '' || sort !== '') hasOthers = true
      else if (!isInPlace(data, told)) {
        const before = data.pages.flatMap(({ runs }) => runs).find(({ name }) => name === told.name)
        this.#queries.setQueryData<Lists>(key, placeRun(data, { metrics: before?.metrics ?? [], ...told }))
      }
    }
    return hasOthers
  }

  remove(names: string[]): void {
    const gone = new Set(names)
    this.#queries.setQueriesData<Lists>({ queryKey: ['runs', this.#project] }, (data) => {
      if (!data) return data
      const pages = data.pages.map((page) => ({ ...page, runs: page.runs.filter(({ name }) => !gone.has(name)) }))
      return { ...data, pages }
    })
    for (const name of names) tellGone(this.#queries, this.#project, name)
    void this.#queries.invalidateQueries({ queryKey: ['trash', this.#project] })
    this.#countAgain()
  }

  points(block: PointBlock): void {
    this.#waiting.push(block)
    this.#follow ??= setTimeout(() => {
      this.#follow = undefined
      this.#fold(this.#waiting.splice(0))
    }, followMs)
  }

  /** The lists are to be read again: soon, and not for each change. */
  askAgain(): void {
    this.#again ??= setTimeout(() => {
      this.#again = undefined
      void this.#queries.invalidateQueries({ queryKey: ['runs', this.#project] })
      void this.#queries.invalidateQueries({ queryKey: ['run', this.#project] })
    }, askAgainMs)
  }

  /** How many runs the project has, and how many are running, has changed. */
  #countAgain(): void {
    this.#count ??= setTimeout(() => {
      this.#count = undefined
      void this.#queries.invalidateQueries({ queryKey: ['project', this.#project] })
    }, followMs)
  }

  #isShown(queryKey: QueryKey): boolean {
    return this.#queries.getQueryCache().find({ queryKey })?.isActive() ?? false
  }

  #fold(blocks: PointBlock[]): void {
    const byRun = Map.groupBy(blocks, ({ run }) => run)
    const folded = <Told extends Pick<Run, 'name' | 'metrics' | 'heard_at' | 'created_at' | 'duration'>>(
      run: Told,
      wanted: Set<string> | null,
    ): Told => {
      const told = byRun.get(run.name)
      if (!told) return run
      const last = told.at(-1)!.timestamps.at(-1)
      const heard = last === undefined ? run.heard_at : new Date(Math.max(last, Date.parse(run.heard_at))).toISOString()
      const took = last === undefined ? 0 : (last - Date.parse(run.created_at)) / 1_000
      const duration = Math.max(run.duration, took)
      return { ...run, heard_at: heard, duration, metrics: foldSummary(run.metrics, told, wanted) }
    }
    for (const [key, data] of this.#queries.getQueriesData<Lists>({ queryKey: ['runs', this.#project] })) {
      const { metrics, filter, sort } = key[2] as RunsRequest
      // Points may have moved a run to another place, or in or out.
      if (/metric|heard/.test(filter + sort) && this.#isShown(key)) this.askAgain()
      if (!data?.pages.some(({ runs }) => runs.some(({ name }) => byRun.has(name)))) continue
      const wanted = metrics && new Set(metrics)
      this.#queries.setQueryData<Lists>(key, {
        ...data,
        pages: data.pages.map((page) => ({ ...page, runs: page.runs.map((run) => folded(run, wanted)) })),
      })
    }
    for (const name of byRun.keys()) {
      this.#queries.setQueryData<RunDetails>(['run', this.#project, name], (run) => run && folded(run, null))
    }
  }
}
