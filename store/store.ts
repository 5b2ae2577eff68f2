import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { MessageChannel } from 'node:worker_threads'
import type { Artifact, ArtifactPage } from '@aspara/protocol/artifacts.ts'
import { Problem } from '@aspara/protocol/errors.ts'
import type { MetricSummary, ProjectMetricPage } from '@aspara/protocol/metrics.ts'
import type { Project, ProjectPage } from '@aspara/protocol/projects.ts'
import type { RunDetails, RunPage } from '@aspara/protocol/runs.ts'
import type { TrashPage } from '@aspara/protocol/trash.ts'
import type { View, ViewPage } from '@aspara/protocol/views.ts'
import type { WriterPage } from '@aspara/protocol/writers.ts'
import { ArtifactFolder, type IncomingFile } from './artifacts/folder.ts'
import type { Removal, TrashAddress } from './catalog/deletions.ts'
import type { RunEnd } from './catalog/finish-run.ts'
import type { RunPageRequest } from './catalog/list-runs.ts'
import type { PageRequest, RunQuestion, WriterPageRequest } from './catalog/read-catalog.ts'
import type { ViewAddress } from './catalog/views.ts'
import type { Description, JsonObject, NewArtifact, NewRun, RunAddress } from './catalog/write-catalog.ts'
import type { EngineAddress } from './engines/engine.ts'
import type { BatchAppend, BatchReceipt, RecordAppend } from './journal/appends.ts'
import type { SeriesQuestion, SeriesReply } from './series/answer-series.ts'
import type { ExportRequest } from './series/export.ts'
import type { Changes, ChangesRequest } from './stream/changes.ts'
import type { CommitObserver } from './threads/commit-queue.ts'
import { Compactor } from './threads/compactor.ts'
import { Reader } from './threads/reader.ts'
import { Writer } from './threads/writer.ts'

export interface StoreOptions {
  engine: EngineAddress
  /** Where artifacts lie. */
  artifactFolder: string
  observer: CommitObserver
  /** How long points stay in the journal at least, unless they are too many. Tests say 0. */
  keepJournalMs?: number
  /** A thread of the store has died of a bug: nothing can be promised any more. */
  onDeath: (error: Error) => void
}

/** A stream that breaks off is back within a second or two. */
const keepJournalMs = 5_000

/** How late a run may leave the trash for good. */
const trashCheckMs = 60_000

/** Everything that is kept. Whatever a write resolves to is on disk. Problems of errors.ts are thrown. */
export interface Store {
  readonly catalog: Catalog
  readonly journal: Journal
  readonly series: Series
  readonly stream: Stream
  readonly artifacts: Artifacts
  close(): Promise<void>
}

export interface Catalog {
  createRun(run: NewRun): Promise<{ name: string }>
  mergeIntoRun(change: RunAddress & { part: 'config' | 'summary'; document: JsonObject }): Promise<void>
  setRunTags(change: RunAddress & { tags: string[] }): Promise<void>
  finishRun(end: RunEnd): Promise<void>
  describeRun(change: RunAddress & { description: Description }): Promise<void>
  describeProject(change: { project: string; description: Description }): Promise<void>
  /** Into the trash. */
  deleteRun(address: RunAddress): Promise<{ trashId: string }>
  /** Out of the trash; `name`: what it is called from now on. */
  restoreRun(address: TrashAddress & { name?: string }): Promise<{ name: string }>
  /** Out of the trash, for good. */
  discardRun(address: TrashAddress): Promise<void>
  emptyTrash(address: { project: string }): Promise<void>
  deleteProject(address: { project: string }): Promise<void>
  listTrash(address: { project: string }, page: PageRequest): Promise<TrashPage>
  listProjects(page: PageRequest): Promise<ProjectPage>
  readProject(address: { project: string }): Promise<Project>
  listViews(address: { project: string }, page: PageRequest): Promise<ViewPage>
  putView(view: ViewAddress & { view: JsonObject }): Promise<View>
  deleteView(address: ViewAddress): Promise<void>
  listRuns(address: { project: string }, page: RunPageRequest): Promise<RunPage>
  /** The same as JSON in UTF-8. */
  listRunsJson(address: { project: string }, page: RunPageRequest): Promise<Uint8Array>
  readRun(question: RunQuestion): Promise<RunDetails>
  /** Tells of every batch that was given before, acknowledged or not. */
  listWriters(address: RunAddress, page: WriterPageRequest): Promise<WriterPage>
  /** Only whether it is there, whatever it holds. @throws runNotFound */
  requireRun(question: RunQuestion): Promise<void>
}

