import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { readdir } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { ask, deleteForGood, must, upload } from '../testing/ask.ts'
import { exchange, RawConnection } from '../testing/raw-connection.ts'
import { startTracker, type TrackerProcess } from '../testing/tracker-process.ts'

let tracker: TrackerProcess
let runs: string
before(async () => {
  tracker = await startTracker()
  runs = `${tracker.api}/projects/p/runs`
})
after(() => tracker.stop())

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

async function newRun(name: string): Promise<string> {
  await must('POST', runs, { name })
  return `${runs}/${name}`
}

/** Files in a folder of the data directory, folders under it included. */
async function filesIn(...folder: string[]): Promise<string[]> {
  const found = await readdir(join(tracker.dataDir, 'artifacts', ...folder), { recursive: true, withFileTypes: true })
  return found.filter((entry) => entry.isFile()).map((entry) => entry.name)
}

/** Resolves once it holds; asking the tracker between two looks gives it the time. */
async function eventually(holds: () => Promise<boolean>): Promise<void> {
  const untilMs = performance.now() + 5_000
  while (!(await holds())) {
    assert.ok(performance.now() < untilMs, 'not within 5 s')
    await must('GET', `${tracker.api}/health`)
  }
}

suite('an upload', () => {
  test('is kept with what the form says of it, and comes back byte by byte', async () => {
    const run = await newRun('form')
    const bytes = randomBytes(3 * 1024 * 1024 + 17)
    const fields = { name: 'weights-1.0.bin', description: 'After épöch 7', category: 'model' }
    const { status, body } = await upload(run, bytes, fields)
    assert.equal(status, 200)
    assert.deepEqual(body, {
      status: 'ok',
      artifact_name: 'weights-1.0.bin',
      file_size: bytes.length,
      sha256: sha256(bytes),
    })
    const { artifacts } = await must('GET', `${run}/artifacts`)
    const { created_at, ...artifact } = artifacts[0]
    assert.deepEqual(artifact, {
      name: 'weights-1.0.bin',
      file_size: bytes.length,
      sha256: sha256(bytes),
      description: 'After épöch 7',
      category: 'model',
    })
    assert.ok(Math.abs(Date.parse(created_at) - Date.now()) < 60_000)
    const back = await fetch(`${run}/artifacts/weights-1.0.bin`)
    assert.ok(Buffer.from(await back.arrayBuffer()).equals(bytes))
  })

  test('may have its file before, between or after the fields', async () => {
    const run = await newRun('order')
    const file = () => ['file', new Blob(['x'.repeat(200_000)]), 'own.txt'] as const
    const parts = [
      [file(), ['name', 'a.txt'], ['category', 'data']],
      [['name', 'b.txt'], file(), ['category', 'data']],
      [['name', 'c.txt'], ['category', 'data'], file()],
    ] as const
    for (const order of parts) {
      const form = new FormData()
      for (const part of order) form.append(...(part as [string, string]))
      const response = await fetch(`${run}/artifacts`, { method: 'POST', body: form })
      assert.equal(response.status, 200, await response.text())
    }
    const { artifacts } = await must('GET', `${run}/artifacts`)
    assert.deepEqual(
      artifacts.map(({ name, category, file_size }: Record<string, unknown>) => [name, category, file_size]),
      ['a.txt', 'b.txt', 'c.txt'].map((name) => [name, 'data', 200_000]),
    )
  })

  test('without a name, or with an empty one, gets that of its file, without the folders', async () => {
    const run = await newRun('unnamed')
    const bytes = Buffer.from('x')
    assert.equal((await upload(run, bytes, {}, 'plain.txt')).body.artifact_name, 'plain.txt')
    assert.equal((await upload(run, bytes, { name: '' }, 'empty.txt')).body.artifact_name, 'empty.txt')
    const { body } = await upload(run, bytes, {}, 'some/where/nested.txt')
    assert.equal(body.artifact_name, 'nested.txt')
  })

  test('of no bytes is an artifact too', async () => {
    const run = await newRun('empty')
    const { status, body } = await upload(run, Buffer.alloc(0), { name: 'empty' })
    assert.equal(status, 200)
    assert.deepEqual(body, { status: 'ok', artifact_name: 'empty', file_size: 0, sha256: sha256(Buffer.alloc(0)) })
    const back = await fetch(`${run}/artifacts/empty`)
    assert.equal(back.status, 200)
    assert.equal(back.headers.get('content-length'), '0')
    assert.equal(await back.text(), '')
    assert.equal((await fetch(`${run}/artifacts/empty`, { headers: { range: 'bytes=0-' } })).status, 416)
    assert.equal((await fetch(`${run}/artifacts/empty`, { method: 'HEAD' })).headers.get('content-length'), '0')
  })

  test('under a name that is taken replaces what was there, and the disk comes back', async () => {
    const run = await newRun('replaced')
    const [first, second] = [randomBytes(10_000), randomBytes(20_000)]
    await upload(run, first, { name: 'a', description: 'first', category: 'data' })
    assert.equal((await upload(run, second, { name: 'a' })).status, 200)
    const { artifacts } = await must('GET', `${run}/artifacts`)
    assert.equal(artifacts.length, 1)
    assert.deepEqual(
      [artifacts[0].sha256, artifacts[0].description, artifacts[0].category],
      [sha256(second), null, null],
    )
    const back = await fetch(`${run}/artifacts/a`)
    assert.ok(Buffer.from(await back.arrayBuffer()).equals(second))
    await eventually(async () => !(await filesIn('sha256')).includes(sha256(first)))
  })

  test('of bytes that are there already takes no room, and they go with the last of their names', async () => {
    const [one, two] = [await newRun('dedupe-1'), await newRun('dedupe-2')]
    const bytes = randomBytes(50_000)
    await Promise.all([one, two].flatMap((run) => ['a', 'b'].map((name) => upload(run, bytes, { name }))))
    const copies = async () => (await filesIn('sha256')).filter((name) => name === sha256(bytes)).length
    assert.equal(await copies(), 1)
    await deleteForGood(one)
    await upload(two, randomBytes(10), { name: 'a' })
    assert.equal((await fetch(`${two}/artifacts/b`)).status, 200)
    assert.equal(await copies(), 1)
    await deleteForGood(two)
    await eventually(async () => (await copies()) === 0)
  })

  test('to a run that is not there is a 404, also when it is large', async () => {
    const { status, body } = await upload(`${runs}/absent`, randomBytes(5_000_000))
    assert.equal(status, 404)
    assert.deepEqual(body, { detail: 'Run not found' })
  })

  test('that is refused leaves nothing behind, whatever is wrong with it', async () => {
    const run = await newRun('refused')
    const bytes = randomBytes(2_000_000)
    const kept = await filesIn('sha256')
    const refused: [Record<string, string>, number][] = [
      [{ name: '../a' }, 400],
      [{ name: '..a' }, 400],
      [{ name: 'a', category: 'cat' }, 400],
      [{ name: 'a', description: 'x'.repeat(10_001) }, 422],
    ]
    for (const [fields, expected] of refused) assert.equal((await upload(run, bytes, fields)).status, expected)

    const twice = new FormData()
    for (const name of ['one', 'two']) twice.append('file', new Blob([bytes]), name)
    const otherField = new FormData()
    otherField.append('files', new Blob([bytes]), 'a')
    const noFile = new FormData()
    noFile.append('name', 'a')
    for (const form of [twice, otherField, noFile]) {
      const response = await fetch(`${run}/artifacts`, { method: 'POST', body: form })
      assert.equal(response.status, 422, await response.text())
    }
    assert.deepEqual((await must('GET', `${run}/artifacts`)).artifacts, [])
    assert.deepEqual(await filesIn('incoming'), [])
    assert.deepEqual(await filesIn('sha256'), kept)
  })

  test('that breaks off in the middle leaves nothing behind, and the tracker goes on', async () => {
    const run = await newRun('broken-off')
    const kept = await filesIn('sha256')
    const part = '--b\r\nContent-Disposition: form-data; name="file"; filename="a.bin"\r\n\r\n'
    const head = (length: number) => [
      `POST ${new URL(run).pathname}/artifacts HTTP/1.1`,
      'Host: localhost',
      'Content-Type: multipart/form-data; boundary=b',
      `Content-Length: ${length}`,
    ]
    for (const abort of ['reset', 'end'] as const) {
      const connection = await RawConnection.open(tracker.port)
      connection.send(head(10_000_000), part + 'x'.repeat(1_000_000))
      await eventually(async () => (await filesIn('incoming')).length === 1)
      if (abort === 'reset') connection.socket.resetAndDestroy()
      else connection.socket.end()
      await eventually(async () => (await filesIn('incoming')).length === 0)
    }
    // In the head of a part, where no file has begun yet, and after the file, in the fields.
    const early = await RawConnection.open(tracker.port)
    early.send(head(10_000_000), part.slice(0, 30))
    await must('GET', `${tracker.api}/health`)
    early.socket.resetAndDestroy()
    const late = await RawConnection.open(tracker.port)
    late.send(head(10_000_000), `${part}xyz\r\n--b\r\nContent-Disposition: form-data; name="name"\r\n\r\nhal`)
    await eventually(async () => (await filesIn('incoming')).length === 1)
    late.socket.resetAndDestroy()
    await eventually(async () => (await filesIn('incoming')).length === 0)

    // A body that ends where it said it would, in the middle of the form.
    const body = `${part}xyz`
    const { status } = await exchange(tracker.port, [...head(body.length), 'Connection: close'], body)
    assert.equal(status, 400)
    assert.deepEqual(await filesIn('incoming'), [])
    assert.deepEqual(await filesIn('sha256'), kept)
    assert.deepEqual((await must('GET', `${run}/artifacts`)).artifacts, [])
    assert.equal((await upload(run, Buffer.from('whole'), { name: 'a' })).status, 200)
  })
})

