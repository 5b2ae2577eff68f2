import { parseArgs } from 'node:util'
import { bytesOf, isBeingSent, listWriters } from 'aspara/spool-folder.ts'
import { groupByRun, readState, type SpoolState } from 'aspara/spool-sync.ts'
import { SettingError } from '../config.ts'
import { chosenFolders } from './chosen-folders.ts'
import { print, printJson, table } from './print.ts'

const help = `aspara status [DIR]: what training runs have spooled on this machine, and what of it waits to be sent

  DIR     the folder of one writer, of spools, or a data folder (the spool of ASPARA_DATA_DIR,
          else of ~/.local/share/aspara; and what was kept in the temporary folder)
  --json  the same as JSON
`

export async function statusCommand(args: string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args,
    options: { json: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
    allowPositionals: true,
  })
  if (values.help) return void process.stdout.write(help)
  if (positionals.length > 1) throw new SettingError('expected aspara status [DIR]')
  const folders = chosenFolders(positionals[0])
  const spools = groupByRun(folders.flatMap(listWriters))
    .flat()
    .map((path) => ({ path, ...stateOf(path) }))
  if (values.json) return void printJson({ spools })
  if (spools.length === 0) return void print(`Nothing is spooled in ${folders[0]}.`)
  const rows = spools.map((spool) => [
    spool.fault === undefined ? `${spool.project}/${spool.run}` : spool.path,
    spool.state,
    String(spool.rows),
    String(spool.waiting),
    `${(spool.bytes / 1e6).toFixed(1)} MB`,
    spool.fault ??
      [spool.lost > 0 ? `${spool.lost} lost` : '', spool.refused > 0 ? `${spool.refused} refused` : '']
        .filter(Boolean)
        .join(', '),
  ])
  process.stdout.write(table(['RUN', 'STATE', 'ROWS', 'WAITING', 'SIZE', ''], rows))
}

function stateOf(folder: string) {
  const bytes = bytesOf(folder)
  try {
    const state = readState(folder)
    return {
      project: state.run?.project ?? '?',
      run: state.run?.name ?? '?',
      writer: state.writer,
      state: wordOf(state, folder),
      rows: state.rows,
      waiting: state.rowsWaiting,
      refused: state.refused,
      lost: state.lost,
      bytes,
      fault: undefined,
    }
  } catch (error) {
    const nothing = { project: '?', run: '?', writer: '?', rows: 0, waiting: 0, refused: 0, lost: 0 }
    return { ...nothing, state: 'damaged', bytes, fault: (error as Error).message }
  }
}

function wordOf(state: SpoolState, folder: string): string {
  const { isAlive, isAbandoned, hasFinished, rowsWaiting, documentsWaiting } = state
  if (isAlive) return 'logging'
  if (rowsWaiting + documentsWaiting === 0 && !isAbandoned) return 'sent'
  if (isBeingSent(folder)) return 'being sent'
  return hasFinished ? 'waits' : 'killed, waits'
}
