import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { parseFilter } from '@aspara/protocol/filter.ts'
import { printFilter } from '@aspara/protocol/filter-text.ts'
import { limits } from '@aspara/protocol/limits.ts'
import type { MetricSummary } from '@aspara/protocol/metrics.ts'
import { parseSort, printSort } from '@aspara/protocol/sort.ts'
import { writeAppends } from '../journal/write-appends.ts'
import type { RunSummaries } from '../series/run-summaries.ts'
import type { RunId } from '../tables.ts'
import { newRun } from '../testing/ask-store.ts'
import { matches, sortRuns } from '../testing/listing-model.ts'
import { type OpenedDatabase, openDatabase } from '../testing/open-database.ts'
import { batch, record, writerOf } from '../testing/plain-appends.ts'
import { type Random, randomFromEnvironment } from '../testing/random.ts'
import { RandomQuestions } from '../testing/random-filter.ts'
import { hostileTexts, randomDocument } from '../testing/random-runs.ts'
import { addRun, ensureProjects } from './add-run.ts'
import { commitAt } from './commit.ts'
import { listRuns } from './list-runs.ts'
import { readRun } from './read-catalog.ts'
import type { RunSource } from './run-places.ts'
import { createRun } from './write-catalog.ts'

const nowMs = Date.UTC(2026, 2, 1)

/** What metrics of runs come to, as the test says. */
class ToldSummaries implements RunSummaries {
  readonly told = new Map<RunId, MetricSummary[]>()
  readonly live = new Set<RunId>()

  async liveRuns(): Promise<RunId[]> {
    return [...this.live]
  }

  async read(run: RunId): Promise<MetricSummary[]> {
    return this.told.get(run) ?? []
  }

  async readMany(runs: RunId[]): Promise<Map<RunId, MetricSummary[]>> {
    return new Map(runs.map((run) => [run, this.told.get(run) ?? []]))
  }
}

const sourceOf = ({ db, engine }: OpenedDatabase, summaries = new ToldSummaries()) => ({
  db,
  expressions: engine.expressions,
  summaries,
})

async function namesOf(
  source: RunSource,
  question: { filter?: string; sort?: string; nowMs?: number; project?: string },
) {
  const { filter, sort, project = 'p' } = question
  const page = {
    filter: filter ? parseFilter(filter) : undefined,
    sort: sort ? parseSort(sort) : undefined,
    limit: 1_000,
  }
  const { runs } = await listRuns(source, { project, page, nowMs: question.nowMs ?? nowMs })
  return runs.map((run) => run.name)
}

suite('a run with a writer', () => {
  const silence = limits.lostMs
  const at = async (opened: OpenedDatabase, ms: number) => {
    const run = await readRun(opened.db, new ToldSummaries(), { project: 'p', run: 'r', nowMs: ms })
    const lost = await namesOf(sourceOf(opened), { filter: 'status = "lost"', nowMs: ms })
    assert.equal(lost.length, run.status === 'lost' ? 1 : 0, 'a list says what the run says')
    return run.status
  }
  const heads = ({ db }: OpenedDatabase) =>
    db.selectFrom('heads').select(['stamp', 'described', 'has_heartbeats', 'heard_at']).executeTakeFirstOrThrow()

  test('is lost when nothing came for two minutes, and running again with the next word', async () => {
    await using opened = await openDatabase()
    await writeAppends(opened.db, [batch({ sequence: 0, steps: [] })], commitAt(nowMs))
    assert.deepEqual([await at(opened, nowMs + silence), await at(opened, nowMs + silence + 1)], ['running', 'lost'])
    const spoken = nowMs + silence / 2
    await writeAppends(opened.db, [record('r', 0, { a: 1 }, spoken)], commitAt(spoken))
    const { described } = await heads(opened)
    assert.equal(described, commitAt(nowMs).stamp, 'it was not lost: there is nothing to tell')
    const nearly = commitAt(spoken + silence)
    await writeAppends(opened.db, [record('r', 1, { a: 1 }, spoken + silence)], nearly)
    assert.equal((await heads(opened)).described, nearly.stamp, 'a listener may have found it lost just before')
    const later = nowMs + 3 * silence
    assert.equal(await at(opened, later), 'lost')
    await writeAppends(opened.db, [record('r', 2, { a: 1 }, later)], commitAt(later))
    assert.equal(await at(opened, later + silence), 'running')
    const head = await heads(opened)
    assert.deepEqual([head.described, head.stamp], [commitAt(later).stamp, commitAt(later).stamp])
    assert.equal(head.has_heartbeats, 1)
  })

  test('is not lost when it has ended', async () => {
    await using opened = await openDatabase()
    await writeAppends(opened.db, [batch({ sequence: 0, steps: [] })], commitAt(nowMs))
    await opened.db.updateTable('runs').set({ status: 'finished' }).execute()
    assert.equal(await at(opened, nowMs + 10 * silence), 'finished')
    const later = nowMs + 20 * silence
    await writeAppends(opened.db, [record('r', 0, { a: 1 }, later)], commitAt(later))
    assert.equal((await heads(opened)).described, commitAt(nowMs).stamp)
  })

  test('is lost though it never sent an empty batch', async () => {
    await using opened = await openDatabase()
    await writeAppends(opened.db, [batch({ sequence: 0, steps: [0], metrics: { a: [1] } })], commitAt(nowMs))
    assert.deepEqual([await at(opened, nowMs + silence), await at(opened, nowMs + silence + 1)], ['running', 'lost'])
  })

  test('is lost though it never sent a batch at all', async () => {
    await using opened = await openDatabase()
    await createRun(opened.db, { ...newRun('p', 'r'), writer: writerOf('a') }, commitAt(nowMs))
    assert.deepEqual([await at(opened, nowMs + silence), await at(opened, nowMs + silence + 1)], ['running', 'lost'])
  })

  test('is told from one that is written by records, however long that is silent', async () => {
    await using opened = await openDatabase()
    await createRun(opened.db, newRun('p', 'r'), commitAt(nowMs))
    await writeAppends(opened.db, [record('r', 0, { a: 1 })], commitAt(nowMs))
    assert.equal(await at(opened, nowMs + 100 * silence), 'running')
  })
})

