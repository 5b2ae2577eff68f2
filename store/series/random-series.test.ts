import assert from 'node:assert/strict'
import { test } from 'node:test'
import { collect, exportOf } from '../testing/ask-store.ts'
import { assertSameAnswer } from '../testing/compare-series.ts'
import { type Random, randomFromEnvironment, seededRandom } from '../testing/random.ts'
import { SeriesDatabase } from '../testing/series-database.ts'
import { randomRequest, SeriesFeed } from '../testing/series-feed.ts'
import { SeriesModel } from '../testing/series-model.ts'
import { encodeExport } from './export.ts'
import { readSeries, type SeriesAnswer, type SeriesRequest } from './read-series.ts'
import { lineJson, seriesJson } from './series-json.ts'
import { Tails } from './tails.ts'

/*
 * Random points, given to a database whose compaction goes one transaction at a time, and to a model that is nothing but
 * arrays.
 *
 * What must hold at every moment, whatever part of the points is in chunks and whatever in the journal:
 *  - an export has the points of the model, in its order, to the letter;
 *  - random charts have the rows, extremes, counts and places of the model, means but for the last digits;
 *  - a question has the same answer to the byte as long as nothing came, before and after compaction.
 *
 * ASPARA_TEST_SEED=… does the same again; ASPARA_TEST_POINTS=… for longer.
 */

const pointsWanted = Number(process.env.ASPARA_TEST_POINTS ?? 30_000)
const random = randomFromEnvironment()

test(`whatever comes, charts and exports are those of a plain array, seed ${random.seed}`, async (t) => {
  t.diagnostic(`ASPARA_TEST_SEED=${random.seed}`)
  const asked = { points: 0, databases: 0, questions: 0, rows: 0 }
  while (asked.points < pointsWanted) {
    const seed = asked.databases === 0 ? random.seed : random.below(2 ** 32)
    const { model, questions, rows } = await new Trial(seed).run()
    asked.points += model.pointCount
    asked.questions += questions
    asked.rows += rows
    asked.databases++
  }
  const { points, databases, questions, rows } = asked
  t.diagnostic(`${points} points in ${databases} databases, ${questions} questions answered with ${rows} rows`)
})

/** One database, from its first point to its last. */
class Trial {
  readonly model = new SeriesModel()
  questions = 0
  rows = 0
  #random: Random
  #feed: SeriesFeed
  #tails = new Tails()
  #seed: number

  constructor(seed: number) {
    this.#seed = seed
    this.#random = seededRandom(seed)
    this.#feed = new SeriesFeed(this.#random)
  }

  async run(): Promise<Trial> {
    const random = this.#random
    await using database = await SeriesDatabase.open()
    const most = random.pick([300, 3_000, 30_000, 100_000].filter((size) => size <= pointsWanted))
    const moments = random.between(3, 8)
    for (let moment = 0; moment < moments; moment++) {
      const story = () => `ASPARA_TEST_SEED=${this.#seed}, moment ${moment}`
      for (const until = this.model.pointCount + random.below(most); ; ) {
        const arrivals = this.#feed.next(most / 4)
        for (const arrival of arrivals) this.model.take(arrival)
        await database.append(this.#feed.appendsOf(arrivals))
        if (random.chance(0.3)) await this.#compactSome(database)
        if (this.model.pointCount >= until) break
      }
      await this.#check(database, story)
    }
    return this
  }

  async #compactSome(database: SeriesDatabase): Promise<void> {
    const run = await database.runId(this.#random.pick(this.model.runs))
    if (this.#random.chance(0.5)) await database.compactAll(run)
    else await database.compactOnce(run)
  }

  async #check(database: SeriesDatabase, story: () => string): Promise<void> {
    const random = this.#random
    for (const { name, created_at } of await database.db.selectFrom('runs').select(['name', 'created_at']).execute()) {
      this.model.setCreation(name, created_at)
    }
    const asked: { request: SeriesRequest; before: Buffer }[] = []
    for (let count = this.model.pointCount > 100_000 ? 5 : 10; count > 0; count--) {
      const request = randomRequest(random, this.#feed, this.model)
      const where = `${story()}, ${JSON.stringify(request)}`
      const answer = await this.#ask(database, request)
      const isAlong = typeof request.x === 'object'
      // Without names the newest run comes first.
      const runs = request.runs ?? (await this.#newestFirst(database))
      const expected = this.model.answer({ ...request, runs })
      assertSameAnswer(answer, expected, { points: request.points, isAlong, isWild: this.#feed.isWild, where })
      this.questions++
      this.rows += answer.series.reduce((sum, line) => sum + line.x.length, 0)
      asked.push({ request, before: Buffer.from(jsonOf(answer)) })
    }
    const exports = new Map(this.model.runs.map((run) => [run, Buffer.from(this.model.exportText(run))]))
    for (const [run, text] of exports) {
      assert.ok(text.equals(await this.#export(database, run)), `${story()}, export of ${run}`)
    }

    await this.#compactSome(database)
    for (const { request, before } of asked) {
      // What is kept of the journal's points from one question to the next must not be seen.
      if (random.chance(0.3)) this.#tails = new Tails()
      const after = Buffer.from(jsonOf(await this.#ask(database, request)))
      const where = `${story()}, after compaction ${JSON.stringify(request)}`
      if (!this.#feed.isWild) assert.ok(after.equals(before), `${where}\n${firstDifference(before, after)}`)
    }
    for (const [run, text] of exports) {
      assert.ok(text.equals(await this.#export(database, run)), `${story()}, export of ${run} after compaction`)
    }
  }

  #ask(database: SeriesDatabase, request: SeriesRequest): Promise<SeriesAnswer> {
    return database.db.transaction().execute((snapshot) => readSeries(snapshot, this.#tails, request))
  }

  async #newestFirst(database: SeriesDatabase): Promise<string[]> {
    const rows = await database.db.selectFrom('runs').select('name').orderBy('id', 'desc').execute()
    return rows.map((row) => row.name)
  }

  async #export(database: SeriesDatabase, run: string): Promise<Buffer> {
    return collect(await encodeExport(database.db, this.#tails, exportOf({ project: 'p', run })))
  }
}

function firstDifference(before: Buffer, after: Buffer): string {
  let at = 0
  while (before[at] === after[at] && at < before.length) at++
  const around = (bytes: Buffer) => String(bytes.subarray(Math.max(0, at - 60), at + 60))
  return `before: …${around(before)}…\nafter:  …${around(after)}…`
}

const jsonOf = (answer: SeriesAnswer) => seriesJson({ ...answer, series: answer.series.map(lineJson) })
