import type { PointPage } from '../export/point-page.ts'
import type { Random } from './random.ts'

/** A point as it stands in a page. */
export interface PagePoint {
  run: string
  metric: string
  step: number
  timestamp: number
  value: number
}

const hardNames = ['loss', 'val/loss', 'a,b', '"', ' é\\ ', '損失', '🦜\u2028', 'NaN']
const hardSteps = [Number.MIN_SAFE_INTEGER, -(2 ** 32), -1, 0, 2 ** 31, 2 ** 32, Number.MAX_SAFE_INTEGER]
const hardTimestamps = [-8.64e15, -1, -0.001, 0, 0.001, 2 ** 32 / 1000, 1_700_000_000_000.001, 8.64e15]
const hardValues = [NaN, Infinity, -Infinity, -0, 0, 5e-324, -Number.MAX_VALUE, 2 ** 53 + 2]

/** Pages of runs as an export gets them, in which any name, step, time and value that is hard for a format may turn up. */
export function randomPages(random: Random, runs: number, pagesPerRun: number, pointsPerPage: number): PointPage[] {
  return Array.from({ length: runs }, (_, index) =>
    pagesOfRun(random, `run-${index}`, pagesPerRun, pointsPerPage),
  ).flat()
}

function pagesOfRun(random: Random, run: string, pages: number, pointsPerPage: number): PointPage[] {
  const step = () => (random.chance(0.02) ? random.pick(hardSteps) : random.between(-20, pages * pointsPerPage))
  const steps = Float64Array.from({ length: pages * pointsPerPage }, step).sort()
  return Array.from({ length: pages }, (_, page) => {
    // Later pages have metrics that earlier ones lack, and the other way round.
    const metrics = random.shuffle([...hardNames, `only in ${run} ${page}`]).slice(0, random.between(1, 9))
    const ofPage = steps.slice(page * pointsPerPage, (page + 1) * pointsPerPage)
    const rows = Array.from(ofPage, (step) => ({ step, metric: random.below(metrics.length) }))
    rows.sort((one, other) => one.step - other.step || one.metric - other.metric)
    const column = (pick: () => number) => Float64Array.from(rows, pick)
    return {
      run,
      metrics,
      metric: Uint32Array.from(rows, ({ metric }) => metric),
      steps: Float64Array.from(rows, ({ step }) => step),
      timestamps: column(() => (random.chance(0.1) ? random.pick(hardTimestamps) : randomTimestamp(random))),
      values: column(() => (random.chance(0.1) ? random.pick(hardValues) : random.next() - 0.5)),
    }
  })
}

/** Around now, to the microsecond. */
const randomTimestamp = (random: Random) => 1.7e12 + random.below(2 ** 40) / 1000

export function pointsOf(page: PointPage): PagePoint[] {
  return Array.from(page.values, (value, row) => ({
    run: page.run,
    metric: page.metrics[page.metric[row]],
    step: page.steps[row],
    timestamp: page.timestamps[row],
    value,
  }))
}
