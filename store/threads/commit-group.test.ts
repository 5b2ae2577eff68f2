import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sql } from 'kysely'
import { openDatabase } from '../testing/open-database.ts'
import { batch, record } from '../testing/plain-appends.ts'
import { GroupCommitter } from './commit-group.ts'
import type { Deed } from './deeds.ts'

const append = (argument: Deed<'append'>['argument']): Deed => ({ name: 'append', argument })

test('what a transaction that failed would have put into the journal is not counted as being there', async () => {
  await using opened = await openDatabase()
  const { db, engine } = opened
  const committer = new GroupCommitter(db, engine, 0)
  const rows = (run: string, count: number) => {
    const values = Array.from({ length: count }, (_, index) => index)
    return append(batch({ run, sequence: 0, steps: values, metrics: { a: values } }))
  }
  assert.equal((await committer.commit([rows('kept', 10)])).journaled[0].points, 10)

  const { page_count } = (await sql<{ page_count: number }>`pragma page_count`.execute(db)).rows[0]
  await sql`pragma max_page_count = ${sql.raw(String(page_count + 8))}`.execute(db)
  for (let round = 0; round < 3; round++) {
    const { outcomes, journaled } = await committer.commit([rows('full', 20_000)])
    assert.equal(outcomes[0] && 'problem' in outcomes[0] && outcomes[0].problem.code, 'diskFull')
    assert.deepEqual(journaled, [])
  }
  // One that is too large fails the transaction of its group: the others are committed alone, and counted once.
  const group = [append(record('small', 0, { a: 1 })), rows('full', 20_000), append(record('small', 1, { a: 1 }))]
  const { outcomes, journaled } = await committer.commit(group)
  assert.deepEqual(
    outcomes.map((outcome) => outcome && 'problem' in outcome),
    [null, true, null],
  )
  assert.deepEqual(
    journaled.map(({ entries, points }) => [entries, points]),
    [
      [1, 1],
      [1, 1],
    ],
  )
  const { entries } = await db
    .selectFrom('journal')
    .select((eb) => eb.fn.countAll<number>().as('entries'))
    .executeTakeFirstOrThrow()
  assert.equal(entries, 3)
})
