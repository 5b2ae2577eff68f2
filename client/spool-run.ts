import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { resolve } from 'node:path'
import { keepBlob, listFiles } from './artifact-files.ts'
import { type Environment, jobRunId, readEnvironment } from './environment.ts'
import { finishAtExit, forgetAtExit } from './exit.ts'
import { httpTransport } from './http-transport.ts'
import { MeasuredRun } from './measured-run.ts'
import { idOf, readableName } from './names.ts'
import { Nowhere } from './nowhere.ts'
import { checkedToken, checkedUri, describeRun, type InitOptions, modes, resumeOf } from './options.ts'
import { printable } from './printable.ts'
import { AutoResume, resumedRun } from './resume.ts'
import type { Run } from './run.ts'
import { artifactDocument, type RunParts } from './run-parts.ts'
import { openStorage } from './spool-storage.ts'
import { version } from './version.ts'

const defaultUri = 'http://127.0.0.1:3142'

/** A run with a spool on this machine's disk. @throws TypeError for a wrong option or variable */
export async function openSpoolRun(options: InitOptions): Promise<Run> {
  const environment = readEnvironment()
  const { project: asked } = { ...options }
  const described = describeRun(
    typeof options === 'object' && options && !Array.isArray(options)
      ? { ...options, project: asked ?? environment.project, name: options.name ?? environment.runName }
      : options,
    modes,
  )
  const { settings } = options
  const warn = (sentence: string) => {
    if (!settings?.quiet && !environment.isSilent) process.stderr.write(`aspara: ${printable(sentence)}\n`)
  }
  const trackerUri = options.trackerUri
    ? checkedUri('trackerUri', options.trackerUri)
    : (environment.trackerUri ?? defaultUri)
  const token = checkedToken(options.token ?? environment.token)
  const mode = options.mode ?? environment.mode ?? 'online'
  const root = resolve(options.dir ?? environment.spoolFolder)
  const writer = randomUUID()
  const resume = resumeOf(options)
  const auto = resume === 'auto' && mode !== 'disabled' ? new AutoResume(root, described.project) : undefined
  const wanted = {
    project: described.project,
    id: described.id ?? idOf(environment.runId),
    name: described.name ?? undefined,
  }
  if (auto && !wanted.id && !wanted.name) wanted.id = auto.lastId
  const rank = rankOf(environment, wanted)
  const before =
    resume && !rank.isOne && mode !== 'disabled'
      ? await resumedRun({
          resume,
          wanted,
          root,
          trackerUri,
          warn,
          ...(mode === 'online' && { transport: httpTransport(trackerUri, token) }),
        })
      : undefined
  const id = rank.jobId ?? before?.id ?? wanted.id ?? writer
  const description = {
    ...described,
    id,
    name: before?.name || (wanted.name ?? readableName(id)),
    resume: before !== undefined || resume === 'allow' || resume === 'must' || rank.isJoined,
    tracker_uri: options.trackerUri ?? environment.trackerUri ?? null,
    mode: mode === 'offline' ? mode : 'online',
    label: described.label ?? environment.rank?.label ?? null,
    client: { language: 'typescript', version, pid: process.pid, host: hostname() },
    started: Date.now(),
  } as const
  const parts = { description, trackerUri, before, warn }
  if (mode === 'disabled') return new MeasuredRun({ ...parts, mode, keeper: new Nowhere(), artifactsOf: listFiles })

  const storage = openStorage({
    ...{ root, writer, description, mode, trackerUri, token, warn },
    bytesMax: settings?.spoolBytesMax ?? environment.spoolBytesMax,
    stats: () => run.stats(),
  })
  auto?.remember(id, writer)
  const { folder } = storage
  const artifactsOf: RunParts['artifactsOf'] = async (file, about) => {
    if (typeof file === 'string') return listFiles(file, about)
    return folder
      ? keepBlob(folder, file, about)
      : [artifactDocument({ file }, about.name ?? (file as File).name, about)]
  }
  const run: MeasuredRun = new MeasuredRun({
    ...{ ...parts, mode, artifactsOf, keeper: storage.keeper, storage: storage.kind, sender: storage.sender },
    advice: folder && `aspara sync ${/^[\w./-]+$/.test(folder) ? folder : `'${folder.replaceAll("'", `'\\''`)}'`}`,
    skipHint: `Ctrl-C skips the wait; ${folder ? 'what is not sent stays on the disk' : 'what is not sent is lost'}`,
    onEnd(exitCode) {
      forgetAtExit(run)
      storage.close()
      if (exitCode === 0) auto?.forget()
    },
  })
  storage.sender?.wake()
  if (settings?.exitHandlers !== false) finishAtExit(run)
  return run
}

/** What a launcher says of this process, where it is one of several that log to one run. */
function rankOf({ rank }: Environment, { project, id, name }: { project: string; id?: string; name?: string }) {
  // All ranks of a job make the same run, unless they are given another one.
  const jobId =
    rank?.job !== undefined && id === undefined && name === undefined ? jobRunId(project, rank.job) : undefined
  const isJoined = jobId !== undefined || (rank !== undefined && name !== undefined)
  return { isOne: rank !== undefined, jobId, isJoined }
}