suite('a download', () => {
  const bytes = Buffer.from(Array.from({ length: 1_000 }, (_, index) => index % 251))
  const etag = `"${sha256(bytes)}"`
  let artifact: string
  before(async () => {
    const run = await newRun('download')
    await upload(run, bytes, { name: 'a.bin' })
    artifact = `${run}/artifacts/a.bin`
  })

  const get = async (headers: Record<string, string> = {}, method = 'GET') => {
    const response = await fetch(artifact, { method, headers })
    return { status: response.status, headers: response.headers, bytes: Buffer.from(await response.arrayBuffer()) }
  }

  test('is a file to save, which no browser shows or guesses at', async () => {
    const { status, headers } = await get()
    assert.equal(status, 200)
    assert.equal(headers.get('content-type'), 'application/octet-stream')
    assert.equal(headers.get('content-disposition'), 'attachment; filename="a.bin"')
    assert.equal(headers.get('x-content-type-options'), 'nosniff')
    assert.equal(headers.get('content-length'), '1000')
    assert.equal(headers.get('accept-ranges'), 'bytes')
    assert.equal(headers.get('etag'), etag)
  })

  const ranges: [string, number, number][] = [
    ['bytes=0-0', 0, 0],
    ['bytes=0-999', 0, 999],
    ['bytes=10-19', 10, 19],
    ['bytes=990-', 990, 999],
    ['bytes=999-', 999, 999],
    ['bytes=-1', 999, 999],
    ['bytes=-1000', 0, 999],
    ['bytes=-5000', 0, 999],
    ['bytes=0-5000', 0, 999],
    ['bytes= 10-19', 10, 19],
  ]
  for (const [range, start, end] of ranges) {
    test(`of ${range} is the bytes from ${start} to ${end}`, async () => {
      const { status, headers, bytes: part } = await get({ range })
      assert.equal(status, 206)
      assert.equal(headers.get('content-range'), `bytes ${start}-${end}/1000`)
      assert.equal(headers.get('content-length'), String(end - start + 1))
      assert.equal(headers.get('etag'), etag)
      assert.ok(part.equals(bytes.subarray(start, end + 1)))
    })
  }

  for (const range of ['bytes=0-1,5-6', 'lines=0-5', 'bytes', 'bytes=', 'bytes=a-b', 'bytes=5-1', 'bytes=--5']) {
    test(`of ${range}, which is none or several, is the whole`, async () => {
      const { status, headers, bytes: whole } = await get({ range })
      assert.equal(status, 200)
      assert.equal(headers.get('content-range'), null)
      assert.ok(whole.equals(bytes))
    })
  }

  for (const range of ['bytes=1000-', 'bytes=1000-2000', 'bytes=5000-', 'bytes=-0']) {
    test(`of ${range}, which it does not have, is a 416 that says how long it is`, async () => {
      const { status, headers, bytes: body } = await get({ range })
      assert.equal(status, 416)
      assert.equal(headers.get('content-range'), 'bytes */1000')
      assert.match(headers.get('content-type') ?? '', /^application\/json/)
      assert.deepEqual(JSON.parse(body.toString()), {
        detail: 'Range not satisfiable: the artifact has 1000 bytes',
      })
      assert.equal(headers.get('content-disposition'), null, 'a problem is no file to save')
    })
  }

  test('whose ETag is known is not sent again', async () => {
    for (const known of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
      const { status, headers, bytes: body } = await get({ 'if-none-match': known })
      assert.equal(status, 304, known)
      assert.equal(headers.get('etag'), etag)
      assert.equal(body.length, 0)
      assert.equal((await get({ 'if-none-match': known }, 'HEAD')).status, 304)
    }
    for (const unknown of ['"other"', etag.slice(1, -1)]) {
      assert.equal((await get({ 'if-none-match': unknown })).status, 200, unknown)
    }
    // It is asked first: a range of what is known already is not sent either.
    assert.equal((await get({ 'if-none-match': etag, range: 'bytes=0-1' })).status, 304)
  })

  test('goes on with If-Range only when the artifact is still the same', async () => {
    assert.equal((await get({ range: 'bytes=5-', 'if-range': etag })).status, 206)
    const yesterday = new Date(Date.now() - 86_400_000).toUTCString()
    for (const condition of ['"other"', `W/${etag}`, yesterday]) {
      const { status, bytes: whole } = await get({ range: 'bytes=5-', 'if-range': condition })
      assert.equal(status, 200, condition)
      assert.ok(whole.equals(bytes))
    }
    // A range that is not there does not matter when the whole is to be sent.
    assert.equal((await get({ range: 'bytes=5000-', 'if-range': '"other"' })).status, 200)
  })

  test('asked by HEAD is the same headers and no bytes; a range is for GET alone', async () => {
    const [head, whole] = [await get({}, 'HEAD'), await get()]
    assert.equal(head.bytes.length, 0)
    for (const name of ['content-length', 'content-type', 'etag', 'content-disposition', 'accept-ranges']) {
      assert.equal(head.headers.get(name), whole.headers.get(name), name)
    }
    const ranged = await get({ range: 'bytes=0-1' }, 'HEAD')
    assert.equal(ranged.status, 200)
    assert.equal(ranged.headers.get('content-length'), '1000')
  })

  test('of an artifact, run or project that is not there is a 404 that says which', async () => {
    const cases = {
      [`${runs}/download/artifacts/absent`]: 'Artifact not found',
      [`${runs}/absent/artifacts/a.bin`]: 'Run not found',
      [`${tracker.api}/projects/absent/runs/download/artifacts/a.bin`]: 'Run not found',
    }
    for (const [url, detail] of Object.entries(cases)) {
      const { status, body } = await ask('GET', url)
      assert.deepEqual([status, body], [404, { detail }])
    }
  })

  test('that breaks off in the middle leaves the tracker as it was', async () => {
    const run = await newRun('dropped')
    const large = randomBytes(20_000_000)
    await upload(run, large, { name: 'large' })
    for (let count = 0; count < 5; count++) {
      const socket = connect({ port: tracker.port, host: '127.0.0.1' })
      socket.on('error', () => {})
      socket.write(`GET ${new URL(run).pathname}/artifacts/large HTTP/1.1\r\nHost: localhost\r\n\r\n`)
      await once(socket, 'data')
      socket.resetAndDestroy()
    }
    const back = await fetch(`${run}/artifacts/large`)
    assert.equal(sha256(Buffer.from(await back.arrayBuffer())), sha256(large))
    assert.doesNotMatch(tracker.log.join('\n'), /"level":(50|60)/)
  })

  test('is whole, old or new, while its artifact is being replaced', async () => {
    const run = await newRun('contended')
    const versions = Array.from({ length: 12 }, () => randomBytes(300_000))
    const known = new Set(versions.map(sha256))
    await upload(run, versions[0], { name: 'a' })
    let isOver = false
    const replacing = (async () => {
      for (const version of versions) assert.equal((await upload(run, version, { name: 'a' })).status, 200)
      isOver = true
    })()
    let downloads = 0
    while (!isOver) {
      const response = await fetch(`${run}/artifacts/a`)
      const got = Buffer.from(await response.arrayBuffer())
      assert.equal(response.status, 200, got.toString('utf8').slice(0, 200))
      assert.equal(response.headers.get('etag'), `"${sha256(got)}"`)
      assert.ok(known.has(sha256(got)))
      downloads++
    }
    await replacing
    assert.ok(downloads > 0)
  })
})

test('artifacts come in pages by name, each once', async () => {
  const run = await newRun('paged')
  const names = Array.from({ length: 7 }, (_, index) => `a${index}`)
  for (const name of names.toReversed()) await upload(run, Buffer.from(name), { name })
  const seen: string[] = []
  let url: string | undefined = `${run}/artifacts?limit=3`
  while (url) {
    const { artifacts, next_cursor } = await must('GET', url)
    assert.ok(artifacts.length <= 3)
    seen.push(...artifacts.map(({ name }: { name: string }) => name))
    url = next_cursor === null ? undefined : `${run}/artifacts?limit=3&cursor=${encodeURIComponent(next_cursor)}`
  }
  assert.deepEqual(seen, names)
  assert.equal((await ask('GET', `${runs}/absent/artifacts`)).status, 404)
})
