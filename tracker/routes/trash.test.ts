import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, suite, type TestContext, test } from 'node:test'
import { ask, exportedPoints, type Json, must, upload } from '../testing/ask.ts'
import { EventReader } from '../testing/event-reader.ts'
import { startTracker, type TrackerProcess } from '../testing/tracker-process.ts'

let tracker: TrackerProcess
before(async () => {
  tracker = await startTracker()
})
after(() => tracker.stop())

let projectsSoFar = 0
const newProject = () => `${tracker.api}/projects/p${projectsSoFar++}`
const batch = (writer: string, sequence: number) => ({
  ...{ writer, sequence, steps: [sequence], metrics: { loss: [sequence] } },
})

suite('the trash', () => {
  test('has a deleted run, which comes back as it was with what was sent meanwhile', async () => {
    const project = newProject()
    const [run, writer] = [`${project}/runs/r`, randomUUID()]
    await must('POST', `${project}/runs`, { name: 'r', id: 'i', config: { a: 1 } })
    await must('POST', `${run}/metrics/batch`, batch(writer, 0))
    await upload(run, Buffer.from('weights'), { name: 'model.pt' })
    const { metrics: _, writers: __, ...described } = await must('GET', run)
    const { trash_id } = await must('DELETE', run)
    const { runs, next_cursor } = await must('GET', `${project}/trash`)
    const [{ deleted_at, expires_at, ...entry }] = runs
    assert.deepEqual([entry, next_cursor], [{ ...described, trash_id }, null])
    assert.equal(Date.parse(expires_at) - Date.parse(deleted_at), 7 * 24 * 3_600_000)
    assert.ok(Math.abs(Date.parse(deleted_at) - Date.now()) < 60_000)
    assert.equal((await must('GET', project)).runs, 0)

    assert.deepEqual(await must('POST', `${run}/metrics/batch`, batch(writer, 1)), { status: 'ok', next_sequence: 2 })
    assert.equal((await must('PATCH', run, { notes: 'late' })).notes, 'late')
    assert.equal((await ask('GET', run)).status, 404)
    const back = await must('POST', `${project}/trash/${trash_id}/restore`)
    assert.deepEqual(back, await must('GET', run))
    assert.deepEqual([back.number, back.notes, back.config], [1, 'late', { a: 1 }])
    assert.equal((await exportedPoints(run)).length, 2)
    assert.equal(await (await fetch(`${run}/artifacts/model.pt`)).text(), 'weights')
  })

  test('gives a run another name where its own is taken', async () => {
    const project = newProject()
    await must('POST', `${project}/runs`, { name: 'r', notes: 'old' })
    const { trash_id } = await must('DELETE', `${project}/runs/r`)
    await must('POST', `${project}/runs`, { name: 'r', notes: 'new' })
    const restore = `${project}/trash/${trash_id}/restore`
    for (const body of [undefined, null, {}, { name: null }, { name: 'r' }]) {
      const { status, body: said } = await ask('POST', restore, body)
      assert.deepEqual([status, said], [409, { detail: 'Run already exists' }], JSON.stringify(body))
    }
    assert.equal((await must('POST', restore, { name: 'old' })).notes, 'old')
    const { runs } = await must('GET', `${project}/runs?sort=name`)
    assert.deepEqual(
      runs.map(({ name, number }: Json) => [name, number]),
      [
        ['old', 1],
        ['r', 2],
      ],
    )
  })

  test('is emptied one by one, all at once, and with its project', async () => {
    const project = newProject()
    const ids: string[] = []
    for (const name of ['a', 'b', 'c']) {
      await must('POST', `${project}/runs`, { name })
      ids.unshift((await must('DELETE', `${project}/runs/${name}`)).trash_id)
    }
    const first = await must('GET', `${project}/trash?limit=2`)
    const rest = await must('GET', `${project}/trash?cursor=${first.next_cursor}`)
    const listed = [...first.runs, ...rest.runs].map((run: Json) => run.trash_id)
    assert.deepEqual([listed, rest.next_cursor], [ids, null])
    assert.deepEqual(await must('DELETE', `${project}/trash/${ids[1]}`), { status: 'ok' })
    for (const [method, path] of [
      ['DELETE', ids[1]],
      ['POST', `${ids[1]}/restore`],
    ]) {
      const { status, body } = await ask(method, `${project}/trash/${path}`)
      assert.deepEqual([status, body], [404, { detail: 'No such run in the trash' }])
    }
    assert.deepEqual(await must('DELETE', `${project}/trash`), { status: 'ok' })
    assert.deepEqual(await must('GET', `${project}/trash`), { runs: [], next_cursor: null })
    await must('DELETE', project)
    for (const [method, path] of [
      ['GET', ''],
      ['DELETE', ''],
      ['DELETE', `/${ids[0]}`],
      ['POST', `/${ids[0]}/restore`],
    ]) {
      const { status, body } = await ask(method, `${project}/trash${path}`)
      assert.deepEqual([status, body], [404, { detail: 'Project not found' }], `${method} ${path}`)
    }
  })

  test('names what is wrong with a question, and changes nothing', async () => {
    const project = newProject()
    await must('POST', `${project}/runs`, { name: 'r' })
    const { trash_id } = await must('DELETE', `${project}/runs/r`)
    const restore = `${project}/trash/${trash_id}/restore`
    const wrong: [string, string, unknown, (string | number)[]][] = [
      ['POST', restore, { name: 'a b' }, ['body', 'name']],
      ['POST', restore, { name: 7 }, ['body', 'name']],
      ['POST', restore, [], ['body']],
      ['POST', `${restore}?name=s`, undefined, ['query', 'name']],
      ['POST', `${project}/trash/r/restore`, undefined, ['path', 'trash_id']],
      ['DELETE', `${project}/trash/r`, undefined, ['path', 'trash_id']],
      ['GET', `${project}/trash?limit=0`, undefined, ['query', 'limit']],
      ['GET', `${project}/trash?cursor=x`, undefined, ['query', 'cursor']],
    ]
    for (const [method, url, sent, loc] of wrong) {
      const { status, body } = await ask(method, url, sent)
      assert.deepEqual([status, body.detail[0]?.loc], [422, loc], `${method} ${url} ${JSON.stringify(body)}`)
    }
    assert.equal((await must('GET', `${project}/trash`)).runs.length, 1)
    assert.equal((await must('GET', project)).runs, 0)
  })
})

