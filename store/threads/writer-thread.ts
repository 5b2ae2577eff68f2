import { type MessagePort, parentPort, workerData } from 'node:worker_threads'
import { findRun, type RunAddress } from '../catalog/write-catalog.ts'
import type { Database, EngineAddress } from '../engines/engine.ts'
import { openEngine } from '../engines/open-engine.ts'
import { type Append, type BatchAppend, isBatch } from '../journal/appends.ts'
import type { Stamp } from '../tables.ts'
import { clearDeletedRuns } from './clear-deleted-runs.ts'
import { GroupCommitter } from './commit-group.ts'
import { CompactionDesk } from './compaction-desk.ts'
import { type Deed, leavesRubbish } from './deeds.ts'
import { type GroupMessage, unpackGroup } from './group-message.ts'
import { isOutsideFault, type Outcome } from './messages.ts'
import { releaseBuffers, settleHeap } from './settle-heap.ts'

/*
 * The one thread that writes. It is sent groups of deeds, does each group in one transaction, and answers when the
 * transaction is on disk. Between groups it clears what was deleted, a little at a time.
 */

/** How soon it is tried again to give back disk that somebody reads from. */
const laterMs = 500

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
  let lastStamp: Stamp
  try {
    await engine.take()
    db = await engine.openWriter()
    lastStamp = await readLastStamp(db)
  } catch (error) {
    await engine.release()
    tell({ unavailable: (error as Error).message })
    return
  }

  const committer = new GroupCommitter(db, engine, lastStamp)
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
        const { outcomes, journaled } = await committer.commit(group)
        tell({ outcomes, commitMs: performance.now() - started })
        if (group.some(isLarge)) releaseBuffers()
        compaction.noteCommit(journaled)
        if (group.some(leavesRubbish)) hasRubbish = true
        for (const deed of group) if (deed.name === 'finishRun') await noteFinished(deed.argument as RunAddress)
      }
    }
    isBusy = false
  }

  async function noteFinished(address: RunAddress): Promise<void> {
    try {
      const run = await findRun(db, address)
      if (run) compaction.noteFinished(run.id)
    } catch (error) {
      // It is compacted all the same, some seconds later.
      if (!isOutsideFault(error, engine)) throw error
    }
  }

  async function writeChanges(): Promise<void> {
    try {
      await compaction.write(db, engine)
    } catch (error) {
      // The journal stays as it is, until the run is due again.
      if (!isOutsideFault(error, engine)) throw error
    }
  }

  async function clearSome(): Promise<boolean> {
    try {
      const cleared = await clearDeletedRuns(db)
      if (cleared !== undefined) {
        compaction.forget(cleared)
        return true
      }
      const left = await engine.reclaim(db)
      if (left === 'later') {
        setTimeout(() => {
          hasRubbish = true
          if (!isBusy) work()
        }, laterMs).unref()
      }
      return left === 'more'
    } catch (error) {
      if (!isOutsideFault(error, engine)) throw error
      // What cannot be cleared is tried again after the next deletion or start.
      return committer.makeRoom(error)
    }
  }
}

/** Batches of so many rows and columns leave megabytes behind. */
const largeCells = 250_000

function isLarge({ name, argument }: Deed): boolean {
  if (name !== 'append' || !isBatch(argument as Append)) return false
  const { steps, columns } = argument as BatchAppend
  return steps.length * (columns.length + 2) > largeCells
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
