import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Problem } from '@aspara/protocol/errors.ts'
import { limits } from '@aspara/protocol/limits.ts'
import type { Run } from '@aspara/protocol/runs.ts'
import type { RunAddress } from '@aspara/store/catalog/write-catalog.ts'
import type { BatchAppend } from '@aspara/store/journal/appends.ts'
import type { Store } from '@aspara/store/store.ts'
import { exportPoints, newRun, type Point } from '@aspara/store/testing/ask-store.ts'
import { embeddedUnderTest } from '@aspara/store/testing/embedded-store.ts'
import {
  assertSameSummaries,
  compareText,
  type Expected,
  ModelStore,
  statusNow,
  summariesOf,
} from '@aspara/store/testing/model-store.ts'
import { batch, record, writerOf } from '@aspara/store/testing/plain-appends.ts'
import { plainReceipt } from '@aspara/store/testing/plain-receipt.ts'
import { type Random, randomFromEnvironment } from '@aspara/store/testing/random.ts'
import type { StoreUnderTest } from '@aspara/store/testing/store-suite.ts'

/*
 * Random deeds, done to a real store and to a model that is nothing but arrays.
 *
 * A round is a group of deeds that are asked for in one turn, so that they share commits: records and batches in and out of
 * order, with and without steps, replayed and with gaps, values that are not finite, runs and projects that are made and
 * deleted, runs that fall silent; now and then the store is closed and opened again. The same few runs, writers and metrics meet all the time.
 *
 * What must hold after each round:
 *  - each deed came to what the model says: done with the same answer, or refused with the same problem;
 *  - there are the projects and runs of the model, with their status, times and summary, and the receipts of their writers;
 *  - an export has the points of the model in its order, and the summaries are those of its points.
 *
 * ASPARA_TEST_SEED=… does the same deeds again.
 */

const rounds = 60
const projects = ['p', 'q']
const runs = ['a', 'b', 'c']
const writers = ['1', '2']
const ids = ['x', 'y']
const metrics = ['loss', 'acc', 'lr', 'Ä "x", y']

interface Deed {
  /** For the story of a failure. */
  name: string
  model(model: ModelStore): Expected
  store(store: Store): Promise<unknown>
}

const random = randomFromEnvironment()
const startMs = Date.now()

test(`random deeds come to what a plain model says, seed ${random.seed}`, { timeout: 60_000 }, async (t) => {
  t.diagnostic(`ASPARA_TEST_SEED=${random.seed}`)
  const tested = await embeddedUnderTest()
  try {
    const model = new ModelStore()
    const deeds = new DeedMaker(random, model)
    for (let round = 0; round < rounds; round++) {
      await doRound(round, deeds, model, tested)
    }
  } finally {
    await tested.close()
  }
})

/** The deeds are made one after the other, each from what the model holds by then, and asked of the store all at once. */
async function doRound(round: number, deeds: DeedMaker, model: ModelStore, tested: StoreUnderTest): Promise<void> {
  const group = Array.from({ length: random.between(1, 25) }, () => {
    const deed = deeds.next()
    return { deed, expected: deed.model(model) }
  })
  const where = () => {
    const story = group.map(({ deed, expected }) => `  ${deed.name} → ${JSON.stringify(expected)}`)
    return `seed ${random.seed}, round ${round}:\n${story.join('\n')}\n`
  }
  const asked = group.map(({ deed }) => outcomeOf(deed.store(tested.store)))
  // What is under way when a store closes is done all the same.
  if (round === rounds / 2) await tested.reopen()
  const outcomes = await Promise.all(asked)
  outcomes.forEach((outcome, index) => {
    assert.deepEqual(outcome, group[index].expected, `${where()}\n${group[index].deed.name}`)
  })
  await assertSame(tested.store, model, where)
  for (const project of Object.keys(model.listRuns())) await tidyTrash(tested.store, model, project, where)
  if (random.chance(0.3)) await letFallSilent(tested, model, where)
}

/** Two minutes pass for one run, in which nothing is heard of it. */
async function letFallSilent(tested: StoreUnderTest, model: ModelStore, where: () => string): Promise<void> {
  const address = { project: random.pick(projects), run: random.pick(runs) }
  await tested.silence(address, limits.lostMs + 60_000)
  model.silence(address)
  await assertSame(tested.store, model, () => `${where()}\nsilence of ${address.project}/${address.run}`)
}

