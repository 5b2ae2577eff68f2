import { basename } from 'node:path'
import { parseArgs } from 'node:util'
import { Receipt } from 'aspara/receipt.ts'
import { listWriters, readSent } from 'aspara/spool-folder.ts'
import { SpoolReader } from 'aspara/spool-reader.ts'
import { readRunOf } from 'aspara/spool-sync.ts'
import { type ClientSettings, clientSettings, SettingError } from '../config.ts'
import { askTracker, clientFlags, clientFlagsHelp, TrackerRefusal } from './ask-tracker.ts'
import { chosenFolders } from './chosen-folders.ts'
import { print, printJson } from './print.ts'
import { findDifference } from './spool-difference.ts'

const help = `aspara verify RUN: compares what a run has spooled on this machine with what the tracker has stored of it

  RUN                its name, PROJECT/NAME, or the id of one writer
  --dir DIR          the folder of spools (that of ASPARA_DATA_DIR, else of ~/.local/share/aspara)
${clientFlagsHelp}
Says of each writer that it is equal, or where the two part; then the exit code is 1.
`

interface Stored {
  rows: number
  points: number
  checksum: string
}

interface Verdict {
  writer: string
  isEqual: boolean
  sentence: string
}

export async function verifyCommand(args: string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args,
    options: { ...clientFlags, dir: { type: 'string' } },
    allowPositionals: true,
  })
  if (values.help) return void process.stdout.write(help)
  const [wanted] = positionals
  if (wanted === undefined || positionals.length > 1) throw new SettingError('expected aspara verify RUN')
  clientSettings({ 'tracker-uri': values['tracker-uri'], token: values.token })
  const folders = chosenFolders(values.dir)
  const writers = folders.flatMap(listWriters).filter((path) => isWanted(path, wanted))
  if (writers.length === 0)
    throw new SettingError(`no run ${wanted} is spooled in ${folders[0]}: aspara status shows what is`)
  const verdicts: Verdict[] = []
  for (const path of writers) {
    const run = readRunOf(path)
    const uri = values['tracker-uri'] ?? run?.tracker_uri ?? undefined
    const settings = clientSettings({ 'tracker-uri': uri, token: values.token })
    try {
      verdicts.push(await verify(path, settings))
    } catch (error) {
      // The other writers may be at other trackers.
      if (!(error instanceof SettingError)) throw error
      verdicts.push({ writer: basename(path), isEqual: false, sentence: error.message })
    }
  }
  if (values.json) printJson({ writers: verdicts })
  else for (const { writer, sentence } of verdicts) print(`${writer}: ${sentence}`)
  if (verdicts.some(({ isEqual }) => !isEqual)) process.exitCode = 1
}

function isWanted(path: string, wanted: string): boolean {
  const run = readRunOf(path)
  const names = [basename(path), run?.name, run?.id, `${run?.project}/${run?.name}`, `${run?.project}/${run?.id}`]
  // One that was taken is called by its name and four letters more.
  const atTracker = readSent(path).run
  return [...names, atTracker, `${run?.project}/${atTracker}`].includes(wanted)
}

const nothingStored: Stored = { rows: 0, points: 0, checksum: '00000000' }

/** What the tracker has of a writer; undefined when it does not know it, or its run. */
async function readStored(settings: ClientSettings, path: string): Promise<Stored | undefined> {
  try {
    return (await askTracker<{ writers: Stored[] }>(settings, path)).writers[0]
  } catch (error) {
    if (error instanceof TrackerRefusal && error.status === 404) return undefined
    throw error
  }
}

async function verify(path: string, settings: ClientSettings): Promise<Verdict> {
  const sent = readSent(path)
  const reader = new SpoolReader(path)
  try {
    const writer = reader.writer
    const first = reader.row
    const run = reader.readRun()
    const address = `/projects/${run?.project}/runs/${sent.run ?? run?.name}`
    const stored = (await readStored(settings, `${address}/writers?writer=${writer}`)) ?? nothingStored
    const told = (isEqual: boolean, sentence: string) => ({ writer, isEqual, sentence })
    if (first > 0) return told(false, `the first ${first} rows are no longer in the spool: they can't be compared`)

    const isRefused = (row: number) => sent.refused.some((part) => row >= part.row && row < part.row + part.count)
    const receipt = new Receipt()
    let checksumAtStored = receipt.checksum
    for (let item = reader.peek(); item; item = reader.peek()) {
      if (!item.document && !isRefused(reader.row)) {
        receipt.add(item)
        if (receipt.rows === stored.rows) checksumAtStored = receipt.checksum
      }
      reader.pass()
    }
    const damaged = reader.refused.reduce((sum, { row, count }) => sum + (isRefused(row) ? 0 : count), 0)
    if (damaged > 0) {
      return told(false, `${damaged} rows of the spool were damaged on the disk: they can't be compared`)
    }
    const refused = sent.refused.reduce((sum, { count }) => sum + count, 0)
    const apart = refused > 0 ? `, ${refused} refused rows aside` : ''
    if (stored.rows > receipt.rows) {
      return told(false, `the tracker has ${stored.rows} rows, the spool ${receipt.rows}: its end was lost`)
    }
    if (checksumAtStored !== stored.checksum) {
      const compared = { folder: path, project: run?.project ?? '', run: sent.run ?? run?.name ?? '', isRefused }
      const where = await findDifference({ ...compared, rows: stored.rows }, settings)
      const both = `checksum ${stored.checksum} at the tracker, ${checksumAtStored} in the spool`
      return told(false, `differs within the first ${stored.rows} rows: ${where ?? 'a time, or the order'} (${both})`)
    }
    if (stored.rows === receipt.rows) {
      return told(true, `equal: ${stored.rows} rows, ${stored.points} points, checksum ${stored.checksum}${apart}`)
    }
    const waiting = receipt.rows - stored.rows
    return told(false, `equal up to row ${stored.rows} of ${receipt.rows}; ${waiting} wait to be sent: aspara sync`)
  } finally {
    reader.close()
  }
}
