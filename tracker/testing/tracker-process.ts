import { type ChildProcess, spawn } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const commands = {
  source: fileURLToPath(new URL('../command/aspara.ts', import.meta.url)),
  /** As `npm start` runs it; scripts/build.mjs makes it. */
  bundle: fileURLToPath(new URL('../dist/aspara.js', import.meta.url)),
}

/** What tests run as `aspara`: the bundle when npm runs them, since it starts in half of the time; else the source. */
export const asparaCommand: string = process.env.ASPARA_TEST_BUNDLED ? commands.bundle : commands.source

export interface TrackerOptions {
  /** Kept when given; otherwise a temporary folder that `stop` removes. */
  dataDir?: string
  /** 0, the default, takes a free port. */
  port?: number
  args?: string[]
  env?: Record<string, string>
  /** Where it matters which it is. */
  command?: keyof typeof commands
}

/** A real tracker in a process of its own, as a user starts it. */
export interface TrackerProcess {
  readonly url: string
  /** `${url}/tracker/api/v1` */
  readonly api: string
  readonly port: number
  readonly dataDir: string
  readonly child: ChildProcess
  /** Every line of the log so far. */
  readonly log: string[]
  /** The first line of the log, past or to come, that matches. */
  logged(pattern: RegExp): Promise<string>
  /** SIGTERM, then waits for the end; answers the exit code. */
  stop(): Promise<number | null>
  /** kill -9, then waits for the end; the data directory stays. */
  kill(): Promise<void>
}

/** A temporary folder that a test removes itself. */
export function temporaryFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'aspara-test-'))
}

/** Starting is most of what many tests do; compiled code that is kept takes a quarter off it. */
const compileCache = fileURLToPath(new URL('../../node_modules/.cache/aspara-compiled', import.meta.url))

/** What the command is given of this process's environment: no setting of a person's own tracker reaches a test. */
function environment(added: Record<string, string> = {}): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !name.startsWith('ASPARA_'))
  return { NODE_COMPILE_CACHE: compileCache, ...Object.fromEntries(kept), ...added }
}

/** Trackers that run: none outlives its test, however that ends. */
const running = new Set<ChildProcess>()
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

function start(args: string[], env: Record<string, string> | undefined, program = asparaCommand) {
  const child = spawn(process.execPath, [program, ...args], {
    env: environment(env),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  running.add(child)
  child.once('exit', () => running.delete(child))
  return child
}

/** Starts `aspara tracker` and resolves once it listens; rejects with its output when it ends before that. */
export async function startTracker(options: TrackerOptions = {}): Promise<TrackerProcess> {
  const dataDir = options.dataDir ?? (await temporaryFolder())
  const args = ['tracker', '--port', String(options.port ?? 0), '--data-dir', dataDir, ...(options.args ?? [])]
  // It looks for spools where clients of this machine leave them: no test's tracker finds a person's own.
  const env = { ASPARA_DATA_DIR: dataDir, ...options.env }
  const child = start(args, env, options.command && commands[options.command])
  const log: string[] = []
  const lines = new EventEmitter()
  const listening = Promise.withResolvers<string>()
  const keepLine = (line: string) => {
    log.push(line)
    lines.emit('line')
    const url = /"url":"(http[^"]+)"/.exec(line)?.[1]
    if (url) listening.resolve(url)
  }
  createInterface({ input: child.stdout }).on('line', keepLine)
  createInterface({ input: child.stderr }).on('line', keepLine)
  const ended = once(child, 'close')
  ended.then(([code]) => listening.reject(new Error(`aspara tracker ended with ${code}:\n${log.join('\n')}`)))
  const url = await listening.promise

  const end = async (signal: NodeJS.Signals) => {
    // A second SIGTERM would cut the first one short.
    const isTold = child.killed && signal === 'SIGTERM'
    if (child.exitCode === null && child.signalCode === null && !isTold) child.kill(signal)
    await ended
  }
  return {
    url,
    api: `${url}/tracker/api/v1`,
    port: Number(new URL(url).port),
    dataDir,
    child,
    log,
    async logged(pattern) {
      for (;;) {
        const found = log.find((line) => pattern.test(line))
        if (found !== undefined) return found
        await once(lines, 'line')
      }
    },
    async stop() {
      await end('SIGTERM')
      if (!options.dataDir) await rm(dataDir, { recursive: true, force: true })
      return child.exitCode
    },
    kill: () => end('SIGKILL'),
  }
}

export interface CommandResult {
  exitCode: number | null
  stdout: string
  stderr: string
}

/** Runs `aspara` to its end. What does not end is killed after ten seconds, and has no exit code. */
export async function runAspara(args: string[], env?: Record<string, string>): Promise<CommandResult> {
  const child = start(args, env)
  const timeout = setTimeout(() => child.kill('SIGKILL'), 10_000)
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  const [exitCode] = (await once(child, 'close')) as [number | null]
  clearTimeout(timeout)
  return { exitCode, stdout, stderr }
}
