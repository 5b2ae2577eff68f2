import assert from 'node:assert/strict'
import { test } from 'node:test'
import { deleteForGood, eventually, exportPoints, newProject, newRun, refused, upload } from './ask-store.ts'
import { batch, record } from './plain-appends.ts'
import { seededRandom } from './random.ts'
import type { StoreUnderTest } from './store-suite.ts'

const MB = 1_000_000

export function deletionBehaviour(tested: StoreUnderTest): void {
  const append = (project: string, run: string, metrics: Record<string, number>) =>
    tested.store.journal.appendRecord({ ...record(run, null, metrics), project })

  test('a deleted run is gone at once, and its neighbours are as they were', async () => {
    const { catalog, artifacts } = tested.store
    const project = newProject('deleted')
    for (const run of ['r', 's']) {
      await append(project, run, { a: 1 })
      await upload(tested.store, { project, run, name: 'model.pt' }, 'same bytes')
    }
    const { writers: _, ...neighbour } = await catalog.readRun({ project, run: 's' })
    await catalog.deleteRun({ project, run: 'r' })
    await refused(catalog.readRun({ project, run: 'r' }), 'runNotFound')
    await refused(tested.store.series.listMetrics({ project, run: 'r' }), 'runNotFound')
    await refused(exportPoints(tested.store, { project, run: 'r' }), 'runNotFound')
    await refused(artifacts.find({ project, run: 'r', name: 'model.pt' }), 'runNotFound')
    await refused(catalog.deleteRun({ project, run: 'r' }), 'runNotFound')
    assert.deepEqual((await catalog.listRuns({ project }, {})).runs, [neighbour])
    assert.equal((await exportPoints(tested.store, { project, run: 's' })).length, 1)
    assert.equal((await artifacts.list({ project, run: 's' }, {})).artifacts.length, 1)
  })

  test('a run made anew under the name of a deleted one is empty', async () => {
    const { catalog, journal, artifacts } = tested.store
    const project = newProject('deleted')
    const address = { project, run: 'r' }
    const first = batch({ project, sequence: 0, steps: [10, 20], metrics: { a: [1, 2] } })
    await catalog.createRun(newRun(project, 'r', { config: { a: 1 }, tags: ['t'], notes: 'n' }))
    await journal.appendBatch(first)
    await upload(tested.store, { ...address, name: 'x' }, 'x')
    assert.equal((await tested.store.series.listMetrics(address))[0].count, 2)
    await catalog.deleteRun(address)

    await append(project, 'r', { a: 5 })
    const { config, tags, notes, metrics } = await catalog.readRun(address)
    assert.deepEqual({ config, tags, notes }, { config: {}, tags: [], notes: '' })
    assert.deepEqual(metrics, await tested.store.series.listMetrics(address))
    assert.equal(metrics[0].count, 1)
    assert.deepEqual(await exportPoints(tested.store, address), [{ metric: 'a', step: 0, timestamp: 0, value: 5 }])
    assert.deepEqual((await artifacts.list(address, {})).artifacts, [])
    const again = batch({ project, sequence: 0, steps: [1], metrics: { a: [1] } })
    assert.deepEqual(await journal.appendBatch(again), { next_sequence: 1, duplicate: false }, 'its writers begin anew')
  })

  test('a deleted project is gone with all of its runs, and made anew it is empty', async () => {
    const { catalog } = tested.store
    const [project, other] = [newProject('deleted'), newProject('other')]
    for (const run of ['a', 'b', 'c']) await catalog.createRun(newRun(project, run, { projectTags: ['t'] }))
    await catalog.describeProject({ project, description: { notes: 'n', display_name: 'd' } })
    await catalog.createRun(newRun(other, 'a'))
    await catalog.deleteProject({ project })
    await refused(catalog.readProject({ project }), 'projectNotFound')
    await refused(catalog.listRuns({ project }, {}), 'projectNotFound')
    await refused(catalog.readRun({ project, run: 'a' }), 'runNotFound')
    await refused(catalog.deleteProject({ project }), 'projectNotFound')
    await catalog.createRun(newRun(project, 'd'))
    const { tags, notes, display_name, runs } = await catalog.readProject({ project })
    assert.deepEqual({ tags, notes, display_name, runs }, { tags: [], notes: '', display_name: null, runs: 1 })
    assert.equal((await catalog.readProject({ project: other })).runs, 1)
  })

  test('a project without runs can be deleted', async () => {
    const { catalog } = tested.store
    const project = newProject('deleted')
    await catalog.createRun(newRun(project, 'r'))
    await catalog.deleteRun({ project, run: 'r' })
    await catalog.deleteProject({ project })
    await refused(catalog.readProject({ project }), 'projectNotFound')
  })

  /** Points that no compression makes smaller, in entries as a training sends them. @returns about how many bytes */
  async function fill(project: string, run: string, bytes: number): Promise<void> {
    const random = seededRandom(5)
    const rows = 1_000
    const columns = ['a', 'b', 'c', 'd', 'e', 'f']
    const appends: Promise<unknown>[] = []
    for (let sequence = 0; sequence * rows * (columns.length + 2) * 8 < bytes; sequence++) {
      const metrics = Object.fromEntries(columns.map((metric) => [metric, Array.from({ length: rows }, random.next)]))
      const sent = batch({ project, run, sequence, steps: Array(rows).fill(null), metrics })
      appends.push(tested.store.journal.appendBatch(sent))
    }
    await Promise.all(appends)
  }

  test('the disk of a deleted run comes back', async () => {
    const project = newProject('disk')
    const before = await tested.bytesOnDisk()
    await fill(project, 'r', 6 * MB)
    await append(project, 's', { a: 1 })
    const full = await tested.bytesOnDisk()
    assert.ok(full > before + 5 * MB, `${full - before} bytes were taken`)
    await deleteForGood(tested.store, { project, run: 'r' })
    await eventually('the disk is given back', async () => (await tested.bytesOnDisk()) < before + 1 * MB)
    assert.equal((await exportPoints(tested.store, { project, run: 's' })).length, 1)
  })

  test('the disk of a deleted project comes back, its artifacts too, while others go on', async () => {
    const { catalog } = tested.store
    const [project, other] = [newProject('disk'), newProject('other')]
    const before = await tested.bytesOnDisk()
    await fill(project, 'r', 2 * MB)
    await fill(project, 's', 2 * MB)
    await upload(tested.store, { project, run: 's', name: 'large' }, new Uint8Array(2 * MB))
    assert.ok((await tested.bytesOnDisk()) > before + 5 * MB)
    await catalog.deleteProject({ project })
    let steps = 0
    await eventually('the disk is given back', async () => {
      await append(other, 'r', { a: steps++ })
      return (await tested.bytesOnDisk()) < before + 1 * MB
    })
    assert.equal((await exportPoints(tested.store, { project: other, run: 'r' })).length, steps)
  })
}
