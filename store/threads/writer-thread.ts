import { type MessagePort, parentPort, workerData } from 'node:worker_threads'
import { Problem } from '@aspara/protocol/errors.ts'
import { forgetDroppedFiles, listDroppedFiles } from '../artifacts/dropped-files.ts'
import { type Commit, commitAt } from '../catalog/commit.ts'
import * as deletions from '../catalog/deletions.ts'
import { finishRun } from '../catalog/finish-run.ts'
import { listWriters } from '../catalog/read-catalog.ts'
import { deleteView, putView } from '../catalog/views.ts'
import type { RunAddress } from '../catalog/write-catalog.ts'
import * as catalog from '../catalog/write-catalog.ts'
import type { Database, EngineAddress } from '../engines/engine.ts'
import { openEngine } from '../engines/open-engine.ts'
import type { Append } from '../journal/appends.ts'
import { writeAppends } from '../journal/write-appends.ts'
import type { Stamp } from '../tables.ts'
import { clearDeletedRuns } from './clear-deleted-runs.ts'
import { CompactionDesk } from './compaction-desk.ts'
import { type GroupMessage, unpackGroup } from './group-message.ts'
import { done, failure, type Outcome } from './messages.ts'
import { settleHeap } from './settle-heap.ts'

/*
 * The one thread that writes. It is sent groups of deeds, does each group in one transaction, and answers when the
 * transaction is on disk. Between groups it clears what was deleted, a little at a time.
 */

/** What the thread does one by one, by name. */
const deeds = {
  createRun: catalog.createRun,
  mergeIntoRun: catalog.mergeIntoRun,
  setRunTags: catalog.setRunTags,
  finishRun,
  describeRun: catalog.describeRun,
  describeProject: catalog.describeProject,
  ...deletions,
  addArtifact: catalog.addArtifact,
  putView,
  deleteView,
  // Not a change: answered in the order of batches, so that it tells of all that were sent before.
  listWriters,
  listDroppedFiles,
  forgetDroppedFiles,
}

/** Names, arguments and results of the deeds. */
export type Deeds = typeof deeds & { append: (db: Database, append: Append, commit: Commit) => Promise<unknown> }
export type DeedName = keyof Deeds

export interface Deed<Name extends DeedName = DeedName> {
  name: Name
  argument: Parameters<Deeds[Name]>[1]
}

/** How soon it is tried again to give back disk that somebody reads from. */
const laterMs = 500

const clearing: ReadonlySet<DeedName> = new Set(['discardRun', 'emptyTrash', 'discardExpired', 'deleteProject'])
const leavesRubbish = ({ name }: Deed) => clearing.has(name)
/** And what comes before it. */
const freesRoom = (deed: Deed) => leavesRubbish(deed) || deed.name === 'deleteRun' || deed.name === 'forgetDroppedFiles'

/** To the thread: a group, or the word to end. */
export type WriterMessage = { group: GroupMessage } | { close: true }
/** From the thread. */
export type WriterAnswer =
  | { ready: true }
  | { unavailable: string }
  | { outcomes: Outcome[]; commitMs: number }
  | { closed: true }

export interface WriterData {
  address: EngineAddress
  /** To the compactor thread. */
  port: MessagePort
}

if (parentPort) await serve(parentPort, workerData as WriterData)

