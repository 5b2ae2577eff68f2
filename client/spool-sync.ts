import { existsSync } from 'node:fs'
import { hostname } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { httpTransport } from './http-transport.ts'
import { foreignSpool, modifiedMs } from './own-file.ts'
import { hasRecord, listSegments } from './segment-files.ts'
import { isAlive, listWriters, readSent } from './spool-folder.ts'
import { headerBytes, type RunDocument, type SpoolDocument, segmentName, sentName } from './spool-format.ts'
import { SpoolReader } from './spool-reader.ts'
import { type Continuation, SpoolHeld, SpoolSender } from './spool-sender.ts'

export interface SyncOptions {
  /** Where to, whatever the spool says. */
  trackerUri?: string
  /** Where to when the spool does not say. */
  defaultUri: string
  token?: string
  /** How long a tracker that gives no answer is tried again. */
  patienceMs?: number
  onWarning?: (sentence: string) => void
  /** Ends it where it is. */
  signal?: AbortSignal
}

export interface Synced {
  /** `held`: somebody else sends it. */
  outcome: 'sent' | 'held' | 'unreachable'
  /** What the run is called at the tracker. */
  name: string
  /** How many rows the tracker took that it had not taken before. */
  rows: number
  /** Rows and documents that it did not take, or that could not be read. */
  refused: number
  trouble?: string
  /** The run was ended in the place of its process, which is dead. */
  hasEnded?: boolean
}

/** Sends what one writer's folder has, as far as it is written. @throws SpoolDamaged, or what the file system says */
export async function syncSpool(folder: string, options: SyncOptions): Promise<Synced> {
  const fault = foreignSpool(folder)
  if (fault) throw new Error(fault)
  const run = readRunOf(folder)
  // Before anything is read: a process that is dead now adds nothing while it is sent.
  const isGone = isDead(folder, run)
  let lastTime: { time: number } | undefined
  const time = () => {
    lastTime ??= { time: lastTimeOf(folder) ?? run?.started ?? 0 }
    return lastTime.time
  }
  const continuation = run && isGone ? continuationOf(folder, run, time) : undefined
  const server = options.trackerUri ?? run?.tracker_uri ?? options.defaultUri
  let sending: SpoolSender
  try {
    sending = new SpoolSender({
      folder,
      server,
      transport: httpTransport(server, options.token),
      batchChars: 1_000_000,
      lastWord: run && isGone ? lastWordOf(run, time() || Date.now(), continuation) : undefined,
      continuation,
      onWarning: options.onWarning,
    })
  } catch (error) {
    if (!(error instanceof SpoolHeld)) throw error
    return { outcome: 'held', name: run?.name ?? '', rows: 0, refused: 0 }
  }
  const { sender, reader } = sending
  const before = reader.acknowledgedRow - reader.refusedRows
  const stop = () => sender.stop()
  options.signal?.addEventListener('abort', stop)
  try {
    const isSent = await sending.drain(options.patienceMs ?? 10_000)
    // A process that is gone writes no more: what is sent now is all there ever will be.
    sending.isComplete = isSent && (sender.isDone || !isAlive(folder))
    return {
      outcome: isSent ? 'sent' : 'unreachable',
      name: sender.name ?? run?.name ?? '',
      rows: Math.max(0, reader.acknowledgedRow - reader.refusedRows - before),
      refused: sender.stats.refused,
      trouble: sender.trouble,
      hasEnded: sender.hasSentLastWord,
    }
  } finally {
    options.signal?.removeEventListener('abort', stop)
    sending.close()
  }
}

export interface SpoolState {
  run: RunDocument | undefined
  writer: string
  isAlive: boolean
  /** Its process is dead, and has not finished it: whoever sends it does. */
  isAbandoned: boolean
  /** The writer's last word is there: it has finished. */
  hasFinished: boolean
  rows: number
  rowsWaiting: number
  documentsWaiting: number
  refused: number
  lost: number
}

/** Whether the process that wrote it is known to be dead: it was one of this machine. */
function isDead(folder: string, run: RunDocument | undefined): boolean {
  return run?.client?.host === hostname() && !isAlive(folder)
}

/** What ends the run of a process that died without a word. It is sent after all rows, unless the process did say it. */
function lastWordOf(run: RunDocument, time: number, continuation: Continuation | undefined): SpoolDocument {
  // A pool's workers are killed in the ordinary course: their parent's end decides. So does who went on with the run.
  if (run.parent || continuation) return { type: 'finish', exit_code: 0, ends_run: false, time }
  const { pid, host } = run.client ?? {}
  const reason = `the process (pid ${pid} on ${host}) ended without finishing the run`
  return { type: 'finish', exit_code: 1, time, reason }
}

