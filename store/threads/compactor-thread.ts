import { constants, setPriority } from 'node:os'
import { type MessagePort, parentPort, workerData } from 'node:worker_threads'
import type { Database, EngineAddress } from '../engines/engine.ts'
import { openEngine } from '../engines/open-engine.ts'
import { buffersOf, type SeriesChanges, type SeriesRow } from '../series/changes.ts'
import { compact } from '../series/compact.ts'
import { findStunted, growLevels } from '../series/levels.ts'
import { type LiveRun, readLiveRuns } from '../series/live-runs.ts'
import type { RunId, Stamp } from '../tables.ts'
import { diskFaultOf, isOutsideFault } from './messages.ts'
import { settleHeap } from './settle-heap.ts'

/*
 * The thread that turns the journal into chunks. It reads, sorts and compresses; what is to be written goes to the
 * writer thread, a transaction at a time, and the next is begun when that one is on disk.
 */

/** Points that have waited so long are compacted, however few they are. */
const oldestMs = 60_000
/** So are those of a run that has been silent for so long: lists need not look for what it came to in the journal. */
const silentMs = 10_000
const liveLookMs = 5_000
/** With nothing to do for so long, the disk that the journal took is given back: sooner it would be taken again. */
const restMs = 5_000
/** Each is about a megabyte less in the journal and a fifth of one more in chunks, on top of what was appended. */
const changesPerFlush = 4
/** A run that can't be read is tried again after so long: a disk of a network may come back. */
const setAsideMs = 600_000
/** How often it is looked whether the newest entries have become old enough. */
const lookMs = 500

export interface CompactorData {
  address: EngineAddress
  port: MessagePort
  /** Entries stay in the journal for so long: from there a stream that comes again is told what it has missed. */
  keepMs: number
}

/** From the writer: runs with much to compact, and how the last changes went. */
export type ToCompactor = { due: { run: RunId; isUrgent: boolean }[] } | Applied

interface Applied {
  applied: boolean
  /** What of the disk could not be read. */
  fault?: string
}
/** To the writer: what to write, a run that is left as it is, and that there is nothing more to do for now. */
export type FromCompactor = { changes: SeriesChanges } | { setAside: RunId } | { resting: true }

/** Changes could not be written because what they change could not be read. */
class NotWritten extends Error {}

if (parentPort) await serve(parentPort, workerData as CompactorData)