export interface Journal {
  /** Bytes accepted and not yet committed. */
  readonly queuedBytes: number
  appendRecord(record: RecordAppend): Promise<void>
  /** The batch's columns are gone afterwards: they move to the thread that writes. */
  appendBatch(batch: BatchAppend): Promise<BatchReceipt>
}

export interface Series {
  /** What the metrics of a run came to. */
  listMetrics(address: RunAddress): Promise<MetricSummary[]>
  /** The metrics of all runs of a project, by name. */
  listProjectMetrics(address: { project: string }, page: PageRequest): Promise<ProjectMetricPage>
  /** What a chart shows. */
  read(question: SeriesQuestion): Promise<SeriesReply>
  /** Every point, as pieces of a file. */
  exportPoints(request: ExportRequest): AsyncGenerator<Uint8Array>
}

export interface Stream {
  /** What has happened to runs since a commit. */
  readChanges(request: ChangesRequest): Promise<Changes>
  /** @returns what ends the watch */
  watch(watcher: Watcher): () => void
}

/** Hears of what happens when it is on disk. */
export interface Watcher {
  /** Something of these projects has changed. */
  changed(projects: Set<string>): void
  runDeleted(run: RunAddress & Removal): void
}

export interface Artifacts {
  receive(source: Readable): Promise<IncomingFile>
  discard(file: IncomingFile): Promise<void>
  keep(file: IncomingFile, artifact: Omit<NewArtifact, 'sha256' | 'size'>): Promise<void>
  list(address: RunAddress, page: PageRequest): Promise<ArtifactPage>
  find(address: RunAddress & { name: string }): Promise<Artifact>
  read(artifact: Artifact, range?: { start: number; end: number }): Readable
}

/** The embedded store of a data directory. */
export function embedded(folder: string): Pick<StoreOptions, 'engine' | 'artifactFolder'> {
  return { engine: { engine: 'sqlite', folder }, artifactFolder: join(folder, 'artifacts') }
}