async function serve(port: NonNullable<typeof parentPort>, { address, port: toCompactor }: WriterData): Promise<void> {
  const engine = openEngine(address)
  const tell = (answer: WriterAnswer) => port.postMessage(answer)
  let db: Database
  try {
    await engine.take()
    db = await engine.openWriter()
  } catch (error) {
    await engine.release()
    tell({ unavailable: (error as Error).message })
    return
  }

  let lastStamp = await readLastStamp(db)
  const waiting: WriterMessage[] = []
  let isBusy = false
  let hasRubbish = true
  let rest: NodeJS.Timeout | undefined
  const compaction = new CompactionDesk(toCompactor, () => {
    if (!isBusy) work()
  })
  port.on('message', (message: WriterMessage) => {
    waiting.push(message)
    if (!isBusy) work()
  })
  tell({ ready: true })
  settleHeap()
  work()

  async function work(): Promise<void> {
    isBusy = true
    for (;;) {
      const message = waiting.shift()
      if (!message) {
        if (compaction.hasChanges && compaction.restMs > 0) {
          // Acknowledgements have at least as much of this thread as compaction.
          if (!rest)
            rest = setTimeout(() => {
              rest = undefined
              if (!isBusy) work()
            }, compaction.restMs)
          break
        }
        if (compaction.hasChanges) await writeChanges()
        else if (hasRubbish) hasRubbish = await clearSome()
        else if (compaction.isResting) {
          compaction.isResting = false
          hasRubbish = true // What the journal took is given back.
        } else if (!engine.keepRoom()) break
        await new Promise(setImmediate) // Lets the next group in before the next piece of work.
      } else if ('close' in message) {
        compaction.close()
        await db.destroy()
        await engine.release()
        tell({ closed: true })
        port.close()
        return
      } else {
        await compaction.letCatchUp()
        if (compaction.hasChanges && compaction.isSwamped) await writeChanges()
        const started = performance.now()
        const group = unpackGroup(message.group)
        const outcomes = await commit(group)
        tell({ outcomes, commitMs: performance.now() - started })
        compaction.noteCommit()
        if (group.some(leavesRubbish)) hasRubbish = true
        for (const deed of group) if (deed.name === 'finishRun') await noteFinished(deed.argument as RunAddress)
      }
    }
    isBusy = false
  }

  /** All in one transaction; when that fails, each alone, so that one deed can't fail its neighbours. */
  async function commit(group: Deed[]): Promise<Outcome[]> {
    try {
      return await inTransaction(group)
    } catch (error) {
      if (group.length === 1) {
        if (freesRoom(group[0]) && (await makeRoom(error))) return commit(group)
        return [failure(error, engine)]
      }
      const outcomes: Outcome[] = []
      for (const deed of group) outcomes.push(...(await commit([deed])))
      return outcomes
    }
  }

  function inTransaction(group: Deed[]): Promise<Outcome[]> {
    return db.transaction().execute(async (trx) => {
      const outcomes: Outcome[] = []
      const at = commitAt(Date.now(), lastStamp)
      lastStamp = at.stamp
      for (let start = 0; start < group.length; ) {
        let end = start
        while (end < group.length && group[end].name === 'append') end++
        if (end > start) {
          const appends = group.slice(start, end).map((deed) => deed.argument as Append)
          const written = await writeAppends(trx, appends, at)
          compaction.note(written.journaled)
          for (const outcome of written.outcomes) {
            outcomes.push(outcome instanceof Problem ? failure(outcome, engine) : done(outcome))
          }
          start = end
        } else {
          outcomes.push(await doAlone(trx, group[start], at))
          start++
        }
      }
      return outcomes
    })
  }

  async function doAlone(trx: Database, deed: Deed, at: Commit): Promise<Outcome> {
    const act = deeds[deed.name as keyof typeof deeds] as (db: Database, argument: unknown, commit: Commit) => unknown
    try {
      return done(await act(trx, deed.argument, at))
    } catch (error) {
      if (error instanceof Problem) return failure(error, engine)
      throw error
    }
  }

  async function noteFinished(address: RunAddress): Promise<void> {
    const run = await catalog.findRun(db, address)
    if (run) compaction.noteFinished(run.id)
  }

  async function writeChanges(): Promise<void> {
    try {
      await compaction.write(db)
    } catch (error) {
      // For want of room the journal stays as it is, until the run is due again.
      if (!engine.problemOf(error)) throw error
    }
  }

  async function clearSome(): Promise<boolean> {
    try {
      if (await clearDeletedRuns(db)) return true
      const left = await engine.reclaim(db)
      if (left === 'later') {
        setTimeout(() => {
          hasRubbish = true
          if (!isBusy) work()
        }, laterMs).unref()
      }
      return left === 'more'
    } catch (error) {
      if (!engine.problemOf(error)) throw error
      // Without room it is tried again after the next deletion or start.
      return makeRoom(error)
    }
  }

  /** Whether what failed for want of room can be tried again. */
  async function makeRoom(error: unknown): Promise<boolean> {
    return engine.problemOf(error)?.code === 'diskFull' && engine.makeRoom(db)
  }
}

/** The highest stamp of any commit: one after it is higher even if the clock was set back meanwhile. */
async function readLastStamp(db: Database): Promise<Stamp> {
  const runs = await db
    .selectFrom('heads')
    .select((eb) => eb.fn.max('stamp').as('stamp'))
    .executeTakeFirst()
  const projects = await db
    .selectFrom('projects')
    .select((eb) => [eb.fn.max('removed').as('removed'), eb.fn.max('described').as('described')])
    .executeTakeFirst()
  return Math.max(runs?.stamp ?? 0, projects?.removed ?? 0, projects?.described ?? 0)
}
