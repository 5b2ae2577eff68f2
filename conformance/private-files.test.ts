// What we write is this user's alone, and what another user has written is not taken for ours.

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { chmod, chown, lstat, mkdir, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises'
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

async function train(t: TestContext, language: Language) {
  const folder = await temporaryFolder()
  t.after(() => rm(folder, { recursive: true, force: true }))
  await writeFile(join(folder, 'kept.txt'), 'the secret of whoever reads this')
  const data = join(folder, 'made', 'data')
  const env = { ...process.env, ASPARA_DATA_DIR: data, PYTHONPATH: join(root, 'python', 'src'), TMPDIR: folder }
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
