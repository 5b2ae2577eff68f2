import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, suite, test } from 'node:test'
import { ask, type Json, must } from '../testing/ask.ts'
import { startTracker, type TrackerProcess } from '../testing/tracker-process.ts'

let tracker: TrackerProcess
let api: string
before(async () => {
  tracker = await startTracker()
  api = tracker.api
})
after(() => tracker.stop())

let projectsSoFar = 0
/** The runs of a project of which no other test knows. */
const newProject = () => `${api}/projects/times-${projectsSoFar++}/runs`

const start = Date.UTC(2026, 0, 31, 9)
const iso = (ms: number) => new Date(ms).toISOString()
const timesOf = async (run: string) => {
  const { created_at, finished_at, duration } = await must('GET', run)
  if (finished_at !== null) assert.equal(duration, (Date.parse(finished_at) - Date.parse(created_at)) / 1_000)
  return [created_at, finished_at]
}
const isNow = (text: string, sinceMs: number) => Date.parse(text) >= sinceMs && Date.parse(text) <= Date.now()

suite('a run', () => {
  test('that is sent after its training has the times of the training', async () => {
    const runs = newProject()
    const writer = randomUUID()
    await must('POST', runs, { name: 'r', id: 'r', started_at: start, writer })
    const timestamps = [start + 100, start + 3_000.5]
    await must('POST', `${runs}/r/metrics/batch`, {
      ...{ writer, sequence: 0, steps: [0, 1], timestamps },
      metrics: { loss: [1, 2] },
    })
    await must('POST', `${runs}/r/finish`, { exit_code: 0, writer, time: iso(start + 3_100) })
    assert.deepEqual(await timesOf(`${runs}/r`), [iso(start), iso(start + 3_100)])
    const [{ finished_at }] = (await must('GET', `${runs}/r`)).writers
    assert.equal(finished_at, iso(start + 3_100))
  })

  test('begins no later than its earliest point, and is listed and found by that', async () => {
    const runs = newProject()
    await must('POST', runs, { name: 'new' })
    await must('POST', runs, { name: 'imported' })
    await must('POST', `${runs}/later/metrics`, { timestamp: iso(start + 60_000), metrics: { a: 1 } })
    for (const [ms, step] of [
      [start + 500, 1],
      [start, 0],
      [start + 900, 2],
    ]) {
      await must('POST', `${runs}/imported/metrics`, { step, timestamp: iso(ms), metrics: { a: step } })
    }
    assert.equal((await timesOf(`${runs}/imported`))[0], iso(start))
    const { duration } = await must('GET', `${runs}/imported`)
    assert.ok(duration >= 0.9 && duration < 60, `${duration} s: it is still running, and its points are of one second`)
    const names = async (query: string) => (await must('GET', `${runs}?${query}`)).runs.map((run: Json) => run.name)
    assert.deepEqual(await names(''), ['new', 'later', 'imported'])
    assert.deepEqual(await names('sort=created'), ['imported', 'later', 'new'])
    assert.deepEqual(await names(`filter=${encodeURIComponent(`created < "${iso(start + 1)}"`)}`), ['imported'])
    const byDuration = (await names('sort=-duration')).indexOf('imported')
    assert.equal(byDuration, 0, 'the others have one point, or none')
    const pages: string[] = []
    for (let cursor = ''; ; ) {
      const page = await must('GET', `${runs}?limit=1${cursor}`)
      pages.push(...page.runs.map((run: Json) => run.name))
      if (!page.next_cursor) break
      cursor = `&cursor=${page.next_cursor}`
    }
    assert.deepEqual(pages, ['new', 'later', 'imported'])
  })

  test('without a time of its end ends as long after its last point as that has been here', async () => {
    const runs = newProject()
    await must('POST', `${runs}/old/metrics`, { timestamp: iso(start), metrics: { a: 1 } })
    await must('POST', `${runs}/old/finish`, {})
    const [created, finished] = await timesOf(`${runs}/old`)
    assert.equal(created, iso(start))
    const lasted = Date.parse(finished) - start
    assert.ok(lasted >= 0 && lasted < 60_000, `${lasted} ms`)
    const sinceMs = Date.now()
    await must('POST', runs, { name: 'empty' })
    await must('POST', `${runs}/empty/finish`, {})
    assert.ok(isNow((await timesOf(`${runs}/empty`))[1], sinceMs))
  })

  test('neither begins nor ends in the future, nor ends before it began', async () => {
    const runs = newProject()
    const sinceMs = Date.now()
    const future = iso(sinceMs + 3_600_000)
    await must('POST', runs, { name: 'future', started_at: future })
    await must('POST', `${runs}/future/metrics`, { timestamp: future, metrics: { a: 1 } })
    await must('POST', `${runs}/future/finish`, { time: future })
    for (const time of await timesOf(`${runs}/future`)) assert.ok(isNow(time, sinceMs), time)
    await must('POST', runs, { name: 'backwards', started_at: start })
    await must('POST', `${runs}/backwards/finish`, { time: start - 1_000 })
    assert.deepEqual(await timesOf(`${runs}/backwards`), [iso(start), iso(start)])
  })

  test('of several writers ends with the last of them, whichever says so first', async () => {
    const runs = newProject()
    const [one, two] = [randomUUID(), randomUUID()]
    for (const writer of [one, two])
      await must('POST', runs, { name: 'r', id: 'r', resume: true, writer, started_at: start })
    await must('POST', `${runs}/r/finish`, { writer: one, time: start + 9_000 })
    assert.equal((await must('GET', `${runs}/r`)).status, 'running', 'the other one was announced')
    await must('POST', `${runs}/r/finish`, { writer: two, time: start + 5_000 })
    assert.deepEqual(await timesOf(`${runs}/r`), [iso(start), iso(start + 9_000)])
  })
})

