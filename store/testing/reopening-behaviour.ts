import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { download, eventually, exportPoints, exportText, newProject, newRun, refused, upload } from './ask-store.ts'
import { batch, record } from './plain-appends.ts'
import type { StoreUnderTest } from './store-suite.ts'

/** What is done before the store is closed and opened again, once for all of them, and what must be so after. */
interface Case {
  name: string
  before(): Promise<void>
  after(): Promise<void>
}

export function reopeningBehaviour(tested: StoreUnderTest): void {
  const cases = [whole(tested), batches(tested), deleted(tested), underWay(tested)]
  // The last one leaves its deeds under way.
  before(async () => {
    for (const each of cases) await each.before()
    await tested.reopen()
  })
  for (const each of cases) test(each.name, () => each.after())
}

function whole(tested: StoreUnderTest): Case {
  const project = newProject('reopened')
  const address = { project, run: 'r' }
  const look = async () => ({
    project: await tested.store.catalog.readProject({ project }),
    runs: await tested.store.catalog.listRuns({ project }, {}),
    points: await exportText(tested.store, address),
    writers: await tested.store.catalog.listWriters(address, {}),
    artifacts: await tested.store.artifacts.list(address, {}),
    bytes: String(await download(tested.store, { ...address, name: 'file' })),
  })
  let seen: Awaited<ReturnType<typeof look>>
  return {
    name: 'everything is as it was',
    async before() {
      const { catalog, journal } = tested.store
      await catalog.createRun(newRun(project, 'r', { config: { a: [1] }, tags: ['t'], notes: 'n', projectTags: ['p'] }))
      await catalog.createRun(newRun(project, 's'))
      await catalog.mergeIntoRun({ ...address, part: 'summary', document: { best: 0.9 } })
      await catalog.finishRun({ ...address, exitCode: 2 })
      const metrics = { a: [Number.NaN, 1], b: [null, -0] }
      await journal.appendBatch(batch({ project, sequence: 0, steps: [4, 2], metrics }))
      await journal.appendRecord({ ...record('r', 3, { a: 5 }, 1.5), project })
      await upload(tested.store, { ...address, name: 'file', description: 'd', category: 'code' }, 'bytes')
      seen = await look()
    },
    async after() {
      assert.deepEqual(await look(), seen)
    },
  }
}

function batches(tested: StoreUnderTest): Case {
  const project = newProject('reopened')
  const send = (sequence: number) =>
    tested.store.journal.appendBatch(batch({ project, sequence, steps: [null, null], metrics: { a: [1, 2] } }))
  return {
    name: 'a batch that was stored before is known after, and steps and sequences go on',
    async before() {
      await send(0)
      await send(1)
    },
    async after() {
      assert.deepEqual(await send(1), { next_sequence: 2, duplicate: true })
      assert.deepEqual(await send(0), { next_sequence: 1, duplicate: true })
      assert.deepEqual((await refused(send(3), 'sequenceGap')).extra, { expected_sequence: 2 })
      assert.deepEqual(await send(2), { next_sequence: 3, duplicate: false })
      await tested.store.journal.appendRecord({ ...record('r', null, { a: 3 }), project })
      const points = await exportPoints(tested.store, { project, run: 'r' })
      assert.deepEqual(
        points.map((point) => point.step),
        [0, 1, 2, 3, 4, 5, 6],
      )
    },
  }
}

function underWay(tested: StoreUnderTest): Case {
  const project = newProject('reopened')
  let appends: Promise<void>[] = []
  return {
    name: 'what was under way when the store closed is there',
    async before() {
      appends = Array.from({ length: 100 }, (_, step) =>
        tested.store.journal.appendRecord({ ...record('r', step, { a: step }), project }),
      )
    },
    async after() {
      await Promise.all(appends)
      assert.equal((await exportPoints(tested.store, { project, run: 'r' })).length, 100)
    },
  }
}

function deleted(tested: StoreUnderTest): Case {
  const project = newProject('reopened')
  const rows = 100_000
  let files = 0
  let bytes = 0
  return {
    name: 'what was deleted just before is cleared',
    async before() {
      files = await tested.artifactFiles()
      bytes = await tested.bytesOnDisk()
      const metrics = { a: Array.from({ length: rows }, (_, index) => Math.sin(index)) }
      await tested.store.journal.appendBatch(batch({ project, sequence: 0, steps: Array(rows).fill(null), metrics }))
      await upload(tested.store, { project, run: 'r', name: 'a' }, `of ${project}`)
      await tested.store.catalog.deleteProject({ project })
    },
    async after() {
      await refused(tested.store.catalog.readProject({ project }), 'projectNotFound')
      await eventually('the files are gone', async () => (await tested.artifactFiles()) === files)
      await eventually('the disk is given back', async () => (await tested.bytesOnDisk()) < bytes + 500_000)
    },
  }
}
