import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { test } from 'node:test'
import { collect, deleteForGood, download, eventually, newProject, newRun, refused, upload } from './ask-store.ts'
import { seededRandom } from './random.ts'
import type { StoreUnderTest } from './store-suite.ts'

const sha256 = (bytes: Uint8Array | string) => createHash('sha256').update(bytes).digest('hex')

export function artifactBehaviour(tested: StoreUnderTest): void {
  async function runIn(project: string, run = 'r') {
    await tested.store.catalog.createRun(newRun(project, run))
    return { project, run }
  }

  test('what is uploaded is read back byte by byte, whole or in part', async () => {
    const { artifacts } = tested.store
    const address = await runIn(newProject('artifacts'))
    const random = seededRandom(3)
    const bytes = Uint8Array.from({ length: 300_000 }, () => random.below(256))
    const pieces = [0, 1, 70_000, 70_000, 299_999].map((start, index, starts) =>
      Buffer.from(bytes.subarray(start, starts[index + 1] ?? bytes.length)),
    )
    const file = await artifacts.receive(Readable.from(pieces))
    assert.deepEqual([file.size, file.sha256], [300_000, sha256(bytes)])
    await artifacts.keep(file, { ...address, name: 'model.pt', description: 'die Gewichte 🙂', category: 'model' })
    const { created_at, ...found } = await artifacts.find({ ...address, name: 'model.pt' })
    const expected = { name: 'model.pt', file_size: 300_000, sha256: sha256(bytes), description: 'die Gewichte 🙂' }
    assert.deepEqual(found, { ...expected, category: 'model' })
    assert.ok(Math.abs(Date.parse(created_at) - Date.now()) < 60_000)
    assert.deepEqual((await artifacts.list(address, {})).artifacts, [{ ...found, created_at }])
    const name = 'model.pt'
    assert.ok((await download(tested.store, { ...address, name })).equals(bytes))
    for (const [start, end] of [
      [0, 0],
      [100, 65_636],
      [299_999, 299_999],
    ]) {
      const part = await download(tested.store, { ...address, name }, { start, end })
      assert.ok(part.equals(bytes.subarray(start, end + 1)))
    }
  })

  test('an empty file is an artifact', async () => {
    const address = await runIn(newProject('artifacts'))
    await upload(tested.store, { ...address, name: 'empty' }, '')
    assert.equal((await tested.store.artifacts.find({ ...address, name: 'empty' })).file_size, 0)
    assert.equal((await download(tested.store, { ...address, name: 'empty' })).length, 0)
  })

  test('an artifact that is not there is told from a run that is not', async () => {
    const address = await runIn(newProject('artifacts'))
    await refused(tested.store.artifacts.find({ ...address, name: 'a' }), 'artifactNotFound')
    await refused(tested.store.artifacts.find({ ...address, run: 'unknown', name: 'a' }), 'runNotFound')
  })

  test('the same bytes are kept once, under as many names as they are given', async () => {
    const project = newProject('artifacts')
    const before = await tested.artifactFiles()
    for (const run of ['r', 's']) await runIn(project, run)
    const bytes = `only in ${project}`
    await Promise.all(['a', 'b', 'c', 'd'].map((name) => upload(tested.store, { project, run: 'r', name }, bytes)))
    await upload(tested.store, { project, run: 's', name: 'a' }, bytes)
    assert.equal(await tested.artifactFiles(), before + 1)
    await deleteForGood(tested.store, { project, run: 'r' })
    assert.equal(String(await download(tested.store, { project, run: 's', name: 'a' })), bytes)
    await deleteForGood(tested.store, { project, run: 's' })
    await eventually('the last name took the file with it', async () => (await tested.artifactFiles()) === before)
  })

  test('an artifact of the same name is replaced, and the old bytes go', async () => {
    const project = newProject('artifacts')
    const address = { ...(await runIn(project)), name: 'log.txt' }
    const before = await tested.artifactFiles()
    await upload(tested.store, { ...address, description: 'old', category: 'data' }, `old ${project}`)
    await upload(tested.store, address, `new ${project}`)
    const { file_size, description, category } = await tested.store.artifacts.find(address)
    assert.deepEqual([file_size, description, category], [`new ${project}`.length, null, null])
    assert.equal(String(await download(tested.store, address)), `new ${project}`)
    assert.equal((await tested.store.artifacts.list(address, {})).artifacts.length, 1)
    await eventually('the old file is gone', async () => (await tested.artifactFiles()) === before + 1)
    await upload(tested.store, address, `new ${project}`)
    assert.equal(String(await download(tested.store, address)), `new ${project}`)
  })

  test('an upload for a run that is not there leaves nothing', async () => {
    const project = newProject('artifacts')
    const before = await tested.artifactFiles()
    const nowhere = upload(tested.store, { project, run: 'r', name: 'a' }, `lost ${project}`)
    await refused(nowhere, 'runNotFound')
    assert.equal(await tested.artifactFiles(), before)
    await refused(tested.store.catalog.readProject({ project }), 'projectNotFound')
  })

  test('an upload for a run that is not there does not take the file of another with it', async () => {
    const project = newProject('artifacts')
    const address = { ...(await runIn(project)), name: 'a' }
    await upload(tested.store, address, `shared ${project}`)
    await refused(upload(tested.store, { ...address, run: 'unknown' }, `shared ${project}`), 'runNotFound')
    assert.equal(String(await download(tested.store, address)), `shared ${project}`)
  })

  test('an upload that breaks off, or is thrown away, leaves nothing', async () => {
    const { artifacts } = tested.store
    const before = await tested.artifactFiles()
    async function* broken() {
      yield Buffer.from('the first half')
      throw new Error('connection lost')
    }
    await assert.rejects(artifacts.receive(Readable.from(broken())), /connection lost/)
    assert.equal(await tested.artifactFiles(), before)
    const file = await artifacts.receive(Readable.from([Buffer.from('never kept')]))
    assert.equal(await tested.artifactFiles(), before + 1)
    await artifacts.discard(file)
    await artifacts.discard(file)
    assert.equal(await tested.artifactFiles(), before)
  })

  test('a file is there for whoever has its name, however uploads and deletions of its twins cross', async () => {
    const { artifacts } = tested.store
    const project = newProject('twins')
    const bytes = `twins of ${project}`
    const before = await tested.artifactFiles()
    for (let round = 0; round < 16; round++) {
      const [old, young] = [`old${round}`, `young${round}`]
      await runIn(project, old)
      await runIn(project, young)
      await upload(tested.store, { project, run: old, name: 'a' }, bytes)
      // Received before, so that keeping it meets the deletion at another point each time.
      const file = await artifacts.receive(Readable.from([Buffer.from(bytes)]))
      const kept = artifacts.keep(file, { project, run: young, name: 'a', description: null, category: null })
      for (let turn = 0; turn < round % 8; turn++) await new Promise(setImmediate)
      await Promise.all([kept, deleteForGood(tested.store, { project, run: old })])
      assert.equal(String(await download(tested.store, { project, run: young, name: 'a' })), bytes, `round ${round}`)
      await deleteForGood(tested.store, { project, run: young })
    }
    await eventually('the file is gone with its last name', async () => (await tested.artifactFiles()) === before)
  })

  test('a download that has begun goes on when its artifact is replaced', async () => {
    const { artifacts } = tested.store
    const project = newProject('artifacts')
    const address = { ...(await runIn(project)), name: 'a' }
    const before = await tested.artifactFiles()
    const old = Buffer.alloc(500_000, `old ${project}`)
    await upload(tested.store, address, old)
    const reading = artifacts.read(await artifacts.find(address))
    await new Promise((resolve) => reading.once('readable', resolve))
    await upload(tested.store, address, 'new')
    await eventually('the old file is gone', async () => (await tested.artifactFiles()) === before + 1)
    assert.ok((await collect(reading)).equals(old))
  })
}
