// The command as a user calls it: a process of its own, its exit code and what it says.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { chmod, mkdir, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { after, before, suite, type TestContext, test } from 'node:test'
import { ask, must } from '@aspara/tracker/testing/ask.ts'
import {
  type CommandResult,
  runAspara,
  startTracker,
  type TrackerProcess,
  temporaryFolder,
} from '@aspara/tracker/testing/tracker-process.ts'
import { version } from '@aspara/tracker/version.ts'

/** It failed with one sentence for a person, and nothing else. */
function assertSentence({ exitCode, stdout, stderr }: CommandResult, sentence: RegExp): void {
  assert.match(stderr, /^aspara: [^\n]+\n$/)
  assert.match(stderr, sentence)
  assert.equal(stdout, '')
  assert.ok(exitCode !== null && exitCode > 0, `exit code ${exitCode}`)
}

async function folder(t: TestContext): Promise<string> {
  const path = await temporaryFolder()
  t.after(() => rm(path, { recursive: true, force: true }))
  return path
}

test('--version says which', async () => {
  for (const flag of ['--version', '-v']) {
    assert.deepEqual(await runAspara([flag]), { exitCode: 0, stdout: `aspara ${version}\n`, stderr: '' })
  }
})

test('--help, or nothing, teaches: every command, and first steps to copy', async () => {
  const help = await runAspara(['--help'])
  assert.equal(help.exitCode, 0)
  assert.equal(help.stderr, '')
  for (const word of [
    'aspara tracker',
    'aspara projects',
    'aspara runs PROJECT',
    'aspara sync',
    'aspara status',
    'aspara verify RUN',
    'curl',
    '/api/v1/projects/',
    '--help',
  ]) {
    assert.ok(help.stdout.includes(word), word)
  }
  assert.ok(help.stdout.split('\n').every((line) => line.length <= 120))
  assert.deepEqual(await runAspara([]), help)
  assert.deepEqual(await runAspara(['help']), help)
})

test('each command explains its flags by --help', async () => {
  const flags = {
    tracker: [
      '--host',
      '--port',
      '--data-dir',
      '--token',
      '--no-auth',
      '--read-only',
      '--log-level',
      'ASPARA_DATA_DIR',
    ],
    projects: ['--json', '--tracker-uri', '--token', 'ASPARA_TRACKER_URI', 'ASPARA_TOKEN'],
    runs: ['PROJECT [RUN]', '--json', '--tracker-uri', '--token'],
    sync: ['DIR', '--watch', '--dry-run', '--tracker-uri', '--token', 'ASPARA_DATA_DIR'],
    status: ['DIR', '--json'],
    verify: ['RUN', '--dir', '--tracker-uri', '--json'],
  }
  for (const [name, words] of Object.entries(flags)) {
    const { exitCode, stdout, stderr } = await runAspara([name, '--help'])
    assert.deepEqual([exitCode, stderr], [0, ''])
    for (const word of words) assert.ok(stdout.includes(word), `${name}: ${word}`)
    assert.ok(stdout.split('\n').every((line) => line.length <= 120))
  }
})