async function serve(parent: NonNullable<typeof parentPort>, { address, port, keepMs }: CompactorData): Promise<void> {
  const startedMs = Date.now()
  const engine = openEngine(address)
  const db = await engine.openReader()
  /** Runs to compact: all that they had in the journal at a time, and when it is urgent whatever is there. */
  const due = new Map<RunId, { untilMs: number; isUrgent: boolean }>()
  /** Runs that are left as they are, and until when (ms since the epoch): what they have in the journal stays there. */
  const setAside = new Map<RunId, number>()
  let hasStunted = true
  let isBusy = false
  let isClosing = false
  let answered: ((answer: Applied) => void) | undefined
  let pause: NodeJS.Timeout | undefined
  let changesSoFar = 0

  stepBack()
  port.on('message', (message: ToCompactor) => {
    if ('applied' in message) answered?.(message)
    else {
      for (const { run, isUrgent } of message.due) note(run, isUrgent)
      if (!isBusy) work()
    }
  })
  parent.on('message', async () => {
    isClosing = true
    clearInterval(clock)
    clearTimeout(pause)
    if (!isBusy) await end()
  })
  /** When each live run was first seen to be one. */
  let liveSince = new Map<RunId, number>()
  const clock = setInterval(async () => {
    const live = await findLiveRuns()
    if (isClosing) return
    const nowMs = Date.now()
    liveSince = new Map(live.map(({ run }) => [run, liveSince.get(run) ?? nowMs]))
    for (const { run, heardAt } of live) {
      const isOld = nowMs - (liveSince.get(run) as number) >= oldestMs
      if (isOld || nowMs - heardAt >= silentMs) note(run)
      if (isOld) liveSince.delete(run)
    }
    // With nothing due it may rest.
    if (!isBusy && due.size > 0) work()
  }, liveLookMs)

  for (const { run } of await findLiveRuns()) note(run)
  parent.postMessage({ ready: true })
  settleHeap()
  work()

  function note(run: RunId, isUrgent = false): void {
    if (Date.now() < (setAside.get(run) ?? 0)) return
    due.set(run, { untilMs: Date.now(), isUrgent: isUrgent || due.get(run)?.isUrgent === true })
  }

  async function work(): Promise<void> {
    isBusy = true
    clearTimeout(pause)
    let isIdle = false
    while (due.size > 0 && !isIdle && !isClosing) {
      isIdle = true
      // In turns: one run with a long journal does not keep the others waiting.
      for (const [run, { untilMs, isUrgent }] of due) {
        if (isClosing) break
        // Streams that broke off with the last tracker come back in the first moments of this one.
        const oldMs = Date.now() < startedMs + keepMs ? 0 : Date.now() - keepMs
        const before = isUrgent ? Infinity : oldMs * 1_000
        if (await unlessDamaged(run, () => compactSome(db, run, before, apply))) {
          isIdle = false
        } else if ((isUrgent || untilMs < oldMs) && due.get(run)?.untilMs === untilMs) {
          // It may have become due again meanwhile.
          due.delete(run)
        }
      }
    }
    if (hasStunted && !isClosing) await growStunted()
    isBusy = false
    if (isClosing) await end()
    else if (due.size > 0) pause = setTimeout(work, lookMs)
    else pause = setTimeout(() => port.postMessage({ resting: true } satisfies FromCompactor), restMs)
  }

  /** None where that can't be read: it is looked for again. */
  async function findLiveRuns(): Promise<LiveRun[]> {
    try {
      return await readLiveRuns(db)
    } catch (error) {
      if (!isOutsideFault(error, engine)) throw error
      return []
    }
  }

  /** Builds the levels that an interruption left out: once, for only the end of a process interrupts. */
  async function growStunted(): Promise<void> {
    hasStunted = false
    try {
      for await (const { run, rows } of findStunted(db)) {
        if (isClosing) return
        await unlessDamaged(run, () => grow(db, run, rows, apply))
      }
    } catch (error) {
      if (!isOutsideFault(error, engine)) throw error
    }
  }

  /** The other runs go on, and so does whoever reads and writes this one. @returns false when it is damaged */
  async function unlessDamaged(run: RunId, act: () => Promise<boolean>): Promise<boolean> {
    try {
      return await act()
    } catch (error) {
      const isNotWritten = error instanceof NotWritten
      if (!isNotWritten && !isOutsideFault(error, engine)) throw error
      const fault = isNotWritten ? error.message : diskFaultOf(error, engine)
      // For want of room, or because somebody else is writing: it is tried again when the run is due again.
      if (fault === undefined) return false
      due.delete(run)
      setAside.set(run, Date.now() + setAsideMs)
      port.postMessage({ setAside: run } satisfies FromCompactor)
      const minutes = setAsideMs / 60_000
      console.error(`Run ${await nameOf(run)} can't be read and is not compacted for ${minutes} minutes: ${fault}`)
      return false
    }
  }

  async function nameOf(run: RunId): Promise<string> {
    try {
      const owner = await db.selectFrom('runs').select(['project', 'name']).where('id', '=', run).executeTakeFirst()
      if (owner) return `${owner.project}/${owner.name}`
    } catch {
      // Its name can't be read either.
    }
    return String(run)
  }

  async function apply(changes: SeriesChanges): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<Applied>()
    answered = resolve
    port.postMessage({ changes } satisfies FromCompactor, buffersOf(changes))
    const { applied, fault } = await promise
    if (fault !== undefined) throw new NotWritten(fault)
    if (++changesSoFar % changesPerFlush === 0) await flush()
    return applied
  }

  async function flush(): Promise<void> {
    try {
      await engine.flush(db)
    } catch (error) {
      if (!isOutsideFault(error, engine)) throw error
    }
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
  before: Stamp,
  apply: (changes: SeriesChanges) => Promise<boolean>,
): Promise<boolean> {
  const changes = await db.transaction().execute((snapshot) => compact(snapshot, run, before))
  if (!changes || !(await apply(changes))) return false
  return grow(db, run, changes.series, apply)
}

/** Builds the levels that are due. @returns whether all of them are there */
async function grow(
  db: Database,
  run: RunId,
  rows: SeriesRow[],
  apply: (changes: SeriesChanges) => Promise<boolean>,
): Promise<boolean> {
  for await (const growth of growLevels(db, run, rows)) {
    if (!(await apply(growth))) return false
  }
  return true
}

/** Acknowledgements and charts go first where there is not a core for each. On Linux priorities are those of threads. */
function stepBack(): void {
  if (process.platform === 'linux') setPriority(constants.priority.PRIORITY_BELOW_NORMAL)
}