/** Takes a run out of the trash now and then, back under a name or for good: only who has looked knows what is there. */
async function tidyTrash(store: Store, model: ModelStore, project: string, where: () => string): Promise<void> {
  const { runs: trashed } = await store.catalog.listTrash({ project }, {})
  assert.deepEqual(
    trashed.map(({ name, status, summary }) => ({ name, status, summary })),
    model.trashOf(project).map(({ called, run }) => ({ name: called, status: statusNow(run), summary: run.summary })),
    where(),
  )
  if (trashed.length === 0 || random.chance(0.7)) return
  const index = random.below(trashed.length)
  const address = { project, trashId: trashed[index].trash_id }
  const name = random.pick([undefined, ...runs])
  const isBack = random.chance(0.8)
  const expected = isBack ? model.restoreRun(project, index, name) : model.discardRun(project, index)
  const done = isBack ? store.catalog.restoreRun({ ...address, name }) : store.catalog.discardRun(address)
  assert.deepEqual(await outcomeOf(done), expected, `${where()}\n${isBack ? 'restore' : 'discard'} ${index} as ${name}`)
  await assertSame(store, model, where)
}

class DeedMaker {
  #random: Random
  #model: ModelStore
  #timestamp = 0

  constructor(random: Random, model: ModelStore) {
    this.#random = random
    this.#model = model
  }