/** Opens a store and becomes its owner. @throws StoreUnavailable with a sentence for the user */
export async function openStore(options: StoreOptions): Promise<Store> {
  const { writer, reader, compactor, folder } = await openParts(options)
  const watchers = new Set<Watcher>()
  writer.onCommit = (projects) => {
    if (watchers.size === 0) return
    const changed = projects()
    for (const watcher of watchers) watcher.changed(changed)
  }

  const discardExpired = async () => {
    try {
      while ((await writer.do('discardExpired', {})) > 0) sweepFiles()
    } catch (error) {
      // No room to note it, or closing: it is tried again.
      if (!(error instanceof Problem) || error.code === 'internal') options.onDeath(error as Error)
    }
  }
  const trashClock = setInterval(discardExpired, trashCheckMs).unref()

  /** One sweep at a time; one that is asked for meanwhile follows it. */
  let sweep = Promise.resolve()
  const sweepFiles = () => {
    sweep = sweep
      .then(() => dropFiles(writer, reader, folder))
      .catch((error) => {
        // No room to note what was dropped, or closing: it is done after the next deletion or start.
        if (!(error instanceof Problem) || error.code === 'internal') options.onDeath(error)
      })
  }
  sweepFiles()
  await discardExpired()

  return {
    catalog: {
      createRun: (run) => writer.do('createRun', run),
      mergeIntoRun: (change) => writer.do('mergeIntoRun', change),
      setRunTags: (change) => writer.do('setRunTags', change),
      finishRun: (end) => writer.do('finishRun', end),
      describeRun: (change) => writer.do('describeRun', change),
      describeProject: (change) => writer.do('describeProject', change),
      async deleteRun(address) {
        const { trashId, ...removal } = await writer.do('deleteRun', address)
        for (const watcher of watchers) watcher.runDeleted({ ...address, ...removal })
        return { trashId }
      },
      restoreRun: (address) => writer.do('restoreRun', address),
      async discardRun(address) {
        await writer.do('discardRun', address)
        sweepFiles()
      },
      async emptyTrash(address) {
        await writer.do('emptyTrash', address)
        sweepFiles()
      },
      async deleteProject(address) {
        await writer.do('deleteProject', address)
        sweepFiles()
      },
      listTrash: (address, page) => reader.ask('listTrash', { ...address, page }),
      listProjects: (page) => reader.ask('listProjects', { page }),
      readProject: (address) => reader.ask('readProject', address),
      listViews: (address, page) => reader.ask('listViews', { ...address, page }),
      putView: (view) => writer.do('putView', view),
      deleteView: (address) => writer.do('deleteView', address),
      listRuns: (address, page) => reader.ask('listRuns', { ...address, page }),
      listRunsJson: (address, page) => reader.ask('listRunsJson', { ...address, page }),
      readRun: (address) => reader.ask('readRun', address),
      listWriters: (address, page) => writer.do('listWriters', { ...address, page }),
      async requireRun(address) {
        await reader.ask('findRunId', address)
      },
    },
    journal: {
      get queuedBytes() {
        return writer.queuedBytes
      },
      async appendRecord(record) {
        await writer.append(record)
      },
      appendBatch: (batch) => writer.append(batch) as Promise<BatchReceipt>,
    },
    series: {
      listMetrics: (address) => reader.ask('listMetrics', address),
      listProjectMetrics: (address, page) => reader.ask('listProjectMetrics', { ...address, page }),
      read: (question) => reader.ask('readSeries', question),
      exportPoints: (request) => reader.exportPoints(request),
    },
    stream: {
      readChanges: (request) => reader.ask('readChanges', request),
      watch(watcher) {
        watchers.add(watcher)
        return () => watchers.delete(watcher)
      },
    },
    artifacts: {
      receive: (source) => folder.receive(source),
      discard: (file) => folder.discard(file),
      async keep(file, artifact) {
        const { sha256, size } = file
        try {
          await folder.keep(file, () => writer.do('addArtifact', { ...artifact, sha256, size }))
        } catch (error) {
          // In place and not named: it goes, unless another artifact has the same bytes.
          await folder.drop(sha256, () => reader.ask('isFileNamed', { sha256 }))
          throw error
        }
        sweepFiles()
      },
      list: (address, page) => reader.ask('listArtifacts', { ...address, page }),
      find: (address) => reader.ask('readArtifact', address),
      read: (artifact, range) => folder.read(artifact.sha256, range),
    },
    async close() {
      clearInterval(trashClock)
      await sweep
      await compactor.close()
      await writer.close()
      await reader.close()
    },
  }
}

interface Parts {
  writer: Writer
  reader: Reader
  compactor: Compactor
  folder: ArtifactFolder
}

/** All or none: threads of a store that can't be opened would stay, and own it. */
async function openParts(options: StoreOptions): Promise<Parts> {
  const keepMs = options.keepJournalMs ?? keepJournalMs
  const { port1: toCompactor, port2: toWriter } = new MessageChannel()
  const writer = await Writer.open(options.engine, toCompactor, options.observer, options.onDeath)
  let reader: Reader | undefined
  let compactor: Compactor | undefined
  try {
    reader = await Reader.open(options.engine, options.onDeath)
    const folder = new ArtifactFolder(options.artifactFolder)
    await folder.open()
    compactor = await Compactor.open({ address: options.engine, port: toWriter, keepMs }, options.onDeath)
    return { writer, reader, compactor, folder }
  } catch (error) {
    await compactor?.close()
    await reader?.close()
    await writer.close()
    throw error
  }
}

/** Removes the files that lost their last name. After a crash it goes on where it was. */
async function dropFiles(writer: Writer, reader: Reader, folder: ArtifactFolder): Promise<void> {
  for (;;) {
    const files = await writer.do('listDroppedFiles', {})
    if (files.length === 0) return
    for (const { sha256 } of files) {
      await folder.drop(sha256, () => reader.ask('isFileNamed', { sha256 }))
    }
    await writer.do('forgetDroppedFiles', { ids: files.map((file) => file.id) })
  }
}
