import { problem } from '@aspara/protocol/errors.ts'
import type { Database } from '../engines/engine.ts'
import type { PointPage } from '../export/point-page.ts'
import type { RunId } from '../tables.ts'
import { pointsPerChunk } from './chunk.ts'
import { mergePoints, noPoints, type Points } from './points.ts'
import { everything, StoredSeries, within } from './stored-series.ts'
import type { Tails } from './tails.ts'

/** Points that are read at once, about; a step is never cut, so it is more where one step has more. */
const pointsPerWindow = 65_536
const chunksPerWindow = pointsPerWindow / pointsPerChunk
/** Where chunks begin is looked up for so many windows at a time. */
const windowsAhead = 64
const pointsPerPage = 65_536

export interface ExportedRun {
  id: RunId
  name: string
}

/**
 * Every point of a run, in pages. Each window of steps is read in a snapshot of its own, so that a slow reader holds
 * nothing up; what was acknowledged before the first page is there once, what comes meanwhile may be.
 * @param metrics undefined: all of them
 * @throws runNotFound when the run is deleted meanwhile: what came so far must not pass for all of it
 */
export async function* readPointPages(
  db: Database,
  tails: Tails,
  run: ExportedRun,
  metrics: string[] | undefined,
): AsyncGenerator<PointPage> {
  let from = -Infinity
  for (;;) {
    const ends = await windowEnds(db, run.id, metrics, from)
    for (const to of ends) {
      yield* pagesOf(run.name, await readWindow(db, tails, run.id, metrics, from, to))
      from = to + 1
    }
    if (ends.at(-1) === Infinity) break
  }
  await requireRun(db, run.id)
}

/** @throws runNotFound */
async function requireRun(db: Database, run: RunId): Promise<void> {
  const head = await db.selectFrom('heads').select('run').where('run', '=', run).executeTakeFirst()
  if (!head) throw problem('runNotFound')
}

/** The last steps of the next windows; the one of the last window is Infinity. */
async function windowEnds(db: Database, run: RunId, metrics: string[] | undefined, from: number): Promise<number[]> {
  let wanted = db.selectFrom('series').select('number').where('run', '=', run)
  if (metrics) wanted = wanted.where('metric', 'in', metrics)
  const numbers = (await wanted.execute()).map((row) => row.number)
  if (numbers.length === 0) return [Infinity]
  const most = chunksPerWindow * windowsAhead
  let starts = db
    .selectFrom('chunks')
    .select('first_step')
    .where('run', '=', run)
    .where('level', '=', 0)
    .where('series', 'in', wanted)
  if (from !== -Infinity) starts = starts.where('first_step', '>', from)
  const rows = await starts.orderBy('first_step').limit(most).execute()
  const ends: number[] = []
  let start = from === -Infinity ? (rows[0]?.first_step ?? 0) : from
  for (let index = chunksPerWindow; index < rows.length; index += chunksPerWindow) {
    const next = rows[index].first_step
    if (next - 1 <= start) continue // Chunks of one step, or of series that begin together.
    ends.push(...parts(start, next, numbers.length))
    start = next
  }
  if (rows.length < most) ends.push(Infinity)
  else if (ends.length === 0) ends.push(rows[rows.length - 1].first_step)
  return ends
}

/** Where more series begin together than a window has chunks, their chunks are read in parts. */
function parts(start: number, next: number, seriesCount: number): number[] {
  const count = Math.min(next - start, Math.ceil(seriesCount / chunksPerWindow))
  if (!(count > 1)) return [next - 1]
  return Array.from({ length: count }, (_, index) => start + Math.ceil(((next - start) * (index + 1)) / count) - 1)
}

interface Window {
  metrics: string[]
  /** One a metric. */
  points: Points[]
}

function readWindow(
  db: Database,
  tails: Tails,
  run: RunId,
  metrics: string[] | undefined,
  from: number,
  to: number,
): Promise<Window> {
  return db.transaction().execute(async (snapshot) => {
    await requireRun(snapshot, run)
    const tail = await tails.read(snapshot, run)
    const rows = await snapshot
      .selectFrom('series')
      .select(['number', 'metric', 'rollup', 'levels'])
      .where('run', '=', run)
      .orderBy('number')
      .execute()
    const stored = new Map(rows.map((row) => [row.metric, row]))
    const wanted = metrics && new Set(metrics)
    const window: Window = { metrics: [], points: [] }
    const range = { ...everything, fromStep: from, toStep: to }
    for (const metric of new Set([...stored.keys(), ...tail.totals.keys()])) {
      if (wanted && !wanted.has(metric)) continue
      const row = stored.get(metric)
      const old = row ? await new StoredSeries(snapshot, run, row).points(range) : noPoints
      const points = mergePoints(old, within(tail.points(metric), range))
      if (points.steps.length === 0) continue
      window.metrics.push(metric)
      window.points.push(points)
    }
    return window
  })
}

/** The points of all metrics, by step, then by metric, then as they came. */
function* pagesOf(run: string, { metrics, points }: Window): Generator<PointPage> {
  const count = points.reduce((sum, { steps }) => sum + steps.length, 0)
  const next = new Uint32Array(points.length)
  for (let done = 0; done < count; ) {
    const length = Math.min(pointsPerPage, count - done)
    const page: PointPage = {
      run,
      metrics,
      metric: new Uint32Array(length),
      steps: new Float64Array(length),
      timestamps: new Float64Array(length),
      values: new Float64Array(length),
    }
    fill(page, points, next)
    yield page
    done += length
  }
}

/** Fills a page from where each metric stands. All that have the lowest step give their points of it, in turn. */
function fill(page: PointPage, points: Points[], next: Uint32Array): void {
  const { length } = page.steps
  let at = 0
  while (at < length) {
    let step = Infinity
    for (let metric = 0; metric < points.length; metric++) {
      const candidate = points[metric].steps[next[metric]]
      if (candidate < step) step = candidate
    }
    for (let metric = 0; metric < points.length && at < length; metric++) {
      const { steps, times, values } = points[metric]
      while (steps[next[metric]] === step && at < length) {
        const row = next[metric]++
        page.metric[at] = metric
        page.steps[at] = step
        page.timestamps[at] = times[row]
        page.values[at++] = values[row]
      }
    }
  }
}