suite('a reason', () => {
  const endOf = async (run: string) => {
    const { status, exit_code, finish_reason } = await must('GET', run)
    return [status, exit_code, finish_reason]
  }

  test('is told with a run that has ended, alone and in lists, and not of one that goes on', async () => {
    const runs = newProject()
    await must('POST', runs, { name: 'r' })
    const reason = 'ZeroDivisionError: division by zero'
    await must('POST', `${runs}/r/finish`, { exit_code: 1, reason })
    assert.deepEqual(await endOf(`${runs}/r`), ['failed', 1, reason])
    assert.equal((await must('GET', runs)).runs[0].finish_reason, reason)
    await must('POST', runs, { name: 'r', resume: true })
    assert.deepEqual(await endOf(`${runs}/r`), ['running', null, null])
    await must('POST', `${runs}/r/finish`, { exit_code: 0, reason: null })
    assert.deepEqual(await endOf(`${runs}/r`), ['finished', 0, null])
  })

  test('of several writers is that of the first failure', async () => {
    const runs = newProject()
    const writers = [randomUUID(), randomUUID(), randomUUID()]
    for (const writer of writers) await must('POST', runs, { name: 'r', id: 'r', resume: true, writer })
    const finish = (writer: string, exit_code: number, reason?: string) =>
      must('POST', `${runs}/r/finish`, { writer, exit_code, reason })
    await finish(writers[0], 0, 'stopped early')
    await finish(writers[1], 143, 'ended by SIGTERM')
    await finish(writers[2], 1, 'ConnectionResetError')
    await finish(writers[2], 1, 'ConnectionResetError')
    assert.deepEqual(await endOf(`${runs}/r`), ['failed', 143, 'ended by SIGTERM'])
  })
})

suite('a run that its writer makes', () => {
  test('can be asked for again by that writer; another has to say that it goes on with it', async () => {
    const runs = newProject()
    const [maker, other] = [randomUUID(), randomUUID()]
    const make = (body: Json) => ask('POST', runs, { name: 'r', id: 'x', ...body })
    const { body } = await make({ writer: maker })
    assert.deepEqual((await make({ writer: maker.toUpperCase() })).body, body)
    const refused = await make({ writer: other })
    assert.deepEqual([refused.status, refused.body], [409, { detail: 'Run already exists' }])
    const { status, writers } = await must('GET', `${runs}/r`)
    assert.deepEqual([status, writers.map(({ writer }: Json) => writer)], ['running', [maker]])
    assert.deepEqual((await make({})).body, body, 'whoever names no writer is not asked')
    assert.deepEqual((await make({ writer: other, resume: true })).body, body)
    assert.deepEqual((await make({ writer: other })).body, body, 'it is known by now')
    assert.deepEqual((await must('GET', `${runs}/r`)).writers.length, 2)
  })

  test('keeps its id in the trash', async () => {
    const runs = newProject()
    const [maker, other] = [randomUUID(), randomUUID()]
    const make = async (body: Json) => (await ask('POST', runs, { name: 'r', id: 'x', ...body })).status
    assert.equal(await make({ writer: maker }), 200)
    await must('DELETE', `${runs}/r`)
    assert.deepEqual([await make({ writer: maker }), await make({ writer: other })], [200, 409])
    assert.equal((await ask('GET', `${runs}/r`)).status, 404, 'whoever asks again does not bring it back')
    await must('DELETE', runs.replace(/\/runs$/, '/trash'))
    assert.equal(await make({ writer: other }), 200)
    assert.equal((await must('GET', `${runs}/r`)).status, 'running')
  })

  test('has it among its writers before the first batch', async () => {
    const runs = newProject()
    const writer = randomUUID()
    await must('POST', runs, { name: 'r', writer })
    const [{ heard_at, ...its }] = (await must('GET', `${runs}/r`)).writers
    assert.deepEqual(its, {
      ...{ writer, label: null, next_sequence: 0, rows: 0, points: 0, checksum: '00000000' },
      ...{ finished_at: null, exit_code: null, client: null },
    })
    const batch = { writer, sequence: 0, steps: [0], metrics: { a: [1] } }
    assert.deepEqual(await must('POST', `${runs}/r/metrics/batch`, batch), { status: 'ok', next_sequence: 1 })
  })
})

test('a project takes the display name that comes with a run unless it has one', async () => {
  const runs = newProject()
  const project = runs.slice(0, -'/runs'.length)
  const name = async () => (await must('GET', project)).display_name
  await must('POST', runs, { name: 'one' })
  assert.equal(await name(), null)
  await must('POST', runs, { name: 'two', project_display_name: 'my project' })
  assert.equal(await name(), 'my project')
  await must('POST', runs, { name: 'three', project_display_name: 'My Project' })
  assert.equal(await name(), 'my project')
  await must('PATCH', project, { display_name: 'renamed' })
  await must('POST', runs, { name: 'four', project_display_name: 'my project' })
  assert.equal(await name(), 'renamed')
})