  next(): Deed {
    const { project, run } = { project: this.#random.pick(projects), run: this.#random.pick(runs) }
    const roll = this.#random.next()
    if (roll < 0.45) return this.#record({ project, run })
    if (roll < 0.85) return this.#batch({ project, run })
    if (roll < 0.89) return this.#createRun({ project, run })
    if (roll < 0.91) return this.#mergeSummary({ project, run })
    if (roll < 0.95) return this.#finishRun({ project, run })
    if (roll < 0.985) {
      return {
        name: `delete ${project}/${run}`,
        model: (model) => model.deleteRun({ project, run }),
        store: async (store) => {
          await store.catalog.deleteRun({ project, run })
        },
      }
    }
    return {
      name: `delete ${project}`,
      model: (model) => model.deleteProject(project),
      store: (store) => store.catalog.deleteProject({ project }),
    }
  }

  #record(address: RunAddress): Deed {
    const logged = metrics.filter(() => this.#random.chance(0.5)).map((metric) => [metric, this.#value()] as const)
    const step = this.#step(address)
    const append = { ...record(address.run, step, Object.fromEntries(logged), this.#now()), ...address }
    return {
      name: `record ${address.project}/${address.run} step ${step}, ${logged.length} values`,
      model: (model) => model.appendRecord(append),
      store: (store) => store.journal.appendRecord(append),
    }
  }

  #batch(address: RunAddress): Deed {
    const random = this.#random
    const writer = random.pick(writers)
    const next = this.#model.findTaker(address, writerOf(writer))?.writers.get(writerOf(writer))?.nextSequence ?? 0
    const sequence = Math.max(0, next + random.pick([0, 0, 0, 0, 0, 0, -1, -1, -2, 1, 2]))
    const steps = Array.from({ length: random.pick([0, 1, 2, 5, 30]) }, () => this.#step(address))
    const timestamps = steps.map(() => this.#now())
    const columns = metrics
      .filter(() => random.chance(0.6))
      .map((metric) => {
        const gaps = random.pick([0, 0, 0.3, 0.9])
        return [metric, steps.map(() => (random.chance(gaps) ? null : this.#value()))] as const
      })
    // Anew for each of the two: the store takes the columns with it.
    const make = (): BatchAppend =>
      batch({ ...address, writer, sequence, steps, timestamps, metrics: Object.fromEntries(columns) })
    return {
      name: `batch ${sequence} of ${writer} to ${address.project}/${address.run}, steps ${steps}`,
      model: (model) => model.appendBatch(make()),
      store: (store) => store.journal.appendBatch(make()),
    }
  }

  #createRun({ project, run: name }: RunAddress): Deed {
    const resume = this.#random.chance(0.5)
    const id = this.#random.pick([undefined, ...ids])
    const writer = this.#random.pick([undefined, ...writers.map(writerOf)])
    const startedAt = this.#random.pick([undefined, this.#someTime()])
    const made = { project, name, id, resume, writer, startedAt }
    return {
      name: `${resume ? 'resume' : 'create'} ${project}/${name} as ${id} by ${writer} at ${startedAt}`,
      model: (model) => model.createRun(made),
      store: (store) => store.catalog.createRun(newRun(project, name, made)),
    }
  }

  #mergeSummary(address: RunAddress): Deed {
    const document = { [this.#random.pick(['best', 'time'])]: this.#random.below(100) }
    return {
      name: `summary of ${address.project}/${address.run}`,
      model: (model) => model.mergeSummary(address, document),
      store: (store) => store.catalog.mergeIntoRun({ ...address, part: 'summary', document }),
    }
  }

  #finishRun(address: RunAddress): Deed {
    const exitCode = this.#random.below(2)
    const writer = this.#random.pick([undefined, ...writers.map(writerOf)])
    const time = this.#random.pick([undefined, this.#someTime()])
    const reason = this.#random.pick([undefined, 'done', 'died'])
    const end = { ...address, exitCode, writer, time, reason }
    return {
      name: `finish ${writer ?? 'all'} of ${address.project}/${address.run} with ${exitCode}, ${reason} at ${time}`,
      model: (model) => model.finishRun(end),
      store: (store) => store.catalog.finishRun(end),
    }
  }

  #step(address: RunAddress): number | null {
    const random = this.#random
    const last = this.#model.findRun(address)?.lastStep ?? 0
    const roll = random.next()
    if (roll < 0.4) return null
    if (roll < 0.7) return Math.min(last + random.between(0, 3), Number.MAX_SAFE_INTEGER)
    if (roll < 0.999) return random.between(-50, 200)
    return random.pick([Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER])
  }

  #value(): number {
    const random = this.#random
    return random.pick([random.next(), -random.next() * 1e9, 0, -0, Number.NaN, Infinity, -Infinity, 5e-324, 1e300])
  }

  /** Before or among the times of the points so far. */
  #someTime(): number {
    return this.#random.between(-100, this.#timestamp) + this.#random.pick([0, 0.25])
  }

  /** A moment that no other point has, so that what came first can be told. */
  #now(): number {
    return this.#timestamp++ + 0.5
  }
}

async function outcomeOf(promise: Promise<unknown>): Promise<Expected> {
  try {
    return { done: await promise }
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    if (error.code === 'internal') throw new Error(String(error.cause))
    return error.code === 'sequenceGap' ? { refused: error.code, extra: error.extra } : { refused: error.code }
  }
}

async function assertSame(store: Store, model: ModelStore, where: () => string): Promise<void> {
  const expected = model.listRuns()
  const { projects } = await store.catalog.listProjects({})
  assert.deepEqual(
    projects.map(({ name, runs }) => [name, runs]),
    Object.entries(expected).map(([name, runs]) => [name, runs.length]),
    where(),
  )
  for (const [project, names] of Object.entries(expected)) {
    const { runs } = await store.catalog.listRuns({ project }, {})
    assert.deepEqual(runs.map((run) => run.name).sort(), names, where())
    for (const { name, status, summary, metrics, ...rest } of runs) {
      const address = { project, run: name }
      const its = model.findRun(address)
      if (!its) assert.fail(where())
      assert.deepEqual({ status, summary }, { status: statusNow(its), summary: its.summary }, where())
      assertSameTimes(rest, its, () => `${where()}\n${project}/${name}: ${JSON.stringify({ ...rest, status })}`)
      assert.deepEqual(await receiptsOf(store, address), modelReceipts(its), where())
      assert.deepEqual(byName(await exportPoints(store, address)), model.exportPoints(address), where())
      assertSameSummaries(metrics, summariesOf(its.points), where())
    }
  }
}

function assertSameTimes(
  told: Pick<Run, 'created_at' | 'finished_at' | 'finish_reason'>,
  run: NonNullable<ReturnType<ModelStore['findRun']>>,
  where: () => string,
): void {
  const createdAt = Date.parse(told.created_at)
  if (run.createdAt === Infinity) assert.ok(createdAt >= startMs, where())
  else assert.equal(createdAt, run.createdAt, where())
  const status = statusNow(run)
  const hasEnded = status === 'finished' || status === 'failed'
  assert.equal(told.finish_reason, hasEnded ? run.finishReason : null, where())
  assert.equal(told.finished_at === null, !hasEnded, where())
  // When one ended that fell silent, only a clock can tell.
  if (run.finishedAt === null || told.finished_at === null) return
  const finishedAt = Date.parse(told.finished_at)
  assert.ok(finishedAt >= run.finishedAt.from && finishedAt <= run.finishedAt.to, where())
}

async function receiptsOf(store: Store, address: RunAddress): Promise<unknown[]> {
  const { writers } = await store.catalog.listWriters(address, {})
  return writers.map(({ writer, next_sequence, rows, points, checksum, exit_code }) => ({
    ...{ writer, next_sequence, exit_code },
    ...{ rows, points, checksum },
  }))
}

function modelReceipts(run: ReturnType<ModelStore['findRun']>): unknown[] {
  const writers = [...(run?.writers ?? [])].sort(([one], [other]) => compareText(one, other))
  return writers.map(([writer, { nextSequence, rows, exitCode }]) => ({
    ...{ writer, next_sequence: nextSequence, exit_code: exitCode },
    ...plainReceipt(rows),
  }))
}

/** Of one step, points come by metric in the order in which the run first had them, which the model does not keep: by name. */
function byName(points: Point[]): Point[] {
  assert.ok(points.every(({ step }, index) => index === 0 || points[index - 1].step <= step))
  return points.toSorted((one, other) => one.step - other.step || compareText(one.metric, other.metric))
}