test('a run of which points are not compacted yet counts with all of them, not with what is kept of it', async () => {
  await using opened = await openDatabase()
  const summaries = new ToldSummaries()
  const source = sourceOf(opened, summaries)
  const kept = await keepRuns(opened, [{ max: 1 }, { max: 2 }, { max: 3 }, {}])
  summaries.live.add(kept[0]).add(kept[2]).add(kept[3]).add(12345)
  summaries.told.set(kept[0], [told('m', { max: 5 })])
  summaries.told.set(kept[2], [told('m', { max: null, last: 'NaN' })])
  summaries.told.set(kept[3], [told('other', { max: 9 })])
  assert.deepEqual(await namesOf(source, { sort: '-metric:m:max' }), ['r0', 'r1', 'r3', 'r2'])
  assert.deepEqual(await namesOf(source, { sort: 'metric:m:max' }), ['r1', 'r0', 'r3', 'r2'])
  assert.deepEqual(await namesOf(source, { filter: 'metric.m.max > 2' }), ['r0'])
  assert.deepEqual(await namesOf(source, { filter: 'metric.m.max = null' }), ['r3', 'r2'])
  assert.deepEqual(await namesOf(source, { filter: 'metric.m.max = 5 and metric.other.max = null' }), ['r0'])
  assert.deepEqual(await namesOf(source, { filter: 'metric.m.max = 3' }), [], 'what is kept of a live run is behind')
})

test('metrics of another project are another project’s', async () => {
  await using opened = await openDatabase()
  await keepRuns(opened, [{ max: 1 }])
  await keepRuns(opened, [{ max: 2 }], 'q')
  const question = { filter: 'metric.m.max = 1', sort: 'metric:m:max' }
  assert.deepEqual(await namesOf(sourceOf(opened), question), ['r0'])
  assert.deepEqual(await namesOf(sourceOf(opened), { ...question, project: 'q' }), [])
})

test('random filters and sorts say in SQL what they mean in plain words', async (context) => {
  const random = randomFromEnvironment()
  context.diagnostic(`ASPARA_TEST_SEED=${random.seed}`)
  await using opened = await openDatabase()
  const summaries = new ToldSummaries()
  await makeRandomRuns(opened, summaries, random)
  const source = sourceOf(opened, summaries)
  const all = (await listRuns(source, { project: 'p', page: { limit: 1_000 }, nowMs })).runs
  assert.equal(all.length, 150)
  const questions = new RandomQuestions(random, all)
  let matched = 0
  for (let round = 0; round < 400; round++) {
    const said = printFilter(questions.filter())
    const filter = parseFilter(said)
    const sort = random.chance(0.2) ? undefined : questions.sort()
    const expected = sortRuns(
      all.filter((run) => matches(filter, run, nowMs)),
      sort,
    )
    matched += expected.length
    const what = `ASPARA_TEST_SEED=${random.seed}: ${said} by ${sort && printSort(sort)}`
    const names: string[] = []
    for (let cursor: string | undefined; ; ) {
      const page = await listRuns(source, { project: 'p', page: { filter, sort, cursor, limit: 70 }, nowMs })
      names.push(...page.runs.map((run) => run.name))
      if (page.next_cursor === null) break
      assert.ok(page.next_cursor.length <= limits.cursorCharsMax)
      cursor = page.next_cursor
    }
    assert.deepEqual(
      names,
      expected.map((run) => run.name),
      what,
    )
  }
  assert.ok(matched > 400 * 150 * 0.1 && matched < 400 * 150 * 0.9, `the filters tell runs apart: ${matched}`)
})

test('a question of 100 comparisons of as many metrics is answered', async () => {
  await using opened = await openDatabase()
  const summaries = new ToldSummaries()
  summaries.live.add((await keepRuns(opened, [{ max: 1 }, { max: 2 }]))[0])
  const parts = Array.from({ length: limits.filterComparisonsMax - 1 }, (_, index) => `metric.x${index}.max = null`)
  const filter = `${parts.join(' and ')} and metric.m.max = 2`
  assert.deepEqual(await namesOf(sourceOf(opened, summaries), { filter, sort: '-metric:m:max,metric:n:min' }), ['r1'])
})

