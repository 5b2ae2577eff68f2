import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { SeriesAnswer as SeriesJson } from '@aspara/protocol/series.ts'
import type { RunAddress } from '@aspara/store/catalog/write-catalog.ts'
import type { Database } from '@aspara/store/engines/engine.ts'
import { SqliteEngine } from '@aspara/store/engines/sqlite.ts'
import type { Append } from '@aspara/store/journal/appends.ts'
import { isBatch } from '@aspara/store/journal/appends.ts'
import { readLiveRuns } from '@aspara/store/series/live-runs.ts'
import { readSeries, type SeriesRequest } from '@aspara/store/series/read-series.ts'
import { lineJson, seriesJson } from '@aspara/store/series/series-json.ts'
import { Tails } from '@aspara/store/series/tails.ts'
import type { Store } from '@aspara/store/store.ts'
import { eventually, exportText } from '@aspara/store/testing/ask-store.ts'
import { assertSameAnswer } from '@aspara/store/testing/compare-series.ts'
import { openEmbedded } from '@aspara/store/testing/embedded-store.ts'
import { randomFromEnvironment } from '@aspara/store/testing/random.ts'
import { randomRequest, SeriesFeed } from '@aspara/store/testing/series-feed.ts'
import { type ModelAnswer, SeriesModel } from '@aspara/store/testing/series-model.ts'
import { temporaryFolder } from '@aspara/store/testing/temporary-folder.ts'

/*
 * The store with its threads, fed as fast as it takes it while charts are read and the compactor does what it does. Every
 * chart must be that of the points at one moment between the question and its answer.
 */

const random = randomFromEnvironment()
const rounds = 6
const pointsPerRound = 16_000

test(`charts are right while points come and are compacted, seed ${random.seed}`, { timeout: 120_000 }, async (t) => {
  t.diagnostic(`ASPARA_TEST_SEED=${random.seed}`)
  const folder = await temporaryFolder()
  const live = new LiveSeries(await openEmbedded(folder), await new SqliteEngine(folder).openReader())
  try {
    for (let round = 0; round < rounds; round++) {
      const where = `ASPARA_TEST_SEED=${random.seed}, round ${round}`
      await live.feedWhileReading(where)
      await live.checkCharts(`${where}, as soon as acknowledged`)
      if (round === rounds / 2) await live.reopen(() => openEmbedded(folder))
      if (round % 2 === 1) {
        await live.finishRuns()
        await live.checkCharts(`${where}, compacted`)
        await live.checkExports(where)
      }
    }
    t.diagnostic(`${live.model.pointCount} points, ${live.chartCount} charts while they came`)
  } finally {
    await live.close()
  }
})

/** A chart that was read while points came. */
interface Glimpse {
  request: SeriesRequest
  answer: ModelAnswer
  /** Arrivals acknowledged before it was asked for, and sent before it was answered. */
  acknowledged: number
  sent: number
}

class LiveSeries {
  readonly model = new SeriesModel()
  chartCount = 0
  #store: Store
  /** A connection beside the store's, without anything that it remembers. */
  #db: Database
  #feed = this.#tameFeed()
  #acknowledged = 0

  constructor(store: Store, db: Database) {
    this.#store = store
    this.#db = db
  }