suite('whoever listens', () => {
  const listen = async (t: TestContext, project: string, cursor = '') => {
    const reader = await EventReader.open(`${project}/stream?${cursor}`)
    t.after(() => reader.drop())
    assert.equal((await reader.next())?.event, 'open')
    return reader
  }

  test('hears that a run is deleted, nothing of it while it is in the trash, and that it is back', async (t) => {
    const project = newProject()
    const [run, writer] = [`${project}/runs/r`, randomUUID()]
    await must('POST', `${run}/metrics/batch`, batch(writer, 0))
    const { cursor } = await must('GET', `${project}/series?runs=r`)
    const reader = await listen(t, project)
    const { trash_id } = await must('DELETE', run)
    assert.deepEqual((await reader.find(({ data }) => data.deleted?.length)).data.deleted, ['r'])
    await must('POST', `${run}/metrics/batch`, batch(writer, 1))
    await must('POST', `${project}/trash/${trash_id}/restore`)
    // Of two who were there before the deletion, one has heard of it.
    const late = await listen(t, project, `cursor=${cursor}`)
    for (const [listener, deleted] of [
      [reader, []],
      [late, ['r']],
    ] as const) {
      const { event, data } = await listener.find((its) => its.data.runs?.length)
      assert.equal(event, 'resync')
      assert.deepEqual([data.deleted, data.resync, data.points], [deleted, ['r'], []])
      assert.deepEqual([data.runs[0].name, data.runs[0].number], ['r', 1])
    }
    await must('POST', `${run}/metrics/batch`, batch(writer, 2))
    for (const listener of [reader, late]) {
      const { event, data } = await listener.find((its) => its.data.points?.length)
      assert.equal(event, 'changes')
      assert.deepEqual(
        data.points[0].columns.map(({ steps }: Json) => steps),
        [[2]],
        'what comes now is told as ever',
      )
    }
    const [line] = (await must('GET', `${project}/series?runs=r`)).series
    assert.deepEqual(line.x, [0, 1, 2])
  })
})
