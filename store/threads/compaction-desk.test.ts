import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import { MessageChannel, type MessagePort, receiveMessageOnPort } from 'node:worker_threads'
import { type OpenedDatabase, openDatabase } from '../testing/open-database.ts'
import { randomFromEnvironment } from '../testing/random.ts'
import { CompactionDesk, duePoints, pointsMax, urgentPoints } from './compaction-desk.ts'
import type { FromCompactor, ToCompactor } from './compactor-thread.ts'

/** A desk, and the compactor's end of the line to it. */
class Desk {
  readonly desk: CompactionDesk
  readonly #compactor: MessagePort
  #word = Promise.withResolvers<void>()

  constructor() {
    const { port1, port2 } = new MessageChannel()
    this.desk = new CompactionDesk(port1, () => this.#word.resolve())
    this.#compactor = port2
  }

  /** What the compactor says has arrived. */
  async say(message: FromCompactor): Promise<void> {
    this.#word = Promise.withResolvers()
    this.#compactor.postMessage(message)
    await this.#word.promise
  }

  /** What the compactor has been told since the last time. */
  told(): ToCompactor[] {
    const told: ToCompactor[] = []
    for (;;) {
      const received = receiveMessageOnPort(this.#compactor)
      if (!received) return told
      told.push(received.message)
    }
  }

  /** Points of a run leave the journal. */
  async compact(run: number, entries: number, points: number): Promise<void> {
    const journal = { from: 0, before: entries, stamp: 1, points }
    await this.say({ changes: { run, journal, cleared: [], removed: [], chunks: [], series: [] } })
    await this.desk.write(opened.db, opened.engine)
  }

  [Symbol.dispose](): void {
    this.desk.close()
    this.#compactor.close()
  }
}

let opened: OpenedDatabase
before(async () => {
  opened = await openDatabase()
})
after(() => opened[Symbol.asyncDispose]())

const journaled = (run: number, points: number, entries = 1) => ({ run, entries, points })

suite('the compaction desk', () => {
  test('says once that a run is due, once that it is urgent, and again when so much is left', async () => {
    using its = new Desk()
    const { desk } = its
    desk.noteCommit([journaled(1, duePoints - 1), journaled(2, 5)])
    assert.deepEqual(its.told(), [])
    desk.noteCommit([journaled(1, 1)])
    assert.deepEqual(its.told(), [{ due: [{ run: 1, isUrgent: false }] }])
    desk.noteCommit([journaled(1, 10)])
    assert.deepEqual(its.told(), [])
    desk.noteCommit([journaled(1, urgentPoints)])
    assert.deepEqual(its.told(), [{ due: [{ run: 1, isUrgent: true }] }])
    await its.compact(1, 1, urgentPoints - duePoints)
    assert.deepEqual(its.told(), [{ due: [{ run: 1, isUrgent: false }] }, { applied: false, fault: undefined }])
    desk.noteFinished(2)
    desk.noteFinished(3)
    assert.deepEqual(its.told(), [{ due: [{ run: 2, isUrgent: false }] }], 'one of which nothing is there is not')
  })

  test('lets writes wait while the journal is too long, until enough of it is compacted', async () => {
    using its = new Desk()
    const { desk } = its
    desk.noteCommit([journaled(1, pointsMax), journaled(2, 1)])
    assert.equal(desk.isSwamped, true)
    await its.compact(1, 1, 1)
    assert.equal(desk.isSwamped, false)
    await desk.letCatchUp()
  })

  test('counts nothing of a run that is cleared, or set aside by the compactor', async () => {
    using its = new Desk()
    const { desk } = its
    desk.noteCommit([journaled(1, pointsMax), journaled(2, pointsMax)])
    desk.forget(1)
    assert.equal(desk.isSwamped, false)
    desk.noteCommit([journaled(3, 1)])
    assert.equal(desk.isSwamped, true)
    await its.say({ setAside: 2 })
    assert.equal(desk.isSwamped, false)
    desk.noteCommit([journaled(2, pointsMax + 1)])
    assert.equal(desk.isSwamped, false, 'what it will have is not waited for either')
    desk.noteCommit([journaled(3, pointsMax)])
    assert.equal(desk.isSwamped, true)
  })

  test('counts from the beginning again when the compactor has nothing to do', async () => {
    using its = new Desk()
    const { desk } = its
    desk.noteCommit([journaled(1, pointsMax + 1)])
    await its.say({ resting: true })
    assert.deepEqual([desk.isSwamped, desk.isResting], [false, true])
  })

  test('has counted nothing when all that was journaled has left, whatever the order', async (t) => {
    const random = randomFromEnvironment()
    t.diagnostic(`ASPARA_TEST_SEED=${random.seed}`)
    using its = new Desk()
    const { desk } = its
    for (let round = 0; round < 20; round++) {
      const runs = Array.from({ length: random.between(1, 4) }, (_, index) => ({ run: round * 10 + index, points: 0 }))
      for (const its of runs) {
        for (let entries = random.between(1, 3); entries > 0; entries--) {
          const points = random.between(1, pointsMax)
          its.points += points
          desk.noteCommit([journaled(its.run, points)])
        }
      }
      for (const { run, points } of runs) {
        // Entries that were there before the tracker started leave with them; the counts are of what came since.
        if (random.chance(0.4)) await its.compact(run, random.between(1, 9), random.between(1, points))
        if (random.chance(0.5)) await its.compact(run, 9, points + random.below(100))
        else desk.forget(run)
      }
      desk.noteCommit([journaled(-1, pointsMax)])
      assert.equal(desk.isSwamped, false, `round ${round}, ASPARA_TEST_SEED=${random.seed}`)
      desk.forget(-1)
    }
  })
})
