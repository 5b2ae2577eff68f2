import { watch } from 'node:fs/promises'
import { basename } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { listWriters } from 'aspara/spool-folder.ts'
import {
  groupByRun,
  hasWaiting,
  readRunOf,
  readState,
  type SpoolState,
  type SyncOptions,
  syncSpool,
} from 'aspara/spool-sync.ts'
import { clientSettings, SettingError } from '../config.ts'
import { chosenFolders } from './chosen-folders.ts'
import { print, warn } from './print.ts'

const help = `aspara sync [DIR]: sends what training runs have spooled on this machine, or on a disk that it shares

  DIR                the folder of one writer, of spools, or a data folder (the spool of ASPARA_DATA_DIR,
                     else of ~/.local/share/aspara; and what was kept in the temporary folder)
  --watch            go on, and send what is added
  --dry-run          say what would be sent
  --workers N        send so many spools at once (4)
  --tracker-uri URI  where to (what each run was started with, else ASPARA_TRACKER_URI, else http://127.0.0.1:3142)
  --token TOKEN      the tracker's token, if it has one (or ASPARA_TOKEN)

A run whose process is dead is ended as failed. What the tracker has already is not sent again, whoever sent it: stop
this command and start it again as you like.
`

/** Spools that are sent at once: a tracker commits what comes together as one. */
const workersDefault = '4'
/** How long a tracker that gives no answer is tried again. */
const patienceMs = 5_000
/** Where folders can't be watched, or are on another machine's disk. */
const lookAgainMs = 2_000
const gatherMs = 250

export async function syncCommand(args: string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args,
    options: {
      watch: { type: 'boolean' },
      'dry-run': { type: 'boolean' },
      workers: { type: 'string', default: workersDefault },
      'tracker-uri': { type: 'string' },
      uri: { type: 'string' },
      token: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
    allowPositionals: true,
  })
  if (values.help) return void process.stdout.write(help)
  if (positionals.length > 1) throw new SettingError('expected aspara sync [DIR]')
  const workers = parseWorkers(values.workers)
  const folders = chosenFolders(positionals[0])
  const list = () => folders.flatMap(listWriters)
  const given = values['tracker-uri'] ?? values.uri
  const settings = clientSettings({ 'tracker-uri': given, token: values.token })
  const options: SyncOptions = {
    trackerUri: given === undefined ? undefined : settings.trackerUri,
    defaultUri: settings.trackerUri,
    token: settings.token,
    patienceMs,
    onWarning: warn,
  }
  const waiting = list().filter(hasWaiting)
  if (waiting.length === 0 && !values.watch) return void print(`Nothing waits in ${folders[0]}.`)
  if (values['dry-run']) return tellWhatWaits(waiting)

  let isAllSent = await syncAll(waiting, options, workers)
  while (values.watch) {
    await changeIn(folders[0])
    isAllSent = await syncAll(list().filter(hasWaiting), options, workers)
  }
  if (!isAllSent) process.exitCode = 1
}

function parseWorkers(text: string): number {
  if (!/^[1-9]\d{0,3}$/.test(text)) throw new SettingError(`--workers=${text}: expected a whole number from 1 on`)
  return Number(text)
}

/** @returns whether everything that was there has arrived */
async function syncAll(waiting: string[], options: SyncOptions, workers: number): Promise<boolean> {
  let isAllSent = true
  const runs = groupByRun(waiting)
  const sendNext = async () => {
    for (let run = runs.shift(); run !== undefined; run = runs.shift()) {
      for (const folder of run) isAllSent = (await syncOne(folder, options)) && isAllSent
    }
  }
  await Promise.all(Array.from({ length: workers }, sendNext))
  return isAllSent
}

async function syncOne(folder: string, options: SyncOptions): Promise<boolean> {
  const project = readRunOf(folder)?.project
  try {
    const { outcome, name, rows, refused, trouble, hasEnded } = await syncSpool(folder, options)
    const run = `${project}/${name}`
    if (outcome === 'held') print(`${run}: is being sent by another process`)
    else if (outcome === 'unreachable') print(`${run}: not all sent (${trouble}); aspara sync goes on from here`)
    else {
      const more = [refused > 0 ? `, ${refused} left out` : '', hasEnded ? '; its process is dead: ended' : '']
      print(`${run}: ${rows} rows sent${more.join('')}`)
    }
    return outcome !== 'unreachable'
  } catch (error) {
    print(`${basename(folder)}: ${(error as Error).message}`)
    return false
  }
}

function tellWhatWaits(writers: string[]): void {
  for (const folder of writers) {
    let state: SpoolState
    try {
      state = readState(folder)
    } catch (error) {
      print(`${folder}: ${(error as Error).message}`)
      process.exitCode = 1
      continue
    }
    const { run, rowsWaiting, documentsWaiting, isAbandoned } = state
    if (rowsWaiting + documentsWaiting === 0 && !isAbandoned) continue
    const end = isAbandoned ? ', and the end of the run: its process is dead' : ''
    print(`${run?.project}/${run?.name}: ${rowsWaiting} rows and ${documentsWaiting} documents wait${end}`)
  }
}

/** Resolves when something was changed, or after a while: not every file system tells. */
async function changeIn(folder: string): Promise<void> {
  const asLongAs = AbortSignal.timeout(lookAgainMs)
  try {
    for await (const _change of watch(folder, { recursive: true, signal: asLongAs })) break
  } catch {
    // The time is over, or the folder is not there yet.
  }
  // What is written in one go is sent in one go.
  await sleep(asLongAs.aborted ? 0 : gatherMs)
}
