// Installs what is missing, and does nothing else: npm calls it before start, dev, check, test and bench, so that a fresh
// clone needs no other command. It must run on the Node a machine happens to have (20 or newer) with nothing installed,
// hence plain JavaScript and nothing but built-in modules.
//
//   node scripts/setup.mjs            the npm packages, Node itself among them
//   node scripts/setup.mjs --python   also the Python packages, which the demo trains with
//   node scripts/setup.mjs --tests    also the Python packages and the browser that the tests use

import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { delimiter, dirname, join, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const isWindows = process.platform === 'win32'
const isRoot = process.getuid?.() === 0

/** What the person is to do about it, in one sentence; everything else that fails here is a bug. */
class SetupError extends Error {}

try {
  const major = Number(process.versions.node.split('.')[0])
  if (major < 20) throw new SetupError(`Aspara needs Node 20 or newer to install itself; this is ${process.version}.`)
  installPackages()
  const isForTests = process.argv.includes('--tests')
  if (isForTests || process.argv.includes('--python')) installPythonPackages()
  if (isForTests) installChromium()
} catch (error) {
  if (!(error instanceof SetupError)) throw error
  console.error(`setup: ${error.message}`)
  process.exitCode = 1
}

function installPackages() {
  const lockfile = join(root, 'package-lock.json')
  const installed = join(root, 'node_modules')
  const stamp = join(installed, '.aspara-lock')
  const wanted = hashOf(lockfile)
  if (readIfThere(stamp) === wanted) return
  if (!isInstalledByHand(lockfile, installed)) {
    console.error('setup: installing the npm packages (npm ci)')
    // Dev packages always: the runtime, npm's package `node`, is one, and NODE_ENV=production would leave it out.
    const npm = run('npm', ['ci', '--include=dev', '--loglevel=error'], { env: outsideNpm(), stdio: 'inherit' })
    if (npm.error) throw new SetupError(`npm could not be started: ${npm.error.message}.`)
    if (npm.status !== 0) throw new SetupError('npm ci failed; what it printed above says why.')
  }
  const node = run(join(installed, '.bin', isWindows ? 'node.cmd' : 'node'), ['--version'])
  if (node.status !== 0) {
    throw new SetupError('npm skipped the install script of its package `node`: allow install scripts, then `npm ci`.')
  }
  writeFileSync(stamp, wanted)
}

/**
 * Whether `npm install` or `npm ci` by hand left what the lockfile says: taking that as it is spares a running tracker
 * from having its packages removed under it.
 */
function isInstalledByHand(lockfile, installed) {
  const left = readIfThere(join(installed, '.package-lock.json'))
  if (left === undefined) return false
  const there = JSON.parse(left).packages
  return Object.entries(JSON.parse(readFileSync(lockfile, 'utf8')).packages).every(([path, wanted]) => {
    // Our own packages are links to their folders: whatever version they have, it is there.
    if (!path.includes('node_modules/') || (wanted.optional && !there[path])) return true
    return there[path]?.version === wanted.version && existsSync(join(root, path))
  })
}

/**
 * The environment as it was before `npm start` added to it. What belongs to the outer command (its workspace, --dry-run,
 * --ignore-scripts, where it was started) must not steer the inner `npm ci`, while the machine's settings (registry,
 * proxy, certificates, cache) must. node_modules/.bin leaves PATH: `npm ci` deletes the very `node` it would find there.
 */
function outsideNpm() {
  const machine =
    /^npm_config_(.*registry|.*proxy|cafile|ca|cert|key|cache|userconfig|globalconfig|strict_ssl|fetch_.*)$/i
  const env = {}
  for (const [name, value] of Object.entries(process.env)) {
    if (name === 'INIT_CWD' || (/^npm_/.test(name) && !machine.test(name))) continue
    env[name] = value
  }
  const pathName = Object.keys(env).find((name) => name.toUpperCase() === 'PATH') ?? 'PATH'
  env[pathName] = (env[pathName] ?? '')
    .split(delimiter)
    .filter((folder) => !folder.endsWith(join('node_modules', '.bin')) && !folder.includes(`${sep}node-gyp-bin`))
    .join(delimiter)
  return env
}

function installPythonPackages() {
  const requirements = join(root, 'conformance', 'requirements.txt')
  const venv = join(root, '.venv')
  const python = isWindows ? join(venv, 'Scripts', 'python.exe') : join(venv, 'bin', 'python')
  const stamp = join(venv, '.aspara-requirements')
  if (!existsSync(requirements)) throw new SetupError('conformance/requirements.txt is missing: is the clone complete?')
  const wanted = hashOf(requirements)
  // The stamp alone won't do: .venv links to an interpreter that may be gone since (existsSync follows the link).
  if (existsSync(python) && readIfThere(stamp) === wanted) return
  console.error('setup: installing the Python packages of tests and demo (.venv)')
  if (!existsSync(python)) makeVenv(venv)
  const pip = run(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-r', requirements])
  if (pip.status !== 0) throw new SetupError(`pip could not install conformance/requirements.txt: ${lastLine(pip)}`)
  writeFileSync(stamp, wanted)
}

function makeVenv(venv) {
  const command = ['-m', 'venv', '--clear', venv]
  let made = run('python3', command)
  // Debian ships python3 without the parts venv needs.
  if (made.status !== 0 && isRoot && findOnPath(['apt-get'])) {
    aptInstall('python3-venv')
    made = run('python3', command)
  }
  if (made.status === 0) return
  rmSync(venv, { recursive: true, force: true })
  if (made.error)
    throw new SetupError('The tests need python3 with its venv module (Debian: apt-get install python3-venv).')
  throw new SetupError(`python3 -m venv failed (on Debian it needs python3-venv): ${lastLine(made)}`)
}

function installChromium() {
  const given = process.env.CHROMIUM_PATH
  if (given) {
    if (!existsSync(given)) throw new SetupError(`CHROMIUM_PATH=${given}: there is no such file.`)
    return
  }
  const names = ['chromium', 'chromium-browser', 'google-chrome']
  if (findOnPath(names)) return
  const advice = 'install one (Debian: apt-get install chromium) or set CHROMIUM_PATH'
  if (!isRoot || !findOnPath(['apt-get'])) {
    throw new SetupError(`The page tests need a Chromium, and there is none on PATH: ${advice}.`)
  }
  aptInstall('chromium')
  if (!findOnPath(names)) throw new SetupError(`Debian's chromium did not install: ${advice}.`)
}

function aptInstall(name) {
  console.error(`setup: installing Debian's ${name} (apt-get)`)
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  // Another apt may be at work on a machine that has just booted: wait for it, but not for ever.
  const wait = ['-o', 'DPkg::Lock::Timeout=120']
  for (const deed of [['update'], ['install', '-y', '--no-install-recommends', name]]) {
    const apt = run('apt-get', [...wait, '-qq', ...deed], { env })
    if (apt.status !== 0) throw new SetupError(`apt-get ${deed[0]} failed while installing ${name}: ${lastLine(apt)}`)
  }
}

function run(command, args, options = {}) {
  // No standard input: a question nobody sees would wait for ever. npm is a .cmd file on Windows, which needs a shell.
  const stdio = options.stdio === 'inherit' ? ['ignore', 'inherit', 'inherit'] : ['ignore', 'pipe', 'pipe']
  return spawnSync(command, args, {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    shell: isWindows,
    ...options,
    stdio,
  })
}

function findOnPath(names) {
  const folders = (process.env.PATH ?? '').split(delimiter).filter(Boolean)
  return names.some((name) => folders.some((folder) => existsSync(join(folder, name))))
}

function lastLine({ error, stdout, stderr }) {
  const lines = `${stdout ?? ''}\n${stderr ?? ''}`.split('\n').filter((line) => line.trim() !== '')
  return error?.message ?? lines.at(-1) ?? 'it said nothing'
}

function hashOf(file) {
  return createHash('sha256').update(readFileSync(file)).digest('hex')
}

function readIfThere(file) {
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined
}
