// What we write is this user's alone, and what another user has written is not taken for ours.

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import {
  chmod,
  chown,
  cp,
  lstat,
  mkdir,
  readdir,
  readFile,
  rename,
  rm,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { promisify } from 'node:util'
import { ask, must } from '@aspara/tracker/testing/ask.ts'
import { runAspara, startTracker, temporaryFolder } from '@aspara/tracker/testing/tracker-process.ts'

const run = promisify(execFile)
const root = join(import.meta.dirname, '..')
const nobody = 65_534
const isRoot = process.getuid?.() === 0

/** A training without a tracker, by each client, under a umask that gives everything away. Both log a file. */
const trainings = {
  python: `import aspara; r = aspara.init(project="p", name="n", mode="offline"); r.log({"a": 1}); r.log_artifact("kept.txt"); r.finish()`,
  typescript: `const { init } = await import(${JSON.stringify(join(root, 'client', 'aspara.ts'))}); const r = await init({ project: 'p', name: 'n', mode: 'offline' }); r.log({ a: 1 }); await r.logArtifact('kept.txt'); await r.finish()`,
}
type Language = keyof typeof trainings
const languages = Object.keys(trainings) as Language[]

async function train(t: TestContext, language: Language, uri?: string) {
  const folder = await temporaryFolder()
  t.after(() => rm(folder, { recursive: true, force: true }))
  await writeFile(join(folder, 'kept.txt'), 'the secret of whoever reads this')
  const data = join(folder, 'made', 'data')
  const env = {
    ...{ ...process.env, ASPARA_DATA_DIR: data, PYTHONPATH: join(root, 'python', 'src'), TMPDIR: folder },
    ...(uri && { ASPARA_TRACKER_URI: uri }),
  }
  const [program, flag] =
    language === 'python' ? [join(root, '.venv', 'bin', 'python'), '-c'] : [process.execPath, '-e']
  const command = `umask 000; exec "$0" ${flag} "$1"`
  await run('sh', ['-c', command, program, trainings[language]], { cwd: folder, env })
  const spool = join(data, 'spool')
  const [writer] = (await readdir(spool)).filter((name) => /^[\da-f-]{36}$/.test(name))
  return { folder, data, spool, writer: join(spool, writer), env }
}

/** Everything in a folder that others than its owner may do something with. */
async function open(folder: string, allowed = 0o700): Promise<string[]> {
  const found: string[] = []
  for (const entry of [folder, ...(await readdir(folder, { recursive: true })).map((name) => join(folder, name))]) {
    const { mode } = await lstat(entry)
    if (mode & 0o777 & ~allowed) found.push(`${entry} ${(mode & 0o777).toString(8)}`)
  }
  return found
}

for (const language of languages) {
  test(`${language}: a spool is its user's alone, whatever the umask`, async (t) => {
    const { data } = await train(t, language)
    assert.deepEqual(await open(data), [])
  })
}

test('so is what a tracker keeps, also what an earlier one has left open; a group may be let in', async (t) => {
  const dataDir = await temporaryFolder()
  t.after(() => rm(dataDir, { recursive: true, force: true }))
  for (const [args, allowed] of [
    [[], 0o700],
    [['--group-readable'], 0o750],
  ] as const) {
    const tracker = await startTracker({ dataDir, args: [...args] })
    await must('POST', `${tracker.api}/projects/p/runs`, {})
    assert.deepEqual(await open(dataDir, allowed), [])
    await tracker.stop()
    await chmod(join(dataDir, 'aspara.db'), 0o644)
    await chmod(dataDir, 0o755)
  }
})

test('a spool of another user is left alone: its documents name files to upload', {
  skip: !isRoot && 'needs root',
}, async (t) => {
  for (const language of languages) {
    const { data, spool, writer, env } = await train(t, language)
    for (const name of await readdir(writer)) await chown(join(writer, name), nobody, nobody)
    const tracker = await startTracker({ dataDir: data })
    const sentence = /belongs to another user/
    const own = { ASPARA_DATA_DIR: data, ASPARA_TRACKER_URI: tracker.url }
    try {
      for (const owner of [0, nobody]) {
        await chown(writer, owner, nobody)
        const ours = await runAspara(['sync', spool], own)
        assert.match(ours.stdout + ours.stderr, sentence)
        assert.notEqual(ours.exitCode, 0)
        const python = join(root, '.venv', 'bin', 'python')
        const theirs = await run(python, ['-m', 'aspara', 'sync', spool], { env: { ...env, ...own } }).catch(
          (error) => error,
        )
        assert.match(theirs.stdout + theirs.stderr, sentence)
        assert.notEqual(theirs.code, 0)
      }
      await tracker.logged(sentence)
      assert.equal((await ask('GET', `${tracker.api}/projects/p/runs/n`)).status, 404)
    } finally {
      await tracker.stop()
    }
  }
})

test('nothing is written or read through a link that stands where a file of a spool should', async (t) => {
  for (const language of languages) {
    const { folder, spool, writer, env, data } = await train(t, language)
    const aim = join(folder, 'aim')
    await writeFile(aim, 'what must stay')
    await rm(join(writer, 'lock'), { force: true })
    await symlink(aim, join(writer, 'lock'))
    const elsewhere = join(folder, 'elsewhere')
    await mkdir(elsewhere)
    const segment = join(writer, '000000.spool')
    await rename(segment, join(elsewhere, 'moved'))
    await symlink(join(elsewhere, 'moved'), segment)
    const own = { ASPARA_DATA_DIR: data, ASPARA_TRACKER_URI: 'http://127.0.0.1:9' }
    await runAspara(['sync', spool], own)
    const python = join(root, '.venv', 'bin', 'python')
    await run(python, ['-m', 'aspara', 'sync', spool], { env: { ...env, ...own } }).catch(() => {})
    assert.equal(await readFile(aim, 'utf8'), 'what must stay')
  }
})

/** What somebody who can write to a spool folder puts in the place of a writer's files, or beside them. */
const traps: Record<string, (writer: string, aim: string) => Promise<unknown>> = {
  'a pipe as sent.json': (writer) => pipe(writer, 'sent.json'),
  'a pipe as lock': (writer) => pipe(writer, 'lock'),
  'a pipe as alive': (writer) => pipe(writer, 'alive'),
  'a pipe as a segment': (writer) => pipe(writer, '000000.spool'),
  'a link to a file as sent.json': (writer, aim) => link(writer, 'sent.json', aim),
  'a link to a file as sent.json.new': (writer, aim) => link(writer, 'sent.json.new', aim),
  'a link to a file as lock': (writer, aim) => link(writer, 'lock', aim),
  'a link to a file as alive': (writer, aim) => link(writer, 'alive', aim),
  'a link to itself as a segment, which is done': async (writer) => {
    await writeFile(join(writer, 'sent.json'), '{"done":true}')
    await link(writer, '000000.spool', '000000.spool')
  },
  'a link to an endless file as a segment': (writer) => link(writer, '000000.spool', '/dev/zero'),
  'a folder as a segment': async (writer) => {
    await rm(join(writer, '000000.spool'))
    await mkdir(join(writer, '000000.spool'))
  },
  'a folder as sent.json': (writer) => mkdir(join(writer, 'sent.json')),
  'a folder as lock': async (writer) => {
    await rm(join(writer, 'lock'), { force: true })
    await mkdir(join(writer, 'lock'))
  },
  'numbers that are none': (writer) => writeFile(join(writer, 'sent.json'), '{"segment":{"toString":1},"offset":"9"}'),
  'refusals that are none': (writer) => writeFile(join(writer, 'sent.json'), '{"refused":5,"done":"no"}'),
  'more refusals than there are numbers': (writer) =>
    writeFile(join(writer, 'sent.json'), '{"refused":[{"row":0,"count":9007199254740991,"reason":"r"}]}'),
  'a list': (writer) => writeFile(join(writer, 'sent.json'), '[1]'),
  'levels without end': (writer) => writeFile(join(writer, 'sent.json'), '['.repeat(200_000) + ']'.repeat(200_000)),
  'a gigabyte of nothing': async (writer) => {
    await writeFile(join(writer, 'sent.json'), '')
    await truncate(join(writer, 'sent.json'), 2 ** 30)
  },
}

async function pipe(writer: string, name: string): Promise<void> {
  await rm(join(writer, name), { force: true })
  await run('mkfifo', [join(writer, name)])
}

async function link(writer: string, name: string, aim: string): Promise<void> {
  await rm(join(writer, name), { force: true })
  await symlink(aim, join(writer, name))
}

/** A spool folder with one writer for each trap, and one that is as it should be; `aim` is where the links lead. */
async function trapped(t: TestContext, uri?: string) {
  const { folder, data, spool, writer, env } = await train(t, 'python', uri)
  const aim = join(folder, 'aim')
  await writeFile(aim, 'what must stay')
  const { mtimeMs } = await lstat(aim)
  let number = 1
  for (const set of Object.values(traps)) {
    const another = join(spool, `00000000-0000-4000-8000-${String(number++).padStart(12, '0')}`)
    await cp(writer, another, { recursive: true })
    await set(another, aim)
  }
  await symlink('/', join(spool, 'root'))
  await pipe(spool, 'a pipe')
  return {
    ...{ data, spool, env },
    async assertUntouched() {
      assert.equal(await readFile(aim, 'utf8'), 'what must stay')
      assert.equal((await lstat(aim)).mtimeMs, mtimeMs)
    },
  }
}

for (const language of languages) {
  test(`${language}: no file that stands in a spool holds a command up, ends it, or is written through`, async (t) => {
    const { data, spool, env, assertUntouched } = await trapped(t)
    const tracker = await startTracker()
    t.after(() => tracker.stop())
    const own = { ...env, ASPARA_DATA_DIR: data, ASPARA_TRACKER_URI: tracker.url }
    const command = async (...args: string[]) => {
      if (language === 'typescript') return runAspara(args, own)
      const program = join(root, '.venv', 'bin', 'python')
      const done = run(program, ['-m', 'aspara', ...args], { env: own, timeout: 20_000 })
      const { code, stdout, stderr } = await done.then((told) => ({ ...told, code: 0 })).catch((error) => error)
      return { exitCode: code as number | null, stdout: stdout as string, stderr: stderr as string }
    }
    const commands = [
      ['status'],
      ['status', '--json'],
      ['sync', '--dry-run'],
      ['sync'],
      ['sync'],
      ['verify', 'n'],
      ['status'],
    ]
    for (const [word, ...flags] of commands) {
      const to = word === 'status' ? [] : ['--tracker-uri', tracker.url]
      const place = word === 'verify' ? [...flags, '--dir', spool, ...to] : [spool, ...flags, ...to]
      const { exitCode, stdout, stderr } = await command(word, ...place)
      const said = `${word} ${flags}: ${exitCode}\n${stdout}\n${stderr}`
      assert.ok(exitCode === 0 || exitCode === 1, said)
      assert.doesNotMatch(said, /Traceback|\n\s+at |BUG|TypeError|what must stay/)
      await assertUntouched()
    }
    // The one that is as it should be was sent, whatever stands beside it.
    assert.equal((await ask('GET', `${tracker.api}/projects/p/runs/n`)).status, 200)
  })
}

test('no file that stands in a spool holds the tracker up, or ends it', async (t) => {
  // Spools are taken in by the tracker that they were meant for.
  const earlier = await startTracker()
  await earlier.stop()
  const { data, assertUntouched } = await trapped(t, earlier.url)
  const tracker = await startTracker({ dataDir: data, port: earlier.port })
  for (;;) {
    const { status, body } = await ask('GET', `${tracker.api}/projects/p/runs/n/metrics/export?format=jsonl`)
    if (status === 200 && String(body).length > 0) break
  }
  assert.equal((await ask('GET', `${tracker.api}/health`)).status, 200)
  // Before its folder is removed, and it tells by its exit code that it was still there.
  assert.equal(await tracker.stop(), 0)
  assert.deepEqual(
    tracker.log.filter((line) => /"level":(50|60)|\n\s+at /.test(line)),
    [],
  )
  await assertUntouched()
})
