import type { Run } from './run.ts'

/*
 * What happens to runs when the process ends: without `finish`, by an error, by a signal. Nothing is swallowed, and
 * nothing keeps the process alive but what is said here.
 */

const runs = new Set<Run>()
/** How long a process that has nothing else to do waits for what is spooled to be sent. */
const offerMs = 5_000
let isInstalled = false
let hasThrown = false

export function finishAtExit(run: Run): void {
  runs.add(run)
  if (isInstalled) return
  isInstalled = true
  process.on('beforeExit', (code) => {
    // The last record leaves nothing to be done twice; waiting for it keeps the process alive, at most so long.
    for (const one of runs) void one.finish({ exitCode: code, flushTimeoutMs: offerMs })
  })
  // Tells of the error without handling it: Node prints it and ends the process as it would have.
  process.on('uncaughtExceptionMonitor', () => {
    hasThrown = true
  })
  process.on('exit', (code) => {
    for (const one of runs) one.end(hasThrown && code === 0 ? 1 : code)
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
    // The next one ends the process at once.
    process.off(signal, onSignal)
    await Promise.all([...runs].map((run) => run.finish({ exitCode: 128 + number, flushTimeoutMs: offerMs })))
    process.kill(process.pid, signal)
  }
  process.on(signal, onSignal)
}
