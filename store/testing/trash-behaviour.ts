import assert from 'node:assert/strict'
import { test } from 'node:test'
import { limits } from '@aspara/protocol/limits.ts'
import { parseSort } from '@aspara/protocol/sort.ts'
import { download, eventually, exportPoints, exportText, newProject, newRun, refused, upload } from './ask-store.ts'
import { batch, record, writerOf } from './plain-appends.ts'
import type { StoreUnderTest } from './store-suite.ts'

export function trashBehaviour(tested: StoreUnderTest): void {
  const catalogued = () => tested.store.catalog

  /** A run with a bit of everything. */
  async function fullRun(project: string, run = 'r', id?: string) {
    const { catalog, journal } = tested.store
    await catalog.createRun(newRun(project, run, { id, config: { lr: 0.1 }, tags: ['t'], notes: 'n' }))
    await journal.appendBatch(batch({ project, run, sequence: 0, steps: [1, 2], metrics: { loss: [5, 4] } }))
    await journal.appendRecord({ ...record(run, 3, { acc: 0.5 }), project })
    await upload(tested.store, { project, run, name: 'model.pt' }, `bytes of ${project}/${run}`)
    return { project, run }
  }

  const send = (project: string, sequence: number, run = 'r', writer = 'a') =>
    tested.store.journal.appendBatch(
      batch({ project, run, writer, sequence, steps: [10 + sequence], metrics: { loss: [sequence] } }),
    )
  const trashOf = async (project: string) => (await catalogued().listTrash({ project }, {})).runs
  const namesOf = async (project: string) => (await catalogued().listRuns({ project }, {})).runs.map(({ name }) => name)

  test('a run comes back from the trash as it was, byte for byte, and meanwhile is nowhere but there', async () => {
    const { catalog, series } = tested.store
    const address = await fullRun(newProject('trash'))
    const { project } = address
    await fullRun(project, 'neighbour')
    const before = await catalog.readRun(address)
    const points = await exportText(tested.store, address)
    const { trashId } = await catalog.deleteRun(address)

    assert.deepEqual(await namesOf(project), ['neighbour'])
    assert.equal((await catalog.readProject({ project })).runs, 1)
    await refused(catalog.readRun(address), 'runNotFound')
    await refused(exportPoints(tested.store, address), 'runNotFound')
    await refused(series.listMetrics(address), 'runNotFound')
    await refused(catalog.listWriters(address, {}), 'runNotFound')
    const [entry] = await trashOf(project)
    const { metrics: _, writers: __, ...described } = before
    const { trash_id, deleted_at, expires_at, ...told } = entry
    assert.deepEqual(told, described)
    assert.equal(trash_id, trashId)
    assert.equal(Date.parse(expires_at) - Date.parse(deleted_at), limits.trashMs)

    assert.deepEqual(await catalog.restoreRun({ project, trashId }), { name: 'r' })
    assert.deepEqual(await catalog.readRun(address), before)
    assert.equal(await exportText(tested.store, address), points)
    assert.equal(
      String(await download(tested.store, { ...address, name: 'model.pt' })),
      `bytes of ${address.project}/r`,
    )
    assert.deepEqual(await trashOf(project), [])
    await refused(catalog.restoreRun({ project, trashId }), 'trashedRunNotFound')
  })

  test('a run in the trash is in no list that is sorted by a metric, nor are its metrics; a restored one is', async () => {
    const { catalog, journal, series } = tested.store
    const project = newProject('sorted')
    for (const run of ['low', 'middle', 'high']) {
      const value = ['low', 'middle', 'high'].indexOf(run)
      await journal.appendBatch(batch({ project, run, sequence: 0, steps: [0], metrics: { loss: [value] } }))
    }
    await journal.appendRecord({ ...record('middle', 0, { only: 1 }), project })
    const sorted = async () => {
      const page = await catalog.listRuns({ project }, { sort: parseSort('-metric:loss:last'), limit: 2 })
      return page.runs.map(({ name }) => name)
    }
    const metrics = async () =>
      (await series.listProjectMetrics({ project }, {})).metrics.map(({ metric, runs }) => `${metric} ${runs}`)
    // Whether its points are in the journal or have been compacted, before or while it is in the trash.
    for (const isFinished of [false, true]) {
      if (isFinished) await catalog.finishRun({ project, run: 'middle', exitCode: 0 })
      assert.deepEqual(await sorted(), ['high', 'middle'])
      const { trashId } = await catalog.deleteRun({ project, run: 'middle' })
      assert.deepEqual(await sorted(), ['high', 'low'])
      assert.deepEqual(await metrics(), ['loss 2'])
      await catalog.restoreRun({ project, trashId })
      assert.deepEqual(await sorted(), ['high', 'middle'])
      assert.deepEqual(await metrics(), ['loss 3', 'only 1'])
    }
  })

  test('what a writer that it knows still sends goes into it, once, and so does its end', async () => {
    const { catalog } = tested.store
    const address = await fullRun(newProject('written'))
    const { project } = address
    const { trashId } = await catalog.deleteRun(address)
    assert.deepEqual(await send(project, 1), { next_sequence: 2, duplicate: false })
    assert.deepEqual(await send(project, 1), { next_sequence: 2, duplicate: true })
    assert.equal((await refused(send(project, 3), 'sequenceGap')).extra.expected_sequence, 2)
    const [told] = (await catalog.listWriters(address, { writer: writerOf('a') })).writers
    assert.deepEqual([told.next_sequence, told.rows], [2, 3], 'it is told where to go on')
    await catalog.finishRun({ ...address, exitCode: 3, writer: writerOf('a') })
    assert.deepEqual(await namesOf(project), [], 'nothing of it is back')
    assert.deepEqual(
      (await trashOf(project)).map(({ status }) => status),
      ['failed'],
    )
    await catalog.restoreRun({ project, trashId })
    const points = (await exportPoints(tested.store, address, ['loss'])).map(({ step, value }) => [step, value])
    assert.deepEqual(points, [
      [1, 5],
      [2, 4],
      [11, 1],
    ])
    assert.equal((await catalog.readRun(address)).exit_code, 3)
    assert.deepEqual(await send(project, 2), { next_sequence: 3, duplicate: false })
  })

  test('single records and writers that nobody knows make a run anew, and then it is theirs', async () => {
    const { catalog, journal } = tested.store
    const address = await fullRun(newProject('anew'))
    const { project } = address
    const { trashId } = await catalog.deleteRun(address)
    // In one turn, so that they may share a commit: before the record there is no run of the name.
    const outcomes = await Promise.allSettled([
      send(project, 1),
      journal.appendRecord({ ...record('r', 7, { loss: 7 }), project }),
      send(project, 2),
      send(project, 0, 'r', 'b'),
    ])
    assert.deepEqual(
      outcomes.map((outcome) => (outcome.status === 'rejected' ? outcome.reason.code : 'done')),
      ['done', 'done', 'sequenceGap', 'done'],
    )
    assert.deepEqual(
      (await exportPoints(tested.store, address)).map(({ step }) => step),
      [7, 10],
    )
    await refused(catalog.restoreRun({ project, trashId }), 'runExists')
    assert.deepEqual(await catalog.restoreRun({ project, trashId, name: 'back' }), { name: 'back' })
    const back = await catalog.readRun({ project, run: 'back' })
    assert.deepEqual([back.name, back.run_id, back.config], ['back', 'back', { lr: 0.1 }])
    assert.deepEqual(
      (await exportPoints(tested.store, { project, run: 'back' }, ['loss'])).map(({ step }) => step),
      [1, 2, 11],
    )
    assert.deepEqual(await namesOf(project), ['r', 'back'])
  })

  test('made again by its id it goes on in the trash, with new writers and all that its client says of it', async () => {
    const { catalog } = tested.store
    const address = await fullRun(newProject('again'), 'r', 'job')
    const { project } = address
    const { trashId } = await catalog.deleteRun(address)
    const again = newRun(project, 'r', { id: 'job', config: { late: true }, resume: true })
    assert.deepEqual(await catalog.createRun(again), { name: 'r' })
    assert.deepEqual(await send(project, 0, 'r', 'b'), { next_sequence: 1, duplicate: false })
    await catalog.mergeIntoRun({ ...address, part: 'summary', document: { best: 1 } })
    await catalog.setRunTags({ ...address, tags: ['u'] })
    await catalog.describeRun({ ...address, description: { notes: 'm' } })
    await upload(tested.store, { ...address, name: 'late.pt' }, 'late')
    assert.deepEqual(await namesOf(project), [])
    await catalog.restoreRun({ project, trashId })
    const { config, summary, tags, notes, writers } = await catalog.readRun(address)
    assert.deepEqual(
      { config, summary, tags, notes },
      { config: { lr: 0.1, late: true }, summary: { best: 1 }, tags: ['u'], notes: 'm' },
    )
    assert.equal(writers.length, 2)
    assert.equal(String(await download(tested.store, { ...address, name: 'late.pt' })), 'late')
  })

  test('where its name is taken by now, its client goes on under another', async () => {
    const { catalog } = tested.store
    const address = await fullRun(newProject('renamed'), 'r', 'job')
    const { project } = address
    const { trashId } = await catalog.deleteRun(address)
    await catalog.createRun(newRun(project, 'r', { id: 'other' }))
    await refused(catalog.createRun(newRun(project, 'r', { id: 'job' })), 'runExists')
    assert.deepEqual(await catalog.createRun(newRun(project, 'r-2', { id: 'job' })), { name: 'r-2' })
    assert.deepEqual(await send(project, 1, 'r-2'), { next_sequence: 2, duplicate: false })
    assert.deepEqual(await namesOf(project), ['r'])
    assert.deepEqual(await catalog.restoreRun({ project, trashId }), { name: 'r-2' })
    assert.equal((await catalog.readRun({ project, run: 'r-2' })).id, 'job')
  })

  test('numbers count the runs of a project in the order in which they were made, and none is given twice', async () => {
    const { catalog } = tested.store
    const project = newProject('numbered')
    const numberOf = async (run: string) => (await catalog.readRun({ project, run })).number
    await Promise.all(['a', 'b', 'c'].map((run) => catalog.createRun(newRun(project, run))))
    await send(project, 0, 'd')
    assert.deepEqual(await Promise.all(['a', 'b', 'c', 'd'].map(numberOf)), [1, 2, 3, 4])
    const { trashId } = await catalog.deleteRun({ project, run: 'd' })
    await catalog.createRun(newRun(project, 'd'))
    assert.equal(await numberOf('d'), 5)
    await catalog.restoreRun({ project, trashId, name: 'd-before' })
    assert.equal(await numberOf('d-before'), 4)
  })

  test('the trash comes in pages, the newest deletion first', async () => {
    const { catalog } = tested.store
    const project = newProject('pages')
    const names = ['a', 'b', 'c', 'd', 'e']
    for (const run of names) await catalog.createRun(newRun(project, run))
    // Together, so that they share a commit and a moment.
    await Promise.all(names.map((run) => catalog.deleteRun({ project, run })))
    const found: string[] = []
    let cursor: string | undefined
    do {
      const page = await catalog.listTrash({ project }, { limit: 2, cursor })
      found.push(...page.runs.map(({ name }) => name))
      cursor = page.next_cursor ?? undefined
    } while (cursor !== undefined)
    assert.deepEqual(found, names.toReversed())
    await refused(catalog.listTrash({ project }, { cursor: 'x' }), 'invalidField')
    await refused(catalog.listTrash({ project: newProject('absent') }, {}), 'projectNotFound')
  })

  test('what leaves the trash for good is gone, its files too: one run, all of them, and with the project', async () => {
    const { catalog } = tested.store
    const before = await tested.artifactFiles()
    const project = newProject('discarded')
    for (const run of ['a', 'b', 'c', 'd']) await fullRun(project, run)
    const [a] = await Promise.all(['a', 'b', 'c'].map((run) => catalog.deleteRun({ project, run })))
    assert.equal(await tested.artifactFiles(), before + 4)
    await catalog.discardRun({ project, trashId: a.trashId })
    await refused(catalog.discardRun({ project, trashId: a.trashId }), 'trashedRunNotFound')
    assert.equal((await trashOf(project)).length, 2)
    await eventually('its file is gone', async () => (await tested.artifactFiles()) === before + 3)
    await catalog.emptyTrash({ project })
    assert.deepEqual(await trashOf(project), [])
    await eventually('all of them are', async () => (await tested.artifactFiles()) === before + 1)
    const { trashId } = await catalog.deleteRun({ project, run: 'd' })
    await catalog.deleteProject({ project })
    for (const refusal of [
      catalog.emptyTrash({ project }),
      catalog.restoreRun({ project, trashId }),
      catalog.discardRun({ project, trashId }),
    ]) {
      await refused(refusal, 'projectNotFound')
    }
    await eventually('and the last', async () => (await tested.artifactFiles()) === before)
    await catalog.createRun(newRun(project, 'e'))
    assert.deepEqual(await trashOf(project), [])
  })

  test('the trash is there after the store was closed, and is cleared when its time has come', async () => {
    const before = await tested.artifactFiles()
    const project = newProject('expired')
    const [old, heard, young] = [await fullRun(project, 'old'), await fullRun(project, 'heard'), await fullRun(project)]
    for (const address of [old, heard, young]) await catalogued().deleteRun(address)
    await tested.ageTrash(old, limits.trashMs)
    await tested.ageTrash(heard, limits.trashMs)
    await tested.ageTrash(young, limits.trashMs - 60_000)
    await send(project, 1, 'heard') // As long as its client sends it is not cleared.
    await tested.reopen()
    const left = await trashOf(project)
    assert.deepEqual(
      left.map(({ name }) => name),
      ['r', 'heard'],
    )
    await eventually('the file of the one is gone', async () => (await tested.artifactFiles()) === before + 2)
    for (const { trash_id } of left) await catalogued().restoreRun({ project, trashId: trash_id })
    assert.equal((await exportPoints(tested.store, young)).length, 3)
    assert.equal((await exportPoints(tested.store, heard)).length, 4)
  })
}
