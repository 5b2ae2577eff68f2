import { createHash } from 'node:crypto'
import { homedir, hostname } from 'node:os'
import { isAbsolute, join, resolve } from 'node:path'
import { checkedUri, type Mode, modes } from './options.ts'
import { temporarySpoolFolder } from './spool-places.ts'

/** What the client takes from the environment, read once and checked; nothing else looks at it. */
export interface Environment {
  trackerUri: string | undefined
  token: string | undefined
  mode: Mode | undefined
  project: string | undefined
  runId: string | undefined
  runName: string | undefined
  spoolBytesMax: number
  /** Where spools are kept. */
  spoolFolder: string
  rank: Rank | undefined
  /** Nothing is said on stderr. */
  isSilent: boolean
}

/** One of several processes that do one job together. */
export interface Rank {
  label: string
  /** What all processes of the job call it; undefined when nothing tells. */
  job: string | undefined
}

type Variables = Record<string, string | undefined>

/** @throws TypeError that names the variable */
export function readEnvironment(variables: Variables = process.env): Environment {
  const { ASPARA_MODE: mode, ASPARA_SPOOL_MAX_BYTES: bytes, ASPARA_DATA_DIR: data, XDG_DATA_HOME: xdg } = variables
  if (mode && !modes.includes(mode as Mode)) {
    throw new TypeError(`ASPARA_MODE=${mode}: expected one of ${modes.join(', ')}`)
  }
  if (bytes && !/^\d{1,15}$/.test(bytes))
    throw new TypeError(`ASPARA_SPOOL_MAX_BYTES=${bytes}: expected a number of bytes`)
  // A relative path in XDG_DATA_HOME is to be ignored, says its specification.
  const dataFolder = data ? resolve(data) : xdg && isAbsolute(xdg) ? join(xdg, 'aspara') : homeDataFolder()
  return {
    trackerUri: variables.ASPARA_TRACKER_URI && checkedUri('ASPARA_TRACKER_URI', variables.ASPARA_TRACKER_URI),
    // A file that holds a secret often ends in a newline.
    token: variables.ASPARA_TOKEN?.trim() || undefined,
    mode: (mode as Mode) || undefined,
    project: variables.ASPARA_PROJECT || undefined,
    runId: variables.ASPARA_RUN_ID || undefined,
    runName: variables.ASPARA_RUN_NAME || undefined,
    spoolBytesMax: bytes ? Number(bytes) : 10_000_000_000,
    spoolFolder: dataFolder ? join(dataFolder, 'spool') : temporarySpoolFolder(),
    rank: readRank(variables),
    isSilent: /^(1|true|yes|on)$/i.test(variables.ASPARA_SILENT ?? ''),
  }
}

/** undefined for a user that has no home, as in some containers. */
function homeDataFolder(): string | undefined {
  try {
    return join(homedir(), '.local', 'share', 'aspara')
  } catch {
    return undefined
  }
}

/** Each launcher's names for the place of a process, and for how many there are; as in the Python client. */
const launchers = [
  ['RANK', 'WORLD_SIZE'],
  ['OMPI_COMM_WORLD_RANK', 'OMPI_COMM_WORLD_SIZE'],
  ['PMI_RANK', 'PMI_SIZE'],
  ['PMIX_RANK', 'OMPI_COMM_WORLD_SIZE'],
  ['JAX_PROCESS_INDEX', 'JAX_PROCESS_COUNT'],
  ['JAX_PROCESS_ID', 'JAX_NUM_PROCESSES'],
  ['SLURM_PROCID', 'SLURM_STEP_NUM_TASKS'],
] as const

function readRank(variables: Variables): Rank | undefined {
  for (const [rankName, sizeName] of launchers) {
    const [rank, size] = [variables[rankName], variables[sizeName]]
    if (!/^\d+$/.test(rank ?? '') || !(Number(size) > 1) || Number(rank) >= Number(size)) continue
    return { label: `rank ${Number(rank)} · ${hostname().split('.')[0] || 'localhost'}`, job: readJob(variables) }
  }
  return undefined
}

/** What all processes of a job have in common, and another job has not. */
function readJob(variables: Variables): string | undefined {
  const { TORCHELASTIC_RUN_ID: elastic, SLURM_JOB_ID: slurm = '', SLURM_STEP_ID: step } = variables
  // torchrun without a rendezvous calls every job `none`.
  if (elastic && elastic !== 'none') return `torch ${elastic}`
  // The id of a batch job alone would not do: its script may start one training after the other.
  if (slurm && step) return `slurm ${slurm}.${step}.${variables.SLURM_RESTART_COUNT ?? ''}`
  const { MASTER_ADDR: address, MASTER_PORT: port = '' } = variables
  if (!address) return undefined
  const job = `master ${address}:${port} ${slurm}`
  const isOneHost = variables.LOCAL_WORLD_SIZE === variables.WORLD_SIZE
  // The next job may well use the same port; the launcher, which is the parent of all its ranks, is another.
  return isOneHost || address === 'localhost' || address === '127.0.0.1' ? `${job} ${process.ppid}` : job
}

/** The id of the run that all ranks of a job log to. */
export const jobRunId = (project: string, job: string): string =>
  createHash('sha256').update(`${project}\0${job}`).digest('hex').slice(0, 32)
