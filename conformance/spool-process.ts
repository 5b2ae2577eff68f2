import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { LoggerSettings } from './spool-logger.ts'

const program = fileURLToPath(new URL('./spool-logger.ts', import.meta.url))

export interface LoggerProcess {
  pid: number
  /** How many calls of `log` have returned, as far as is known. */
  logged(): number
  /** Resolves when so many have. */
  until(calls: number): Promise<void>
  /** Resolves with what was said when some of it matches. */
  says(pattern: RegExp): Promise<string>
  kill(signal?: NodeJS.Signals): void
  ended: Promise<{ code: number | null; signal: NodeJS.Signals | null; stderr: string }>
}

/** A program that logs, in a process of its own (conformance/spool-logger.ts). */
export function startLogger(settings: LoggerSettings, env: Record<string, string> = {}): LoggerProcess {
  const kept = Object.entries(process.env).filter(([name]) => !name.startsWith('ASPARA_'))
  const child = spawn(process.execPath, [program, JSON.stringify(settings)], {
    env: { ...Object.fromEntries(kept), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let calls = 0
  let rest = ''
  let stderr = ''
  const waiting: { calls: number; resolve: () => void }[] = []
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    calls = Number(lines.at(-1) ?? calls)
    for (const one of waiting) if (calls >= one.calls) one.resolve()
  })
  const listening: (() => void)[] = []
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
    for (const one of listening) one()
  })
  const ended = once(child, 'close').then(([code, signal]) => {
    for (const one of waiting) one.resolve()
    return { code, signal, stderr }
  })
  return {
    pid: child.pid as number,
    logged: () => calls,
    until(wanted) {
      const { promise, resolve } = Promise.withResolvers<void>()
      waiting.push({ calls: wanted, resolve })
      if (calls >= wanted) resolve()
      return promise
    },
    async says(pattern) {
      const { promise, resolve, reject } = Promise.withResolvers<string>()
      const look = () => pattern.test(stderr) && resolve(stderr)
      listening.push(look)
      look()
      void ended.then(() => reject(new Error(`it never said ${pattern}:\n${stderr}`)))
      return promise
    },
    kill: (signal = 'SIGKILL') => void child.kill(signal),
    ended,
  }
}