/** The time of the last row, which stands in the last segment that has one. */
function lastTimeOf(folder: string): number | undefined {
  for (const segment of listSegments(folder).reverse()) {
    const reader = new SpoolReader(folder, { segment, offset: headerBytes, row: 0 })
    try {
      let time: number | undefined
      for (let item = reader.peek(); item; item = reader.peek()) {
        if (!item.document) time = item.time
        reader.pass()
      }
      if (time !== undefined) return time
    } finally {
      reader.close()
    }
  }
  return undefined
}

/**
 * Which other process of this machine has resumed the run since: after `time`, that of the last row. Another rank of the
 * same job has another label.
 */
function continuationOf(
  folder: string,
  { project, id, name, label }: RunDocument,
  time: () => number,
): Continuation | undefined {
  for (const other of listWriters(dirname(folder))) {
    const run = other === folder ? undefined : readRunOf(other)
    if (!run?.resume || run.project !== project || (run.label ?? null) !== (label ?? null)) continue
    // Who gives an id means that run, whatever this one is called; a UUID was made up.
    const isByName =
      run.name != null && run.name === name && /^([\da-f]{32})?$/.test(String(run.id ?? '').replaceAll('-', ''))
    if (((run.id != null && run.id === id) || isByName) && (run.started ?? 0) > time()) {
      return { id: run.id ?? basename(other), origin: basename(other) }
    }
  }
  return undefined
}

/**
 * Folders by run, each run's in the order in which its writers began: whoever resumed it comes after whoever made it. Runs
 * are in that order, too: the first of a name keeps it, and numbers follow the trainings.
 */
export function groupByRun(folders: readonly string[]): string[][] {
  const runs = new Map<string, { folder: string; started: number }[]>()
  for (const folder of folders) {
    const run = readRunOf(folder)
    const key = run?.id ? `${run.project}/${run.id}` : folder
    const writers = runs.get(key) ?? []
    runs.set(key, [...writers, { folder, started: run?.started ?? 0 }])
  }
  return [...runs.values()]
    .map((writers) => writers.sort((a, b) => a.started - b.started))
    .sort(([a], [b]) => a.started - b.started)
    .map((writers) => writers.map(({ folder }) => folder))
}

/** What a writer's folder holds, and what of it waits. Reads what is not sent. @throws SpoolDamaged */
export function readState(folder: string): SpoolState {
  const sent = readSent(folder)
  const reader = new SpoolReader(folder, { ...sent, row: sent.rows })
  try {
    const first = reader.row
    let hasFinished = sent.done
    let documentsWaiting = 0
    let { lost } = sent
    for (let item = reader.peek(); item; item = reader.peek()) {
      if (item.document) {
        documentsWaiting++
        if (item.document.type === 'finish') hasFinished = true
        if (item.document.type === 'lost') lost = Number(item.document.count)
      }
      reader.pass()
    }
    const run = reader.readRun()
    return {
      run,
      writer: reader.writer,
      isAlive: isAlive(folder),
      isAbandoned: !hasFinished && isDead(folder, run),
      hasFinished,
      rows: reader.row,
      rowsWaiting: reader.row - first,
      documentsWaiting,
      refused: sent.refused.reduce((sum, { count }) => sum + count, 0),
      lost,
    }
  } finally {
    reader.close()
  }
}

/** Whether something may wait there, if only the end of a run whose process is dead: a look at one place of one file. */
export function hasWaiting(folder: string): boolean {
  const { segment, offset, done } = readSent(folder)
  const path = join(folder, segmentName(segment))
  // What is torn stays behind the end for ever, unless its writer lived after all.
  if (done && modifiedMs(path) <= modifiedMs(join(folder, sentName))) return false
  if (offset === 0 || existsSync(join(folder, segmentName(segment + 1)))) return true
  return hasRecord(path, offset) || isDead(folder, readRunOf(folder))
}

/** Whose spool it is; undefined when it does not say, or can't be read. */
export function readRunOf(folder: string): RunDocument | undefined {
  let reader: SpoolReader | undefined
  try {
    reader = new SpoolReader(folder)
    const document = reader.peek()?.document
    return document?.type === 'run' ? (document as unknown as RunDocument) : undefined
  } catch {
    return undefined
  } finally {
    reader?.close()
  }
}
