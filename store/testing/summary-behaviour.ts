import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { MetricSummary } from '@aspara/protocol/metrics.ts'
import { newProject, newRun } from './ask-store.ts'
import { assertSameSummaries, summariesOf } from './model-store.ts'
import { batch, record } from './plain-appends.ts'
import { seededRandom } from './random.ts'
import type { StoreUnderTest } from './store-suite.ts'

export function summaryBehaviour(tested: StoreUnderTest): void {
  test('what a metric came to is told with it, in the order in which the metrics came', async () => {
    const { journal } = tested.store
    const project = newProject('summary')
    const metrics = { loss: [2, Number.NaN, 1, 3], accuracy: [null, null, 0.5, Infinity] }
    await journal.appendBatch(batch({ project, sequence: 0, steps: [3, 9, 1, 5], metrics }))
    await journal.appendRecord({ ...record('r', 9, { lr: 0.1, loss: -Infinity }), project })
    const expected: MetricSummary[] = [
      {
        ...{ metric: 'loss', count: 5, nonfinite: 2, first_step: 1, first: 1, last_step: 9, last: '-Infinity' },
        ...{ min: 1, min_step: 1, max: 3, max_step: 5, mean: 2 },
      },
      {
        ...{ metric: 'accuracy', count: 2, nonfinite: 1, first_step: 1, first: 0.5, last_step: 5, last: 'Infinity' },
        ...{ min: 0.5, min_step: 1, max: 0.5, max_step: 1, mean: 0.5 },
      },
      {
        ...{ metric: 'lr', count: 1, nonfinite: 0, first_step: 9, first: 0.1, last_step: 9, last: 0.1 },
        ...{ min: 0.1, min_step: 9, max: 0.1, max_step: 9, mean: 0.1 },
      },
    ]
    assert.deepEqual(await tested.store.series.listMetrics({ project, run: 'r' }), expected)
  })

  test('a metric that was never finite has no lowest and no highest value', async () => {
    const { journal } = tested.store
    const project = newProject('summary')
    await journal.appendBatch(batch({ project, sequence: 0, steps: [0, 1], metrics: { a: [Number.NaN, Infinity] } }))
    assert.deepEqual(await tested.store.series.listMetrics({ project, run: 'r' }), [
      {
        ...{ metric: 'a', count: 2, nonfinite: 2, first_step: 0, first: 'NaN', last_step: 1, last: 'Infinity' },
        ...{ min: null, min_step: null, max: null, max_step: null, mean: null },
      },
    ])
  })

  test('summaries equal a plain fold of all points, however they came and whenever they are asked for', async () => {
    const { journal, catalog } = tested.store
    const project = newProject('summary')
    const address = { project, run: 'r' }
    const random = seededRandom(11)
    const points: { metric: string; step: number; value: number }[] = []
    for (let sequence = 0; sequence < 150; sequence++) {
      const steps = Array.from({ length: random.between(1, 30) }, () => random.between(-20, 200))
      const metrics: Record<string, (number | null)[]> = {}
      for (const metric of ['a', 'b', 'c', 'd']) {
        if (random.chance(0.3)) continue
        metrics[metric] = steps.map(() => {
          if (random.chance(0.2)) return null
          return random.pick([random.next(), -random.next(), Number.NaN, Infinity, -Infinity, 0])
        })
      }
      steps.forEach((step, row) => {
        for (const [metric, cells] of Object.entries(metrics)) {
          const value = cells[row]
          if (value !== null) points.push({ metric, step, value })
        }
      })
      await journal.appendBatch(batch({ project, sequence, steps, metrics }))
      // Asked now and then: what was folded before is kept, and what is new added to it.
      if (sequence % 40 === 0) assertSameSummaries(await tested.store.series.listMetrics(address), summariesOf(points))
    }
    const expected = summariesOf(points)
    const answers = await Promise.all([
      tested.store.series.listMetrics(address),
      tested.store.series.listMetrics(address),
      catalog.readRun(address).then((run) => run.metrics),
      catalog.listRuns({ project }, {}).then((page) => page.runs[0].metrics),
    ])
    for (const answer of answers) assertSameSummaries(answer, expected)
  })

  test('every point that was acknowledged is counted in the next answer', async () => {
    const { journal } = tested.store
    const project = newProject('summary')
    for (let count = 1; count <= 30; count++) {
      await journal.appendRecord({ ...record('r', null, { a: count }), project })
      const [summary] = await tested.store.series.listMetrics({ project, run: 'r' })
      assert.deepEqual([summary.count, summary.last, summary.last_step], [count, count, count - 1])
    }
  })

  test('a run without points has no metrics', async () => {
    const { catalog } = tested.store
    const project = newProject('summary')
    await catalog.createRun(newRun(project, 'r'))
    assert.deepEqual(await tested.store.series.listMetrics({ project, run: 'r' }), [])
  })
}

/** In one entry metrics come by column, in the plain points by row: which of two came first is not what is asked here. */
