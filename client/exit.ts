import type { Run } from './run.ts'

/*
 * What happens to runs when the process ends: without `finish`, by an error, by a signal. Nothing is swallowed, and
 * nothing keeps the process alive but what is said here.
 */

const runs = new Set<Run>()
/** How long a process that has nothing else to do waits for what is spooled to be sent. */
const offerMs = 5_000
let isInstalled = false
/** The error that ends the process. */
let thrown: string | undefined

export function finishAtExit(run: Run): void {
  runs.add(run)
  if (isInstalled) return
  isInstalled = true
  process.on('beforeExit', (code) => {
    // The last record leaves nothing to be done twice; waiting for it keeps the process alive, at most so long.
    for (const one of runs) void one.finish({ exitCode: code, flushTimeoutMs: offerMs })
  })
  // Sees the error without handling it: Node prints it and ends the process as it would have.
  process.on('uncaughtExceptionMonitor', (error) => {
    // Somebody else handles it, and the program goes on.
    if (process.listenerCount('uncaughtException') > 0) return
    thrown = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
  })
  // Bun ends with 1 after a rejection that nobody handles, and says 0 to `exit`. Thrown again it is an exception as in Node.
  if (process.versions.bun) {
    process.on('unhandledRejection', (error) => {
      if (process.listenerCount('unhandledRejection') === 1) throw error
    })
  }
  process.on('exit', (code) => {
    // What is sent from here on would never be answered: the spool has it, for a tracker of this machine or `aspara sync`.
    for (const one of runs) one.endNow(thrown !== undefined && code === 0 ? 1 : code, code === 0 ? undefined : thrown)
  })
  for (const [signal, number] of [
    ['SIGTERM', 15],
    ['SIGINT', 2],
    ['SIGHUP', 1],
  ] as const)
    endBySignal(signal, number)
}

export function forgetAtExit(run: Run): void {
  runs.delete(run)
}

function endBySignal(signal: NodeJS.Signals, number: number): void {
  const onSignal = async () => {
    // Somebody else handles it: whether the process ends is his to say, and then `exit` tells us.
    if (process.listenerCount(signal) > 1) return
    const open = [...runs]
    // The end is waited for already: that is skipped, and what is left is said.
    if (open.some((run) => run.isFinishing)) for (const run of open) run.skipWait()
    for (const run of open) run.allowLogging()
    const ending = { exitCode: 128 + number, reason: `ended by ${signal}`, flushTimeoutMs: offerMs }
    await Promise.all(open.map((run) => run.finish(ending)))
    process.off(signal, onSignal)
    process.kill(process.pid, signal)
    // Process 1 of a container is not ended by a signal that it does not handle.
    setTimeout(() => process.exit(128 + number), 100)
  }
  process.on(signal, onSignal)
}
