import { constants, setPriority } from 'node:os'
import { type MessagePort, parentPort, workerData } from 'node:worker_threads'
import type { Database, EngineAddress } from '../engines/engine.ts'
import { openEngine } from '../engines/open-engine.ts'
import { buffersOf, type SeriesChanges } from '../series/changes.ts'
import { compact } from '../series/compact.ts'
import { growLevels } from '../series/levels.ts'
import { readLiveRuns } from '../series/live-runs.ts'
import type { RunId } from '../tables.ts'
import { settleHeap } from './settle-heap.ts'

/*
 * The thread that turns the journal into chunks. It reads, sorts and compresses; what is to be written goes to the
 * writer thread, a transaction at a time, and the next is begun when that one is on disk.
 */

/** Points that have waited so long are compacted, however few they are. */
const oldestMs = 60_000
/** With nothing to do for so long, the disk that the journal took is given back: sooner it would be taken again. */
const restMs = 5_000

export interface CompactorData {
  address: EngineAddress
  port: MessagePort
}

/** From the writer: runs with much to compact, and how the last changes went. */
export type ToCompactor = { due: RunId[] } | { applied: boolean }
/** To the writer: what to write, and that there is nothing more to do for now. */
export type FromCompactor = { changes: SeriesChanges } | { resting: true }

if (parentPort) await serve(parentPort, workerData as CompactorData)

async function serve(parent: NonNullable<typeof parentPort>, { address, port }: CompactorData): Promise<void> {
  const db = await openEngine(address).openReader()
  const due = new Set<RunId>()
  let isBusy = false
  let isClosing = false
  let answered: ((applied: boolean) => void) | undefined
  let rest: NodeJS.Timeout | undefined

  stepBack()
  port.on('message', (message: ToCompactor) => {
    if ('applied' in message) answered?.(message.applied)
    else {
      for (const run of message.due) due.add(run)
      if (!isBusy) work()
    }
  })
  parent.on('message', async () => {
    isClosing = true
    clearInterval(clock)
    clearTimeout(rest)
    if (!isBusy) await end()
  })
  let seen = new Set<RunId>()
  const clock = setInterval(async () => {
    const live = await readLiveRuns(db)
    for (const run of live) if (seen.has(run)) due.add(run)
    seen = new Set(live)
    if (!isBusy) work()
  }, oldestMs)

  for (const run of await readLiveRuns(db)) due.add(run)
  parent.postMessage({ ready: true })
  settleHeap()
  work()

  async function work(): Promise<void> {
    isBusy = true
    clearTimeout(rest)
    for (const run of due) {
      if (isClosing) break
      // Last again, when more is left: one run with a long journal does not keep the others waiting.
      due.delete(run)
      if (await compactSome(db, run, apply)) due.add(run)
    }
    isBusy = false
    if (isClosing) await end()
    else rest = setTimeout(() => port.postMessage({ resting: true } satisfies FromCompactor), restMs)
  }

  function apply(changes: SeriesChanges): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<boolean>()
    answered = resolve
    port.postMessage({ changes } satisfies FromCompactor, buffersOf(changes))
    return promise
  }

  async function end(): Promise<void> {
    await db.destroy()
    port.close()
    parent.close()
  }
}

/** One transaction's worth of a run's journal. @returns whether more may be left */
async function compactSome(
  db: Database,
  run: RunId,
  apply: (changes: SeriesChanges) => Promise<boolean>,
): Promise<boolean> {
  const changes = await db.transaction().execute((snapshot) => compact(snapshot, run))
  if (!changes || !(await apply(changes))) return false
  for await (const growth of growLevels(db, run, changes.series)) {
    if (!(await apply(growth))) return false
  }
  return true
}

/** Acknowledgements and charts go first where there is not a core for each. On Linux priorities are those of threads. */
function stepBack(): void {
  if (process.platform === 'linux') setPriority(constants.priority.PRIORITY_BELOW_NORMAL)
}
