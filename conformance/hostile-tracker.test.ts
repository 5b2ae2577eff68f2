// A tracker that somebody else runs may answer anything: both clients and the command are tried on one that means harm.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readdir, symlink } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { type TestContext, test } from 'node:test'
import { asparaCommand, temporaryFolder } from '@aspara/tracker/testing/tracker-process.ts'
import { hostileTracker } from './hostile-answers.ts'

const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31))
const answersMin = 2_000
const python = join(import.meta.dirname, '..', '.venv', 'bin', 'python')
const memoryMiBMax = 400

interface Said {
  stdout: string
  stderr: string
  code: number | null
}

async function hostile(t: TestContext) {
  const tracker = hostileTracker(seed)
  tracker.server.listen(0, '127.0.0.1')
  await once(tracker.server, 'listening')
  t.after(() => {
    tracker.server.close()
    tracker.server.closeAllConnections()
  })
  const folder = await temporaryFolder()
  const inside = join(folder, 'deep', 'work')
  await mkdir(join(inside, 'into'), { recursive: true })
  await mkdir(join(folder, 'aim'))
  await symlink(join(folder, 'aim'), join(inside, 'link'))
  await symlink(join(folder, 'aim'), join(inside, 'into', 'link'))
  const url = `http://127.0.0.1:${(tracker.server.address() as AddressInfo).port}`
  // That of scripts/test.env is a relative path: it would be made where the clients work.
  const { NODE_COMPILE_CACHE: _, ...variables } = process.env
  const env = {
    ...variables,
    ...{ ASPARA_TRACKER_URI: url, ASPARA_TOKEN: 'a-secret-token-of-ours', ASPARA_DATA_DIR: join(folder, 'data') },
    ...{ NO_PROXY: '127.0.0.1,localhost', TMPDIR: folder, HOME: folder },
    PYTHONPATH: join(import.meta.dirname, '..', 'python', 'src'),
  }
  const run = async (command: string, args: string[], added = {}): Promise<Said> => {
    const child = spawn(command, args, { cwd: inside, env: { ...env, ...added }, stdio: ['ignore', 'pipe', 'pipe'] })
    const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')])
    return { stdout, stderr, code }
  }
  const clients = {
    python: (projects: string[], added = {}) =>
      run(python, [join(import.meta.dirname, 'hostile_client.py'), ...projects], added),
    typescript: (projects: string[], added = {}) =>
      run(process.execPath, [join(import.meta.dirname, 'hostile-client.ts'), ...projects], added),
  }
  const commands = {
    python: (args: string[]) => run(python, ['-m', 'aspara', ...args]),
    typescript: (args: string[]) => run(process.execPath, [asparaCommand, ...args]),
  }
  return { tracker, folder, inside, clients, commands, url }
}

/** Nothing but text, and no stack trace. */
function assertCalm({ stdout, stderr }: Said): void {
  for (const said of [stdout, stderr]) {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    assert.doesNotMatch(said, /[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/, said)
    assert.doesNotMatch(said, /Traceback|^\s+at .*:\d+:\d+|FAULT|BUG/m, said)
  }
}

function assertMemory({ stdout }: Said): void {
  const memory = Number(/^memory (\d+)$/m.exec(stdout)?.[1])
  assert.ok(memory <= memoryMiBMax, `${memory} MiB`)
}

for (const client of ['python', 'typescript'] as const) {
  test(`${client}: an artifact lands in its folder or nowhere, whatever it is called`, async (t) => {
    const { folder, inside, clients } = await hostile(t)
    const said = await clients[client](['names'])
    assertCalm(said)
    assert.match(said.stdout, /artifacts ApiError .*an artifact was not downloaded: its name/)
    assert.deepEqual((await readdir(folder)).sort(), ['aim', 'deep'])
    assert.deepEqual(await readdir(join(folder, 'aim')), [])
    for (const place of [inside, join(inside, 'into')]) {
      const found = (await readdir(place)).filter((name) => name !== 'into')
      assert.deepEqual(
        found.filter((name) => !['link', 'good.txt', '\u202efdp.exe'].includes(name)),
        [],
      )
    }
  })

  test(`${client}: a redirect is not followed, and the token stays here`, async (t) => {
    const { tracker, clients } = await hostile(t)
    const said = await clients[client](['redirect'], { TRAINS: '1' })
    assertCalm(said)
    assert.match(said.stdout, /redirects to http:.*elsewhere.*use that address/)
    assert.deepEqual(tracker.redirected, [])
    assert.equal(said.code, 0)
  })

  test(`${client}: lists that never end, bombs and endless answers end in a sentence`, async (t) => {
    const { clients } = await hostile(t)
    const said = await clients[client](['again', 'bomb', 'endless'])
    assertCalm(said)
    assertMemory(said)
    assert.match(said.stdout, /again runs ApiError .*is not an Aspara tracker \(its list comes again and again\)/)
    for (const project of ['bomb', 'endless']) {
      assert.match(said.stdout, new RegExp(`${project} runs ApiError .*is not an Aspara tracker`))
    }
    assert.equal(said.code, 0)
  })

  test(`${client}: whatever comes is an ApiError, and a training goes on to its end`, async (t) => {
    const { tracker, clients } = await hostile(t)
    t.diagnostic(`SEED=${seed}`)
    const projects = Array.from({ length: 400 }, (_, index) => `fuzz-${index}`)
    for (let from = 0; tracker.answers < answersMin / 2; from += 20) {
      const said = await clients[client](projects.slice(from, from + 20), from === 0 ? { TRAINS: '1' } : {})
      assertCalm(said)
      assertMemory(said)
      assert.equal(said.code, 0, said.stderr)
    }
  })

  test(`${client}: the command says a sentence`, async (t) => {
    const { commands, url } = await hostile(t)
    const lists = client === 'python' ? [] : [['projects'], ['runs', 'names'], ['runs', 'names', 'r']]
    const wrong = client === 'python' ? [] : ['redirect', 'again', 'bomb', 'fuzz-1', 'fuzz-2', 'fuzz-3', 'fuzz-4']
    for (const args of [
      ...lists,
      ...wrong.flatMap((project) => [
        ['runs', project],
        ['runs', project, 'r'],
      ]),
    ]) {
      assertCalm(await commands[client](args))
    }
    for (const args of [['sync'], ['status'], ['status', '--json'], ['verify', 'r']])
      assertCalm(await commands[client](args))
    assert.ok(url)
  })
}