test('a filter as deep as may be, and a list as long as fits, are answered', async () => {
  await using opened = await openDatabase()
  await keepRuns(opened, [{}])
  const depth = limits.filterDepthMax
  const deep = `${'not ('.repeat(depth / 2)}name = "r0"${')'.repeat(depth / 2)}`
  assert.deepEqual(await namesOf(sourceOf(opened), { filter: deep }), ['r0'])
  const long = `exit_code in (${'1,'.repeat(2_000)}1) or name in ("r0")`
  assert.deepEqual(await namesOf(sourceOf(opened), { filter: long }), ['r0'])
})

const told = (metric: string, its: Partial<MetricSummary>): MetricSummary => ({
  ...{ metric, count: 1, nonfinite: 0, first_step: 0, first: 0, last_step: 0, last: 0 },
  ...{ min: 0, min_step: 0, max: 0, max_step: 0, mean: 0 },
  ...its,
})

/** Runs r0, r1, …, each with what is kept of its metric m. */
async function keepRuns({ db }: OpenedDatabase, kept: Partial<MetricSummary>[], project = 'p'): Promise<RunId[]> {
  await ensureProjects(db, [project], nowMs)
  const ids: RunId[] = []
  for (const [index, its] of kept.entries()) {
    const id = await addRun(db, { project, name: `r${index}` }, commitAt(nowMs + index))
    ids.push(id)
    if (Object.keys(its).length > 0) await keepSeries(db, id, project, [told('m', its)])
  }
  return ids
}

async function keepSeries(db: OpenedDatabase['db'], run: RunId, project: string, summaries: MetricSummary[]) {
  const finite = (value: unknown) => (typeof value === 'number' ? value : null)
  for (const [number, { metric, count, nonfinite, first, last, min, max, mean }] of summaries.entries()) {
    const its = { first: finite(first), last: finite(last), min: finite(min), max: finite(max), mean: finite(mean) }
    const row = { run, number, project, metric, count, nonfinite, ...its, rollup: new Uint8Array(), levels: '{}' }
    await db.insertInto('series').values(row).execute()
  }
}

/** 150 runs of every kind; a third is live, with something else kept of them. */
async function makeRandomRuns({ db }: OpenedDatabase, summaries: ToldSummaries, random: Random): Promise<void> {
  const value = () => random.pick([random.between(-3, 3), random.next(), 'NaN', 'Infinity', null] as const)
  const metrics = () =>
    ['loss', 'val/acc', 'a.b', ...hostileTexts.slice(1, 8)]
      .filter(() => random.chance(0.6))
      .map((metric) => {
        const its = {
          count: random.between(1, 4),
          nonfinite: random.below(3),
          min: value(),
          max: value(),
          mean: value(),
        }
        return told(metric, { ...its, first: value() ?? 0, last: value() ?? 0 })
      })
  await ensureProjects(db, ['p'], nowMs)
  for (let index = 0; index < 150; index++) {
    const madeMs = nowMs - 300_000 + index * 100
    // Now and then two begin at the same moment, or one before another that was made sooner.
    const createdMs = madeMs - random.pick([0, 0, 100, 100, 1_050, 200_000])
    const [isFinished, isFailed] = [random.chance(0.3), random.chance(0.2)]
    const row = {
      name: `r${index}`,
      display_name: random.pick([null, 'one', 'Two', random.pick(hostileTexts)]),
      group: random.pick([null, 'one', random.pick(hostileTexts)]),
      job_type: random.pick([null, 'train', 'Eval']),
      notes: random.pick(['', random.pick(hostileTexts), 'some Words of mine']),
      tags: JSON.stringify(hostileTexts.filter(() => random.chance(0.1))),
      status: isFinished ? ('finished' as const) : isFailed ? ('failed' as const) : ('running' as const),
      exit_code: isFinished ? 0 : isFailed ? random.between(1, 3) : null,
      config: JSON.stringify(randomDocument(random)),
      summary: JSON.stringify(randomDocument(random)),
      created_at: createdMs,
      finished_at: isFinished || isFailed ? createdMs + random.below(5) * 1_000 : null,
    }
    const run = await addRun(db, { project: 'p', ...row }, commitAt(madeMs))
    const head = {
      heard_at: nowMs - random.below(5) * 60_000,
      has_heartbeats: random.pick([0, 1] as const),
      ending_code: random.pick([null, null, 0, 2]),
      last_point_at: random.pick([null, nowMs - random.below(10) * 60_000]),
      last_point_heard_at: nowMs - random.below(5) * 60_000,
    }
    await db.updateTable('heads').set(head).where('run', '=', run).execute()
    const its = metrics()
    const isLive = random.chance(0.3)
    summaries.told.set(run, its)
    if (isLive) summaries.live.add(run)
    await keepSeries(db, run, 'p', isLive ? metrics() : its)
  }
}
