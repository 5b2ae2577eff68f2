// The `aspara` command is there twice, in Python and in TypeScript, and is one: command-line.json has what is typed, and
// what comes of it. `exit` is the exit code; `stdout` and `stderr` are texts that stand in what is printed, whatever their
// case (one that begins with ^ is a pattern); `json` is what is printed as JSON, but for `bytes`. Exit code 2 is one
// sentence on stderr and nothing else. The cases build on each other: three rows wait in {spool}, and are sent.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, existsSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs'
import { readFile, rm } from 'node:fs/promises'
import { delimiter, dirname, join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import {
  type CommandResult,
  runAspara,
  startTracker,
  type TrackerProcess,
  temporaryFolder,
} from '@aspara/tracker/testing/tracker-process.ts'
import { version } from '@aspara/tracker/version.ts'
import { init } from 'aspara'
import { runPython } from './python.ts'

interface Typed {
  name: string
  args: string[]
  env?: Record<string, string>
  exit: number
  stdout?: string[]
  stderr?: string[]
  json?: unknown
}

type Command = (args: string[], env: Record<string, string>) => Promise<CommandResult>

const root = fileURLToPath(new URL('..', import.meta.url))
const cases: Typed[] = JSON.parse(await readFile(new URL('./command-line.json', import.meta.url), 'utf8'))

suite('TypeScript', () => {
  checkCommand('typescript', async () => runAspara)
})

suite('Python', () => {
  checkCommand('python', async (folder) => {
    // As the wheels have it: the tracker's bundle inside of its package.
    if (!existsSync(join(root, 'tracker/dist/aspara.js'))) {
      const built = spawn(process.execPath, ['scripts/build.mjs'], { cwd: root, stdio: 'inherit' })
      assert.deepEqual(await once(built, 'close'), [0, null])
    }
    const packages = join(folder, 'packages')
    cpSync(join(root, 'python/src'), packages, { recursive: true, filter: (path) => !path.includes('__pycache__') })
    cpSync(join(root, 'python/tracker/src'), packages, { recursive: true })
    symlinkSync(join(root, 'tracker/dist'), join(packages, 'aspara_tracker', 'bundle'))
    // The tracker's part runs on the Node that is found first.
    const PATH = [dirname(process.execPath), process.env.PATH].join(delimiter)
    return (args, env) => runPython(['-m', 'aspara', ...args], { env: { ...env, PYTHONPATH: packages, PATH } })
  })
})

function checkCommand(language: string, prepare: (folder: string) => Promise<Command>): void {
  let tracker: TrackerProcess
  let folder: string
  let command: Command
  let values: Record<string, string>
  before(async () => {
    tracker = await startTracker()
    folder = await temporaryFolder()
    command = await prepare(folder)
    const data = join(folder, 'data')
    const spool = join(data, 'spool')
    const empty = join(folder, 'empty')
    mkdirSync(empty)
    const project = `of-${language}`
    const run = await init({
      project,
      name: 'waiting',
      id: `run-id-of-${project}`,
      mode: 'offline',
      dir: spool,
      settings: { quiet: true },
    })
    for (const loss of [3, 2, 1]) run.log({ loss })
    await run.finish()
    const [writer] = readdirSync(spool)
    values = {
      ...{ version, data, spool, empty, project, writer },
      ...{ run: 'waiting', missing: join(folder, 'missing'), tracker: tracker.url },
    }
  })
  after(async () => {
    await tracker.stop()
    await rm(folder, { recursive: true, force: true })
  })

  const filled = (text: string) => text.replaceAll(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole)

  for (const typed of cases) {
    test(typed.name, async () => {
      const env = Object.entries(typed.env ?? {}).map(([name, value]) => [name, filled(value)])
      const { exitCode, stdout, stderr } = await command(typed.args.map(filled), {
        // The folders that runs fall back to are looked into, too.
        ...{ ASPARA_DATA_DIR: join(folder, 'nothing'), XDG_DATA_HOME: join(folder, 'nothing'), TMPDIR: folder },
        ...Object.fromEntries(env),
      })
      const printed = `${stdout}${stderr}`
      assert.equal(exitCode, typed.exit, printed)
      if (typed.exit === 2) {
        assert.match(stderr, /^aspara: [^\n]+\n$/)
        assert.equal(stdout, '')
      }
      const isHelp = typed.args.length === 0 || /^(-h|(--)?help)$/.test(typed.args.at(-1) as string)
      if (isHelp) {
        assert.ok(
          stdout.split('\n').every((line) => line.length <= 120),
          printed,
        )
      }
      assertHas(stdout, (typed.stdout ?? []).map(filled))
      assertHas(stderr, (typed.stderr ?? []).map(filled))
      if (typed.json) assertJson(JSON.parse(stdout), JSON.parse(filled(JSON.stringify(typed.json))))
    })
  }
}

function assertHas(printed: string, texts: string[]): void {
  for (const text of texts) {
    if (text.startsWith('^')) assert.match(printed, new RegExp(text))
    else assert.ok(printed.toLowerCase().includes(text.toLowerCase()), `${text} is not in:\n${printed}`)
  }
}

/** The same keys and values; of sentences the beginning, and of `bytes` that they are some. */
function assertJson(printed: unknown, wanted: unknown, key = ''): void {
  if (key === 'bytes') return assert.ok((printed as number) > 0)
  if (key === 'sentence') return assert.ok(String(printed).startsWith(String(wanted)), String(printed))
  if (typeof wanted !== 'object' || wanted === null) return assert.equal(printed, wanted, key)
  assert.deepEqual(Object.keys(printed as object).sort(), Object.keys(wanted).sort())
  for (const [name, value] of Object.entries(wanted))
    assertJson((printed as Record<string, unknown>)[name], value, name)
}
