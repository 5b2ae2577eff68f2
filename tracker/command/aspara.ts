#!/usr/bin/env node
import { StoreUnavailable } from '@aspara/store/engines/engine.ts'
import { SettingError } from '../config.ts'
import { version } from '../version.ts'
import { warn } from './print.ts'

const help = `aspara ${version}: keeps what training runs report, and shows it

  aspara tracker     start the tracker: takes runs on http://127.0.0.1:3142 and shows them there
  aspara projects    list the projects of a tracker
  aspara runs PROJECT [RUN]
                     list the runs of a project, or show one
  aspara sync [DIR]  send what runs have spooled on this machine
  aspara status [DIR]
                     what they have spooled, and what of it waits
  aspara verify RUN  compare what a run has spooled with what the tracker has

  aspara COMMAND --help    what a command takes
  aspara --version

First steps:
  aspara tracker &
  curl -H 'Content-Type: application/json' -d '{"step": 1, "metrics": {"loss": 0.5}}' \\
    http://127.0.0.1:3142/api/v1/projects/demo/runs/first/metrics
  aspara runs demo
`

/** Each command is loaded when it is called: `aspara runs` needs no server. */
const commands: Record<string, () => Promise<(args: string[]) => Promise<void>>> = {
  tracker: async () => (await import('./tracker.ts')).trackerCommand,
  projects: async () => (await import('./projects.ts')).projectsCommand,
  runs: async () => (await import('./runs.ts')).runsCommand,
  sync: async () => (await import('./sync.ts')).syncCommand,
  status: async () => (await import('./status.ts')).statusCommand,
  verify: async () => (await import('./verify.ts')).verifyCommand,
}

try {
  await main(process.argv.slice(2))
} catch (error) {
  if (!isSentence(error)) throw error
  warn((error as Error).message)
  process.exit(error instanceof StoreUnavailable ? 1 : 2)
}

async function main([name, ...args]: string[]): Promise<void> {
  if (name === '--version' || name === '-v') return void process.stdout.write(`aspara ${version}\n`)
  if (name === undefined || name === '--help' || name === '-h' || name === 'help')
    return void process.stdout.write(help)
  const load = Object.hasOwn(commands, name) ? commands[name] : undefined
  if (!load)
    throw new SettingError(`no command '${name}': one of ${Object.keys(commands).join(', ')}; aspara --help shows them`)
  await (await load())(args)
}

/** Errors that a user can act on are one sentence, the rest are bugs with a stack. */
function isSentence(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException | undefined)?.code ?? ''
  return error instanceof SettingError || error instanceof StoreUnavailable || code.startsWith('ERR_PARSE_ARGS')
}
