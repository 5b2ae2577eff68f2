import { randomUUID } from 'node:crypto'
import { mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { type Environment, jobRunId, readEnvironment } from './environment.ts'
import { finishAtExit, forgetAtExit } from './exit.ts'
import { releaseLock, takeLock, touchLock, touchMs } from './file-lock.ts'
import { httpTransport } from './http-transport.ts'
import { readableName } from './names.ts'
import { nextStep } from './next-step.ts'
import { checkOptions, type InitOptions } from './options.ts'
import { type ArtifactFile, Run } from './run.ts'
import { SpoolWriter } from './spool.ts'
import { allowance, dropAcknowledged } from './spool-folder.ts'
import { aliveName, lockName, type RunDocument } from './spool-format.ts'
import { SpoolSender } from './spool-sender.ts'
import { plainUri } from './transport.ts'
import { version } from './version.ts'

/** Of a folder that is one artifact call. */
const filesMax = 10_000
const defaultUri = 'http://127.0.0.1:3142'

/** A run with a spool on this machine's disk. @throws TypeError for a wrong option or variable */
export async function openSpoolRun(options: InitOptions): Promise<Run> {
  const environment = readEnvironment()
  const { settings = {} } = options
  const warn = (sentence: string) => {
    if (!settings.quiet) process.stderr.write(`aspara: ${sentence}\n`)
  }
  const checked = checkOptions(options, options.project ?? environment.project ?? 'default')
  const { project, displayName, config, tags, notes } = checked
  const mode = options.mode ?? environment.mode ?? 'online'
  const trackerUri = plainUri(options.trackerUri ?? environment.trackerUri ?? defaultUri)
  const writer = randomUUID()
  const rank = environment.rank
  const askedId = options.id ?? environment.runId
  const askedName = checked.name ?? (options.name === undefined ? environment.runName : undefined)
  // All ranks of a job make the same run, unless they are told another one.
  const isJoined = rank?.job !== undefined && askedId === undefined && askedName === undefined
  const id = isJoined ? jobRunId(project, rank.job!) : (askedId ?? writer)
  const name = askedName ?? readableName(id)
  const client = { language: 'typescript', version, pid: process.pid, host: hostname() }
  const token = options.token ?? environment.token
  const step =
    options.resume && !rank && mode === 'online'
      ? await nextStep(httpTransport(trackerUri, token), project, name, warn)
      : 0
  const parts = { project, id, name, trackerUri, mode, config, tags, notes: notes ?? '', step, warn }
  if (mode === 'disabled') return new Run({ ...parts, artifactsOf: listFiles })

  const folder = join(resolve(options.dir ?? environment.spoolFolder), writer)
  const document: RunDocument = {
    type: 'run',
    project,
    name,
    id,
    config,
    tags: options.tags ? tags : null,
    notes,
    project_tags: options.projectTags,
    resume: (options.resume ?? false) || (rank !== undefined && askedName !== undefined) || isJoined,
    tracker_uri: options.trackerUri ?? environment.trackerUri ?? null,
    mode,
    label: settings.label ?? rank?.label ?? null,
    display_name: displayName,
    group: options.group,
    job_type: options.jobType,
    client,
    started: Date.now(),
  }
  const spool = openSpool(folder, writer, document, options, environment, warn)
  if (!spool) return new Run({ ...parts, mode: 'disabled', artifactsOf: listFiles })

  const alive = join(folder, aliveName)
  takeLock(alive)
  const touching = setInterval(() => {
    touchLock(alive)
    touchLock(join(folder, lockName))
  }, touchMs).unref()
  const sender =
    mode === 'online'
      ? new SpoolSender({
          folder,
          run: { ...document, id },
          transport: httpTransport(trackerUri, token),
          server: trackerUri,
          isNew: true,
          stats: () => run.stats(),
          onWarning: warn,
        })
      : undefined
  const run: Run = new Run({
    ...parts,
    keeper: spool,
    sender: sender?.sender,
    advice: `; send them with: aspara sync ${folder}`,
    artifactsOf: (file) => (typeof file === 'string' ? listFiles(file) : keepBlob(folder, file)),
    onEnd() {
      forgetAtExit(run)
      clearInterval(touching)
      spool.close()
      sender?.close()
      releaseLock(alive)
    },
  })
  sender?.sender.wake()
  if (settings.exitHandlers !== false) finishAtExit(run)
  return run
}

/** undefined, said once: the disk refuses. Then the run goes on and nothing is kept. */
function openSpool(
  folder: string,
  writer: string,
  run: RunDocument,
  { settings }: InitOptions,
  environment: Environment,
  warn: (sentence: string) => void,
): SpoolWriter | undefined {
  const bytesMax = settings?.spoolBytesMax ?? environment.spoolBytesMax
  let freed = 0
  try {
    return new SpoolWriter({
      folder,
      writer,
      run,
      allowance(wanted, own) {
        const allowed = allowance(folder, bytesMax, wanted)
        if (own - freed + wanted > allowed) freed += dropAcknowledged(folder)
        return allowed + freed
      },
      onLoss: (reason) => warn(`what is logged can't be kept, and is dropped and counted: ${reason}`),
    })
  } catch (error) {
    warn(`nothing of this run is kept: there is no spool in ${folder} (${(error as Error).message})`)
    return undefined
  }
}

/** The files of an artifact, as absolute paths. @throws TypeError */
async function listFiles(file: string | Blob): Promise<ArtifactFile[]> {
  if (typeof file !== 'string') return [{ fields: {}, name: nameOf(file) }]
  const path = resolve(file)
  const stats = statSync(path, { throwIfNoEntry: false })
  if (!stats) throw new TypeError(`logArtifact: there is no file ${file}`)
  if (!stats.isDirectory()) return [{ fields: { path, size: stats.size }, name: basename(path) }]
  const files = readdirSync(path, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  if (files.length === 0 || files.length > filesMax) {
    throw new TypeError(`logArtifact: ${file} has ${files.length} files, and may have 1 to ${filesMax}`)
  }
  return files.map((entry) => {
    const inside = join(entry.parentPath, entry.name)
    const name = inside.slice(path.length + 1).replace(/[\\/]/g, '-')
    return { fields: { path: inside, size: statSync(inside).size }, name, folder: basename(path) }
  })
}

const nameOf = (blob: Blob): string | undefined => (blob instanceof File ? blob.name : undefined)

/** What is in it becomes a file of the writer's folder. */
async function keepBlob(folder: string, blob: Blob): Promise<ArtifactFile[]> {
  const path = join(folder, 'artifacts', randomUUID())
  mkdirSync(join(folder, 'artifacts'), { recursive: true })
  writeFileSync(path, Buffer.from(await blob.arrayBuffer()))
  return [{ fields: { path, size: blob.size }, name: nameOf(blob) }]
}