test('what cannot be understood is one sentence: a command, a flag, an argument', async () => {
  const cases: [string[], RegExp][] = [
    [['trackr'], /no command 'trackr': one of tracker, projects, runs/],
    [['constructor'], /no command 'constructor'/],
    [['tracker', '--prot', '3142'], /'--prot'/],
    [['tracker', 'here'], /'here'/],
    [['tracker', '--port'], /'--port/],
    [['projects', '--verbose'], /'--verbose'/],
    [['runs'], /expected aspara runs PROJECT \[RUN\]/],
    [['runs', 'a', 'b', 'c'], /expected aspara runs PROJECT \[RUN\]/],
    [['tracker', '--port', 'http'], /--port=http: expected a port/],
    [['tracker', '--log-level', 'loud'], /--log-level=loud: expected one of/],
    [['projects', '--tracker-uri', 'localhost:3142'], /--tracker-uri=localhost:3142: expected the address/],
    [['tracker', '--no-auth', '--token', 'a'], /--no-auth and --token exclude each other/],
  ]
  await Promise.all(cases.map(async ([args, sentence]) => assertSentence(await runAspara(args), sentence)))
})

suite('a tracker that cannot start says why in one sentence', { concurrency: true }, () => {
  test('the port is taken', async (t) => {
    const other = createServer().listen(0, '127.0.0.1')
    t.after(() => other.close())
    await once(other, 'listening')
    const { port } = other.address() as { port: number }
    const result = await runAspara(['tracker', '--port', String(port), '--data-dir', await folder(t)])
    assert.match(result.stderr, new RegExp(`^aspara: Port ${port} on 127\\.0\\.0\\.1 is taken`))
    assertSentence(result, /--port/)
  })

  test('the address is none of this machine', async (t) => {
    const dataDir = await folder(t)
    // The first is kept for documentation, the second for names that no name server knows.
    const folders: Record<string, string> = { '192.0.2.1': dataDir, 'nowhere.invalid': join(dataDir, 'other') }
    const tries = Object.entries(folders).map(async ([host, folder]) => {
      const result = await runAspara(['tracker', '--host', host, '--no-auth', '--port', '0', '--data-dir', folder])
      assertSentence(result, new RegExp(`${host} is not an address of this machine: check --host`))
    })
    await Promise.all(tries)
  })

  test('the directory belongs to another tracker, which is named', async (t) => {
    const owner = await startTracker()
    t.after(() => owner.stop())
    const result = await runAspara(['tracker', '--port', '0', '--data-dir', owner.dataDir])
    assertSentence(result, new RegExp(`${owner.dataDir} is in use by another tracker \\(process ${owner.child.pid}\\)`))
    assert.equal((await fetch(`${owner.api}/health`)).status, 200)
  })

  test('the directory cannot be made or written to', async (t) => {
    const parent = await folder(t)
    const file = join(parent, 'file')
    await writeFile(file, 'not a folder')
    for (const dataDir of [join(file, 'data'), file]) {
      const result = await runAspara(['tracker', '--port', '0', '--data-dir', dataDir])
      assertSentence(result, new RegExp(`The data directory ${dataDir} can't be written to \\(it is not a folder\\)`))
    }
    if (process.platform === 'linux') {
      const result = await runAspara(['tracker', '--port', '0', '--data-dir', '/proc/aspara/data'])
      assertSentence(result, /The data directory \/proc\/aspara\/data can't be written to/)
    }
  })

  test('the directory may not be written to by this user', {
    skip: process.getuid?.() === 0 && 'root may',
  }, async (t) => {
    const dataDir = join(await folder(t), 'closed')
    await mkdir(dataDir)
    await chmod(dataDir, 0o500)
    const result = await runAspara(['tracker', '--port', '0', '--data-dir', dataDir])
    assertSentence(result, /The data directory .* can't be written to \(EACCES\)/)
  })

  test('what lies in the directory is not its own', async (t) => {
    const dataDir = await folder(t)
    await writeFile(join(dataDir, 'aspara.db'), 'Dear diary, '.repeat(1_000))
    const result = await runAspara(['tracker', '--port', '0', '--data-dir', dataDir])
    assertSentence(result, /aspara\.db can't be opened: file is not a database/)
  })
})

suite('projects and runs', () => {
  let tracker: TrackerProcess
  let ofTracker: string[]
  before(async () => {
    tracker = await startTracker({ args: ['--token', 'secret-of-twenty-signs'] })
    ofTracker = ['--tracker-uri', `${tracker.url}/tracker`, '--token', 'secret-of-twenty-signs']
  })
  after(() => tracker.stop())

  const post = async (path: string, body: unknown) => {
    const answer = await ask('POST', `${tracker.api}${path}`, body, { authorization: 'Bearer secret-of-twenty-signs' })
    assert.equal(answer.status, 200, JSON.stringify(answer.body))
  }

  test('say so when there are none yet', async () => {
    assert.deepEqual(await runAspara(['projects', ...ofTracker]), {
      exitCode: 0,
      stdout: 'No projects yet.\n',
      stderr: '',
    })
    const json = await runAspara(['projects', '--json', ...ofTracker])
    assert.deepEqual(JSON.parse(json.stdout), { projects: [] })
  })

  test('are listed in columns, newest run first, and shown one by one', async () => {
    await post('/projects/digits/runs', {
      name: 'first',
      tags: ['baseline'],
      config: { lr: 0.1 },
      project_tags: ['vision'],
    })
    await post('/projects/digits/runs/first/metrics', { step: 7, metrics: { loss: 0.5, accuracy: 'NaN' } })
    await post('/projects/digits/runs/first/finish', { exit_code: 3 })
    await post('/projects/digits/runs', { name: 'second', notes: 'with dropout' })

    const projects = (await runAspara(['projects', ...ofTracker])).stdout.split('\n')
    assert.match(projects[0], /^PROJECT +RUNS +HEARD +TAGS$/)
    assert.match(projects[1], /^digits +2 +\d+s ago +vision$/)

    const runs = (await runAspara(['runs', 'digits', ...ofTracker])).stdout.split('\n')
    assert.match(runs[0], /^RUN +STATUS +HEARD +POINTS +TAGS$/)
    assert.match(runs[1], /^● second +running +\d+s ago +0$/)
    assert.match(runs[2], /^✕ first +failed +\d+s ago +2 +baseline$/)

    const run = (await runAspara(['runs', 'digits', 'first', ...ofTracker])).stdout
    for (const line of [/^digits\/first$/m, /^status +✕ failed \(exit code 3\)$/m, /^config\.lr +0\.1$/m]) {
      assert.match(run, line)
    }
    assert.match(run, /^METRIC +POINTS +LAST STEP +LAST +MIN +MAX$/m)
    assert.match(run, /^loss +1 +7 +0\.5 +0\.5 +0\.5$/m)
    assert.match(run, /^accuracy +1 +7 +NaN$/m)
  })

  test('are what the API answers with --json', async () => {
    const api = async (path: string) =>
      (await ask('GET', `${tracker.api}${path}`, undefined, { authorization: 'Bearer secret-of-twenty-signs' })).body
    const json = async (...args: string[]) => JSON.parse((await runAspara([...args, '--json', ...ofTracker])).stdout)
    assert.deepEqual(await json('projects'), { projects: (await api('/projects')).projects })
    assert.deepEqual(await json('runs', 'digits'), { runs: (await api('/projects/digits/runs')).runs })
    assert.deepEqual(await json('runs', 'digits', 'first'), await api('/projects/digits/runs/first'))
  })

  test('find tracker and token in the environment', async () => {
    const environment = { ASPARA_TRACKER_URI: tracker.url, ASPARA_TOKEN: 'secret-of-twenty-signs' }
    const { exitCode, stdout } = await runAspara(['projects'], environment)
    assert.equal(exitCode, 0)
    assert.match(stdout, /^digits /m)
  })

  test('more than a page of them are all there', async () => {
    const names = Array.from({ length: 1_001 }, (_, index) => `p${String(index).padStart(4, '0')}`)
    await Promise.all(names.map((name) => post(`/projects/${name}/runs/r/metrics`, { metrics: { a: 1 } })))
    const { stdout } = await runAspara(['projects', '--json', ...ofTracker])
    const listed = JSON.parse(stdout).projects.map((project: { name: string }) => project.name)
    assert.deepEqual(listed, ['digits', ...names])
  })

  test('a tracker that refuses is quoted in one sentence', async () => {
    const uri = ['--tracker-uri', tracker.url]
    assertSentence(await runAspara(['projects', ...uri]), /says: A token is required/)
    assertSentence(await runAspara(['projects', ...uri, '--token', 'wrong']), /says: A token is required/)
    assertSentence(await runAspara(['runs', 'unknown', ...ofTracker]), /says: Project not found/)
    assertSentence(await runAspara(['runs', 'digits', 'unknown', ...ofTracker]), /says: Run not found/)
    assertSentence(await runAspara(['runs', 'no/such name', ...ofTracker]), /says: Invalid project name/)
  })

  test('no tracker where one was expected is a sentence that helps', async (t) => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const { port } = other.address() as { port: number }
    await new Promise((closed) => other.close(closed))
    const uri = `http://127.0.0.1:${port}`
    assertSentence(
      await runAspara(['projects', '--tracker-uri', uri]),
      new RegExp(`no tracker answers on ${uri}: start one with aspara tracker, or name it with --tracker-uri`),
    )

    // Something else listens there, which answers with a page.
    const { createServer: createHttpServer } = await import('node:http')
    const page = createHttpServer((_request, response) => response.end('<h1>Hello</h1>')).listen(0, '127.0.0.1')
    t.after(() => page.close())
    await once(page, 'listening')
    const address = `http://127.0.0.1:${(page.address() as { port: number }).port}`
    assertSentence(await runAspara(['projects', '--tracker-uri', address]), /is not an Aspara tracker/)
  })
})

suite('who may start and reach a tracker', () => {
  test('without a token it does not start on an address that others can reach, and says how it would', async (t) => {
    const result = await runAspara(['tracker', '--host', '0.0.0.0', '--port', '0', '--data-dir', await folder(t)])
    assertSentence(result, /On 0\.0\.0\.0 others can reach the tracker: .*--token TOKEN or ASPARA_TOKEN.*--no-auth/)
  })

  test('with --no-auth it does, and is open', async (t) => {
    const tracker = await startTracker({ args: ['--host', '0.0.0.0', '--no-auth'] })
    t.after(() => tracker.stop())
    const api = tracker.api.replace('0.0.0.0', '127.0.0.1')
    await must('POST', `${api}/projects/p/runs/r/metrics`, { metrics: { loss: 1 } })
    assert.equal((await must('GET', `${api}/projects`)).projects.length, 1)
  })

  test('with a token every call but health needs it; pages that hold no data do not', async (t) => {
    const tracker = await startTracker({ args: ['--host', '0.0.0.0'], env: { ASPARA_TOKEN: 'open-sesame-and-close' } })
    t.after(() => tracker.stop())
    const origin = tracker.url.replace('0.0.0.0', '127.0.0.1')
    const { paths } = await must('GET', `${origin}/tracker/docs/tracker/json`)
    const calls = Object.entries<object>(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => [method.toUpperCase(), path.replaceAll(/\{\w+\}/g, 'x')]),
    )
    assert.ok(calls.length > 15, 'the document has lost its calls')
    calls.push(
      ['GET', '/metrics'],
      ['GET', '/api/v1/projects'],
      ['PUT', '/tracker/api/v1/projects'],
      ['GET', '/nowhere'],
    )
    const tokens = {
      none: undefined,
      wrong: 'Bearer open',
      prefix: 'Bearer open-sesame-and-close2',
      scheme: 'Basic open-sesame-and-close',
    }
    for (const [method, path] of calls) {
      const send = (authorization?: string) =>
        ask(method, `${origin}${path}`, undefined, authorization ? { authorization } : {})
      if (path.endsWith('/health')) {
        assert.equal((await send()).status, 200)
        continue
      }
      for (const [name, token] of Object.entries(tokens)) {
        const refused = await send(token)
        assert.equal(refused.status, 401, `${method} ${path} with token: ${name}`)
        assert.match(refused.headers.get('www-authenticate') ?? '', /^Bearer/)
        if (method !== 'HEAD') assert.match(refused.body.detail, /^A token is required/)
      }
      assert.notEqual((await send('Bearer open-sesame-and-close')).status, 401, `${method} ${path}`)
      assert.notEqual((await send('bearer open-sesame-and-close')).status, 401, 'the scheme is written as one likes')
    }
    const open = ['/', '/projects/p', '/early.js', '/icon.svg', '/tracker/docs/tracker', '/tracker/docs/tracker/redoc']
    const page = await (await fetch(origin)).text()
    open.push(...Array.from(page.matchAll(/"(\/assets\/[^"]+)"/g), ([, asset]) => asset!))
    assert.ok(open.length > 7, 'the page has a script and a style')
    for (const path of open) assert.equal((await ask('GET', `${origin}${path}`)).status, 200, path)
    assert.equal(
      tracker.log.filter((line) => line.includes('open-sesame-and-close')).length,
      0,
      'the log holds the token',
    )
  })
})

test('read-only answers every question, refuses every write with 403, and changes nothing', async (t) => {
  const dataDir = await folder(t)
  const writable = await startTracker({ dataDir })
  const kept = `${writable.api}/projects/p/runs/kept`
  await must('POST', `${writable.api}/projects/p/runs`, { name: 'kept', config: { a: 1 } })
  await must('POST', `${kept}/metrics`, { step: 1, metrics: { loss: 0.5 } })
  await writable.stop()

  const tracker = await startTracker({ dataDir, args: ['--read-only'] })
  t.after(() => tracker.stop())
  const run = `${tracker.api}/projects/p/runs/kept`
  const everything = async () =>
    Promise.all(
      [`${tracker.api}/projects`, run, `${run}/metrics/export`, `${run}/artifacts`].map((url) => ask('GET', url)),
    )
  const before = (await everything()).map(({ status, body }) => [status, body])
  assert.deepEqual(
    before.map(([status]) => status),
    [200, 200, 200, 200],
  )

  const { paths } = await must('GET', `${tracker.url}/tracker/docs/tracker/json`)
  let writes = 0
  for (const [path, methods] of Object.entries<object>(paths)) {
    for (const method of Object.keys(methods).map((name) => name.toUpperCase())) {
      if (method === 'GET' || method === 'HEAD') continue
      const url = `${tracker.url}${path.replace('{project}', 'p').replace('{run}', 'kept').replace('{artifact}', 'a')}`
      const { status, body } = await ask(method, url, { metrics: { loss: 1 }, tags: ['t'], config: {}, summary: {} })
      assert.equal(status, 403, `${method} ${path}`)
      assert.deepEqual(body, { detail: 'This tracker is read-only: nothing was stored' })
      writes++
    }
  }
  assert.ok(writes >= 10, `${writes} writes tried`)
  assert.deepEqual(
    (await everything()).map(({ status, body }) => [status, body]),
    before,
  )
})
