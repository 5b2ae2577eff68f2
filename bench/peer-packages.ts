import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const file = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/**
 * What others have made, in .venv-bench/, installed when it is first asked for.
 *
 * @returns the Python that has it
 */
export function installPeers(): string {
  const venv = file('../.venv-bench')
  const python = join(venv, 'bin', 'python')
  const wanted = readFileSync(file('./requirements.txt'), 'utf8')
  const stamp = join(venv, '.requirements')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return python
  for (const [command, args] of [
    ['python3', ['-m', 'venv', '--clear', venv]],
    [python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-r', file('./requirements.txt')]],
  ] as const) {
    if (spawnSync(command, args, { stdio: 'inherit' }).status !== 0)
      throw new Error(`${command} ${args.join(' ')} failed`)
  }
  writeFileSync(stamp, wanted)
  return python
}