  async feedWhileReading(where: string): Promise<void> {
    const glimpses: Glimpse[] = []
    let isFed = false
    const feeding = this.#feedSome().finally(() => {
      isFed = true
    })
    const readers = [1, 2].map(async () => {
      while (!isFed && this.#acknowledged > 0) glimpses.push(await this.#glimpse())
    })
    await Promise.all([feeding, ...readers])
    for (const glimpse of random.shuffle(glimpses).slice(0, 6)) this.#assertOfOneMoment(glimpse, where)
    this.chartCount += glimpses.length
  }

  async checkCharts(where: string): Promise<void> {
    const rows = await this.#db.selectFrom('runs').select(['name', 'created_at']).execute()
    for (const { name, created_at } of rows) this.model.setCreation(name, created_at)
    for (let count = 0; count < 8; count++) {
      const request = randomRequest(random, this.#feed, this.model)
      const named = { ...request, runs: request.runs ?? this.model.runs }
      const [{ body }, own] = await Promise.all([
        this.#store.series.read({ ...named, format: 'json', known: [] }),
        this.#db.transaction().execute((snapshot) => readSeries(snapshot, new Tails(), named)),
      ])
      const text = `${where}, ${JSON.stringify(named)}`
      const isAlong = typeof named.x === 'object'
      assertSameAnswer(own, this.model.answer(named), { points: named.points, isAlong, isWild: false, where: text })
      assert.equal(String(body && Buffer.from(body)), String(Buffer.from(jsonOf(own, own.cursor))), text)
    }
  }

  async checkExports(where: string): Promise<void> {
    for (const run of this.model.runs) {
      const text = await exportText(this.#store, addressOf(run))
      assert.ok(text === this.model.exportText(run), `${where}, export of ${run}`)
    }
  }

  /** What a run that is over has in the journal is compacted without waiting for more. */
  async finishRuns(): Promise<void> {
    for (const run of this.model.runs) await this.#store.catalog.finishRun({ ...addressOf(run), exitCode: 0 })
    await eventually('all is compacted', async () => (await readLiveRuns(this.#db)).length === 0, 30_000)
  }

  async reopen(open: () => Promise<Store>): Promise<void> {
    await this.#store.close()
    this.#store = await open()
  }

  async close(): Promise<void> {
    await this.#db.destroy()
    await this.#store.close()
  }

  #tameFeed(): SeriesFeed {
    for (;;) {
      const feed = new SeriesFeed(random)
      if (!feed.isWild) return feed
    }
  }

  /** Sends without waiting, as many clients do; the order of sending is the order of arrival. */
  async #feedSome(): Promise<void> {
    const sent: Promise<unknown>[] = []
    for (const until = this.model.pointCount + pointsPerRound; this.model.pointCount < until; ) {
      const arrivals = this.#feed.next(pointsPerRound / 8)
      for (const [index, append] of this.#feed.appendsOf(arrivals).entries()) {
        this.model.take(arrivals[index])
        const position = this.model.arrivals.length
        sent.push(this.#append(append, position))
      }
      // So that the readers have a turn.
      if (sent.length % 4 === 0) await Promise.race(sent.splice(0))
    }
    await Promise.all(sent)
    this.#acknowledged = this.model.arrivals.length
  }

  async #append(append: Append, position: number): Promise<void> {
    const { journal } = this.#store
    await (isBatch(append) ? journal.appendBatch(append) : journal.appendRecord(append))
    this.#acknowledged = Math.max(this.#acknowledged, position)
  }

  async #glimpse(): Promise<Glimpse> {
    const acknowledged = this.#acknowledged
    const known = new Set(this.model.arrivals.slice(0, acknowledged).map(({ run }) => run))
    const request: SeriesRequest = {
      project: 'p',
      runs: [...known],
      metrics: random.chance(0.5) ? undefined : [random.pick(this.#feed.metrics)],
      x: 'step',
      from: undefined,
      to: undefined,
      points: random.pick([2, 100, 1_000]),
    }
    const { body } = await this.#store.series.read({ ...request, format: 'json', known: [] })
    return { request, answer: parse(body as Uint8Array), acknowledged, sent: this.model.arrivals.length }
  }

  /** The counts tell the moment; all else has to be as it was then. */
  #assertOfOneMoment({ request, answer, acknowledged, sent }: Glimpse, where: string): void {
    const told = answer.series.map(({ run, metric, count }) => `${run} ${metric} ${count}`).join()
    const model = this.model.asOf(acknowledged)
    for (let moment = acknowledged; moment <= sent; moment++) {
      if (countsOf(model, request) === told) {
        // By way of JSON, which has one zero.
        const expected = parse(jsonOf(model.answer(request)))
        const text = `${where}, moment ${moment}`
        assertSameAnswer(answer, expected, { points: request.points, isAlong: false, isWild: false, where: text })
        return
      }
      if (moment < sent) model.take(this.model.arrivals[moment])
    }
    assert.fail(`${where}: no moment from ${acknowledged} to ${sent} has ${told}`)
  }
}

const addressOf = (run: string): RunAddress => ({ project: 'p', run })

/** How many points each series has that is asked for and there. */
function countsOf(model: SeriesModel, { runs, metrics }: SeriesRequest): string {
  const counts = (runs ?? []).flatMap((run) => {
    const known = new Set(model.metricsOf(run))
    const wanted = metrics ?? known
    return [...wanted]
      .filter((metric) => known.has(metric))
      .map((metric) => `${run} ${metric} ${model.count(run, metric)}`)
  })
  return counts.join()
}

const jsonOf = ({ bucket, series }: ModelAnswer, cursor = 0) =>
  seriesJson({ cursor, bucket, series: series.map(lineJson) })

/** An answer from its JSON, in which a mean of nothing is null, and NaN a word. */
function parse(body: Uint8Array): ModelAnswer {
  const answer: SeriesJson = JSON.parse(String(Buffer.from(body)))
  const column = (values: (number | string | null)[]) =>
    Float64Array.from(values, (value) => (value === null ? Number.NaN : Number(value)))
  const series = answer.series.map(({ step, x, y, min, max, finite, nonfinite, ...line }) => {
    const points = { ...line, ...(step && { step: column(step) }), x: column(x), y: column(y) }
    if (!min || !max || !finite || !nonfinite) return points
    const counts = Float64Array.from(finite, (count, row) => count + nonfinite[row]!)
    return { ...points, buckets: { min: column(min), max: column(max), nonfinite: column(nonfinite), counts } }
  })
  return { bucket: answer.bucket, series }
}
