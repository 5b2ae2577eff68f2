import { Problem } from '@aspara/protocol/errors.ts'
import { type Commit, commitAt } from '../catalog/commit.ts'
import type { Database, Engine } from '../engines/engine.ts'
import type { Append } from '../journal/appends.ts'
import { type Written, writeAppends } from '../journal/write-appends.ts'
import type { Stamp } from '../tables.ts'
import { type Deed, deeds, freesRoom } from './deeds.ts'
import { done, failure, type Outcome } from './messages.ts'

export interface CommittedGroup {
  /** One a deed, in order. */
  outcomes: Outcome[]
  /** What is in the journal now that was not before: nothing of a transaction that failed. */
  journaled: Written['journaled']
}

/** Commits groups of deeds, each in one transaction. */
export class GroupCommitter {
  #db: Database
  #engine: Engine
  #lastStamp: Stamp

  /** `lastStamp`: the highest of any commit so far. */
  constructor(db: Database, engine: Engine, lastStamp: Stamp) {
    this.#db = db
    this.#engine = engine
    this.#lastStamp = lastStamp
  }

  /** All in one transaction; when that fails, each alone, so that one deed can't fail its neighbours. */
  async commit(group: Deed[]): Promise<CommittedGroup> {
    try {
      return await this.#inTransaction(group)
    } catch (error) {
      if (group.length === 1) {
        if (freesRoom(group[0]) && (await this.makeRoom(error))) return this.commit(group)
        return { outcomes: [failure(error, this.#engine)], journaled: [] }
      }
      const committed: CommittedGroup = { outcomes: [], journaled: [] }
      for (const deed of group) {
        const { outcomes, journaled } = await this.commit([deed])
        committed.outcomes.push(...outcomes)
        committed.journaled.push(...journaled)
      }
      return committed
    }
  }

  /** Whether what failed for want of room can be tried again. */
  async makeRoom(error: unknown): Promise<boolean> {
    return this.#engine.problemOf(error)?.code === 'diskFull' && this.#engine.makeRoom(this.#db)
  }

  #inTransaction(group: Deed[]): Promise<CommittedGroup> {
    return this.#db.transaction().execute(async (trx) => {
      const committed: CommittedGroup = { outcomes: [], journaled: [] }
      const at = commitAt(Date.now(), this.#lastStamp)
      this.#lastStamp = at.stamp
      for (let start = 0; start < group.length; ) {
        let end = start
        while (end < group.length && group[end].name === 'append') end++
        if (end > start) {
          const appends = group.slice(start, end).map((deed) => deed.argument as Append)
          const { outcomes, journaled } = await writeAppends(trx, appends, at)
          committed.journaled.push(...journaled)
          for (const outcome of outcomes) {
            committed.outcomes.push(outcome instanceof Problem ? failure(outcome, this.#engine) : done(outcome))
          }
          start = end
        } else {
          committed.outcomes.push(await this.#doAlone(trx, group[start], at))
          start++
        }
      }
      return committed
    })
  }

  async #doAlone(trx: Database, deed: Deed, at: Commit): Promise<Outcome> {
    const act = deeds[deed.name as keyof typeof deeds] as (db: Database, argument: unknown, commit: Commit) => unknown
    try {
      return done(await act(trx, deed.argument, at))
    } catch (error) {
      if (error instanceof Problem) return failure(error, this.#engine)
      throw error
    }
  }
}
