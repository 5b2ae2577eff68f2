import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { test } from 'node:test'
import { encodeExport } from '@aspara/store/series/export.ts'
import { readSeries } from '@aspara/store/series/read-series.ts'
import { Tails } from '@aspara/store/series/tails.ts'
import { collect, exportOf } from '@aspara/store/testing/ask-store.ts'
import { arrivalOf, compactingProcess } from '@aspara/store/testing/compacting-process.ts'
import { assertSameAnswer } from '@aspara/store/testing/compare-series.ts'
import { type Random, randomFromEnvironment } from '@aspara/store/testing/random.ts'
import { SeriesDatabase } from '@aspara/store/testing/series-database.ts'
import { SeriesModel } from '@aspara/store/testing/series-model.ts'
import { temporaryFolder } from '@aspara/store/testing/temporary-folder.ts'

const random = randomFromEnvironment()
const kills = Number(process.env.ASPARA_TEST_KILLS ?? 8)

test(`kill -9 at any moment of compaction loses nothing and doubles nothing, seed ${random.seed}`, async (t) => {
  t.diagnostic(`ASPARA_TEST_SEED=${random.seed}`)
  const folder = await temporaryFolder()
  const seed = random.below(1_000_000)
  let acknowledged = -1
  let [inChunks, inJournal] = [0, 0]
  for (let round = 0; round < kills; round++) {
    acknowledged = Math.max(acknowledged, await appendAndKill(folder, seed, acknowledged + 1))
    await using database = await SeriesDatabase.open(folder)
    const stored = await database.db.selectFrom('writers').select('next_sequence').executeTakeFirstOrThrow()
    // What was on its way when the process died may be stored as well.
    assert.ok(stored.next_sequence === acknowledged + 1 || stored.next_sequence === acknowledged + 2)
    acknowledged = stored.next_sequence - 1
    const model = new SeriesModel()
    for (let sequence = 0; sequence <= acknowledged; sequence++) model.take(arrivalOf(seed, sequence))
    const compacted = await database.db.selectFrom('series').select('count').where('metric', '=', 'loss').execute()
    inChunks += compacted[0]?.count ?? 0
    inJournal += model.points('r', 'loss').length - (compacted[0]?.count ?? 0)
    await assertSame(database, model, `round ${round}`)
    if (round < kills - 1) continue
    await database.compactAll(await database.runId('r'))
    await assertSame(database, model, 'all compacted')
  }
  t.diagnostic(
    `${acknowledged + 1} batches, ${kills} kills; when they came ${inChunks} points were in chunks, ${inJournal} not`,
  )
  assert.ok(inChunks > 0 && inJournal > 0)
})

/** @returns the number of the last batch that was acknowledged before the process was killed */
async function appendAndKill(folder: string, seed: number, first: number): Promise<number> {
  const child = spawn(process.execPath, [compactingProcess, folder, String(seed), String(first)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const errors = collect(child.stderr)
  const ended = once(child, 'close')
  const lineCount = random.between(2, 6)
  let printed = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    printed += text
    // At once or a little later: compaction is at another place each time.
    if (printed.split('\n').length > lineCount) setTimeout(() => child.kill('SIGKILL'), random.below(500))
  })
  const [, signal] = await ended
  assert.equal(signal, 'SIGKILL', `it ended by itself: ${await errors}`)
  return Number(printed.split('\n').slice(0, -1).at(-1))
}

async function assertSame(database: SeriesDatabase, model: SeriesModel, where: string): Promise<void> {
  const tails = new Tails()
  const { created_at } = await database.db.selectFrom('runs').select('created_at').executeTakeFirstOrThrow()
  model.setCreation('r', created_at)
  const text = await collect(await encodeExport(database.db, tails, exportOf({ project: 'p', run: 'r' })))
  assert.ok(text.equals(Buffer.from(model.exportText('r'))), `${where}: the export is that of the model`)
  for (let count = 0; count < 5; count++) {
    const request = {
      project: 'p',
      runs: ['r'],
      metrics: ['loss', 'acc'],
      x: 'step' as const,
      ...randomRange(random, model),
    }
    const answer = await database.db.transaction().execute((snapshot) => readSeries(snapshot, tails, request))
    const how = { points: request.points, isAlong: false, isWild: false, where: `${where}, ${JSON.stringify(request)}` }
    assertSameAnswer(answer, model.answer(request), how)
  }
}

function randomRange(random: Random, model: SeriesModel) {
  const steps = model.points('r', 'loss').map(({ step }) => step)
  const [one, other] = [random.pick(steps), random.pick(steps)]
  const points = random.pick([2, 50, 500, 2_000])
  if (random.chance(0.3)) return { from: undefined, to: undefined, points }
  return { from: Math.min(one, other), to: Math.max(one, other), points }
}
