import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { openSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

const file = (path: string) => fileURLToPath(new URL(path, import.meta.url))
const startSecondsMax = 20

/** What the person is to do about it, in one sentence. */
export class DemoError extends Error {}

/**
 * Makes sure that a tracker answers at this address: where none does and the address is this machine's, it starts the
 * built one as `npm start` does, which goes on when this process has ended.
 *
 * @returns the process it started
 * @throws DemoError
 */
export async function ensureTracker(address: string): Promise<{ pid: number; logFile: string } | undefined> {
  if (await isHealthy(address)) return undefined
  const url = URL.parse(address)
  if (url?.protocol !== 'http:' || !['127.0.0.1', 'localhost'].includes(url.hostname)) {
    throw new DemoError(`No tracker answers on ${address}, and one can be started on this machine only.`)
  }
  const logFile = join(tmpdir(), `aspara-tracker-${process.pid}.log`)
  const log = openSync(logFile, 'w')
  const tracker = spawn(process.execPath, [...startFlags(), file('../tracker/dist/aspara.js'), ...trackerArgs(url)], {
    detached: true,
    stdio: ['ignore', log, log],
  })
  await Promise.race([once(tracker, 'exit'), becomeHealthy(address)])
  if (tracker.exitCode !== null || !(await isHealthy(address))) throw await notStarted(tracker, logFile)
  tracker.unref()
  return { pid: tracker.pid!, logFile }
}

const trackerArgs = (url: URL) => ['tracker', '--port', url.port || '80']

/** The flags of Node in the start script. */
const startFlags = (): string[] =>
  JSON.parse(readFileSync(file('../package.json'), 'utf8'))
    .scripts.start.split(' ')
    .filter((word: string) => word.startsWith('--'))

async function becomeHealthy(address: string): Promise<void> {
  const deadline = performance.now() + startSecondsMax * 1_000
  while (performance.now() < deadline && !(await isHealthy(address))) await sleep(50)
}

async function isHealthy(address: string): Promise<boolean> {
  try {
    const answer = await fetch(`${address}/tracker/api/v1/health`, { signal: AbortSignal.timeout(2_000) })
    return answer.ok && (await answer.json()).status === 'ok'
  } catch {
    return false
  }
}

async function notStarted(tracker: ChildProcess, logFile: string): Promise<DemoError> {
  tracker.kill()
  const said = readFileSync(logFile, 'utf8').trim().split('\n').at(-1)
  return new DemoError(`The tracker did not start: ${said || `it said nothing for ${startSecondsMax} s`}`)
}
