import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/** The Python that has conformance/requirements.txt installed; `npm test` makes it. */
const interpreter = fileURLToPath(new URL('../.venv/bin/python', import.meta.url))

export interface PythonOptions {
  cwd?: string
  env?: Record<string, string>
  /** Called with each line of its stdout as soon as it is there; `answer` writes to its stdin. */
  onLine?: (line: string, answer: (text: string) => void) => void
}

export interface PythonResult {
  exitCode: number | null
  stdout: string
  stderr: string
}

/** Runs Python to its end, and answers what it said. Arguments as on a command line: a file, or `-m` or `-c` and what follows. */
export async function runPython(args: string[], options: PythonOptions = {}): Promise<PythonResult> {
  if (!existsSync(interpreter)) throw new Error('There is no .venv yet: `npm test` makes it')
  const child = spawn(interpreter, args, {
    cwd: options.cwd,
    // A proxy that the machine is set to use must not stand between a script and a tracker on this machine.
    env: { ...process.env, NO_PROXY: 'localhost,127.0.0.1', PYTHONUNBUFFERED: '1', ...options.env },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  let stdout = ''
  let stderr = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  createInterface({ input: child.stdout }).on('line', (line) => {
    stdout += `${line}\n`
    options.onLine?.(line, (text) => child.stdin.write(text))
  })
  // A script that has ended takes no answer; its exit code tells.
  child.stdin.on('error', () => {})
  const [exitCode] = (await once(child, 'close')) as [number | null]
  return { exitCode, stdout, stderr }
}
