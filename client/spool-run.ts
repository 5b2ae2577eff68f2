import { randomUUID } from 'node:crypto'
import { mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { type Environment, jobRunId, readEnvironment } from './environment.ts'
import { finishAtExit, forgetAtExit } from './exit.ts'
import { expect } from './expect.ts'
import { releaseLock, takeLock, touchLock, touchMs } from './file-lock.ts'
import { httpTransport } from './http-transport.ts'
import { MeasuredRun } from './measured-run.ts'
import { readableName } from './names.ts'
import { nextStep } from './next-step.ts'
import { Nowhere } from './nowhere.ts'
import { describeRun, type InitOptions, modes } from './options.ts'
import { type ArtifactOptions, artifactDocument, type Run } from './run.ts'
import { SpoolWriter } from './spool.ts'
import { allowance, dropAcknowledged } from './spool-folder.ts'
import { aliveName, lockName, type RunDocument, type SpoolDocument } from './spool-format.ts'
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
    if (!settings.quiet && !environment.isSilent) process.stderr.write(`aspara: ${sentence}\n`)
  }
  const described = describeRun(options, environment.project ?? 'default', modes)
  const { project } = described
  const mode = options.mode ?? environment.mode ?? 'online'
  const trackerUri = options.trackerUri ? plainUri(options.trackerUri) : (environment.trackerUri ?? defaultUri)
  expect(/^https?:\/\/[^@]+$/.test(trackerUri), 'trackerUri', `an address such as ${defaultUri}`, trackerUri)
  const writer = randomUUID()
  const rank = environment.rank
  const askedId = options.id ?? environment.runId
  const askedName = described.name ?? environment.runName
  // All ranks of a job make the same run, unless they are told another one.
  const isJoined = rank?.job !== undefined && askedId === undefined && askedName === undefined
  const id = isJoined ? jobRunId(project, rank?.job as string) : (askedId ?? writer)
  const description = {
    ...described,
    id,
    name: askedName ?? readableName(id),
    resume: described.resume || (rank !== undefined && askedName !== undefined) || isJoined,
    tracker_uri: options.trackerUri ?? environment.trackerUri ?? null,
    mode: mode === 'offline' ? mode : 'online',
    label: described.label ?? rank?.label ?? null,
    client: { language: 'typescript', version, pid: process.pid, host: hostname() },
    started: Date.now(),
  } as const
  const parts = { description, trackerUri, warn }
  if (mode === 'disabled') return new MeasuredRun({ ...parts, mode, keeper: new Nowhere(), artifactsOf: listFiles })
  const token = options.token ?? environment.token
  // It travels in a header, which carries nothing else whole. What it is stays out of the sentence.
  expect(!token || /^[!-~]+$/.test(token), 'token', 'made of ASCII letters, digits and signs, without spaces', '…')
  const isAsking = described.resume && !rank && mode === 'online'
  const step = isAsking ? await nextStep(httpTransport(trackerUri, token), project, description.name, warn) : 0
  const folder = join(resolve(options.dir ?? environment.spoolFolder), writer)
  const spool = openSpool(folder, writer, description, options, environment, warn)
  if (!spool) return new MeasuredRun({ ...parts, mode: 'disabled', keeper: new Nowhere(), artifactsOf: listFiles })

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
          run: description,
          transport: httpTransport(trackerUri, token),
          server: trackerUri,
          isNew: true,
          stats: () => run.stats(),
          onWarning: warn,
        })
      : undefined
  const run: MeasuredRun = new MeasuredRun({
    ...parts,
    mode,
    step,
    keeper: spool,
    sender: sender?.sender,
    advice: `; send them with: aspara sync ${folder}`,
    artifactsOf: (file, about) => (typeof file === 'string' ? listFiles(file, about) : keepBlob(folder, file, about)),
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

/** The files of an artifact, with absolute paths. @throws TypeError */
async function listFiles(file: string | Blob, options: ArtifactOptions): Promise<SpoolDocument[]> {
  if (typeof file !== 'string') return [artifactDocument({}, options.name ?? nameOf(file), options)]
  const path = resolve(file)
  const stats = statSync(path, { throwIfNoEntry: false })
  expect(stats, 'an artifact', 'a file or a folder', file)
  if (!stats?.isDirectory()) {
    return [artifactDocument({ path, size: stats?.size }, options.name ?? basename(path), options)]
  }
  const files = readdirSync(path, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  expect(files.length > 0 && files.length <= filesMax, `folder ${file}`, `one of 1 to ${filesMax} files`, files.length)
  return files.map((entry) => {
    const inside = join(entry.parentPath, entry.name)
    const name = `${options.name ?? basename(path)}-${inside.slice(path.length + 1).replace(/[\\/]/g, '-')}`
    return artifactDocument({ path: inside, size: statSync(inside).size }, name, options)
  })
}

const nameOf = (blob: Blob): string | undefined => (blob as File).name

/** What is in it becomes a file of the writer's folder. */
async function keepBlob(folder: string, blob: Blob, options: ArtifactOptions): Promise<SpoolDocument[]> {
  const path = join(folder, 'artifacts', randomUUID())
  const document = artifactDocument({ path, size: blob.size }, options.name ?? nameOf(blob), options)
  mkdirSync(join(folder, 'artifacts'), { recursive: true })
  writeFileSync(path, Buffer.from(await blob.arrayBuffer()))
  return [document]
}
