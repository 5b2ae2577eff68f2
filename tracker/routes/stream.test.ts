import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, suite, type TestContext, test } from 'node:test'
import { ask, exportedPoints, type Json, must, upload } from '../testing/ask.ts'
import { EventReader, type ReaderOptions, type StreamEvent } from '../testing/event-reader.ts'
import { startTracker, type TrackerProcess } from '../testing/tracker-process.ts'

let tracker: TrackerProcess
before(async () => {
  tracker = await startTracker()
})
after(() => tracker.stop())

let projectsSoFar = 0
/** The address of a project of its own, with a run `r`. */
async function newProject(): Promise<string> {
  const project = `${tracker.api}/projects/p${projectsSoFar++}`
  await must('POST', `${project}/runs`, { name: 'r' })
  return project
}

/** A stream that is there: `open` has come. */
async function listen(t: TestContext, url: string, options?: ReaderOptions): Promise<EventReader> {
  const reader = await EventReader.open(url, options)
  t.after(() => reader.drop())
  assert.equal((await reader.next())?.event, 'open')
  return reader
}

const range = (count: number, from = 0) => Array.from({ length: count }, (_, index) => from + index)

/** The points of a metric as events tell them: `[step, timestamp, value]`. */
function pointsOf(events: readonly StreamEvent[], run: string, metric: string): Json[] {
  return events.flatMap(({ data }) =>
    (data.points ?? [])
      .filter((its: Json) => its.run === run)
      .flatMap(({ columns }: Json) =>
        columns
          .filter(({ metrics }: Json) => Object.hasOwn(metrics, metric))
          .flatMap(({ steps, timestamps, metrics }: Json) => {
            assert.deepEqual([timestamps.length, metrics[metric].length], [steps.length, steps.length])
            return steps.map((step: number, row: number) => [step, timestamps[row], metrics[metric][row]])
          }),
      ),
  )
}

/** When the points of a test begin. */
const startMs = 1_769_850_000_000

suite('points', () => {
  test('come once, in the order of arrival, with steps, times and words as they were sent', async (t) => {
    const project = await newProject()
    const reader = await listen(t, `${project}/stream`)
    const run = `${project}/runs/r`
    const records = [
      '{"step": 5, "timestamp": 1769850000000.125, "metrics": {"loss": 0.1, "val/loss": NaN}}',
      '{"step": 3, "timestamp": -200000000000, "metrics": {"loss": -Infinity}}',
      '{"step": 5, "timestamp": 1769850000000, "metrics": {"loss": 1e300, "ok": true}}',
      '{"step": -9007199254740991, "timestamp": 1769850000001, "metrics": {"loss": 5e-324}}',
    ]
    for (const body of records) {
      const headers = { 'content-type': 'application/json' }
      assert.equal((await fetch(`${run}/metrics`, { method: 'POST', headers, body })).status, 200)
    }
    await must('POST', `${run}/metrics/batch`, {
      writer: randomUUID(),
      sequence: 0,
      steps: [9, 2, 2],
      timestamps: [1769850000010, 1769850000020, 1769850000030],
      metrics: { loss: ['NaN', 'Infinity', 7], 'val/loss': [null, 0.25, null], never: [null, null, null] },
    })
    await must('POST', `${run}/metrics`, { step: 1, timestamp: 1769850000002, metrics: { last: 0 } })
    await reader.heard(() => pointsOf(reader.events, 'r', 'last').length === 1)

    assert.deepEqual(pointsOf(reader.events, 'r', 'loss'), [
      [5, 1769850000000.125, 0.1],
      [3, -200000000000, '-Infinity'],
      [5, 1769850000000, 1e300],
      [-9007199254740991, 1769850000001, 5e-324],
      [9, 1769850000010, 'NaN'],
      [2, 1769850000020, 'Infinity'],
      [2, 1769850000030, 7],
    ])
    assert.deepEqual(pointsOf(reader.events, 'r', 'val/loss'), [
      [5, 1769850000000.125, 'NaN'],
      [2, 1769850000020, 0.25],
    ])
    assert.deepEqual(pointsOf(reader.events, 'r', 'ok'), [[5, 1769850000000, 1]])
    assert.deepEqual(pointsOf(reader.events, 'r', 'never'), [])
  })

  test('of metrics with names that objects have of their own come like any other', async (t) => {
    const project = await newProject()
    const reader = await listen(t, `${project}/stream`)
    const names = ['__proto__', 'constructor', 'toString', '1', '"', '\\', 'ü\u2028', ' ']
    const metrics = `{${names.map((name, index) => `${JSON.stringify(name)}:${index}`)}}`
    const headers = { 'content-type': 'application/json' }
    for (const [step, where] of ['metrics', 'metrics/batch'].entries()) {
      const batch = `"writer":"${randomUUID()}","sequence":0,"metrics":${metrics.replaceAll(/:(\d+)/g, ':[$1]')}`
      const body = step === 0 ? `{"step":0,"metrics":${metrics}}` : `{"steps":[1],${batch}}`
      assert.equal((await fetch(`${project}/runs/r/${where}`, { method: 'POST', headers, body })).status, 200)
    }
    await reader.heard(() => names.every((name) => pointsOf(reader.events, 'r', name).length === 2))
    for (const [index, name] of names.entries()) {
      const points = pointsOf(reader.events, 'r', name).map(([step, , value]) => [step, value])
      assert.deepEqual(points, [
        [0, index],
        [1, index],
      ])
    }
  })

  test('of many runs that are written to at once are each there as in the export', async (t) => {
    const project = await newProject()
    const reader = await listen(t, `${project}/stream`)
    const runs = range(6).map((index) => `run-${index}`)
    await Promise.all(
      runs.flatMap((run, index) => [
        (async () => {
          for (const step of range(40)) {
            const metrics = { [`m${step % 3}`]: step, every: index * 1_000 + step }
            await must('POST', `${project}/runs/${run}/metrics`, {
              step: 40 - step,
              timestamp: startMs + step,
              metrics,
            })
          }
        })(),
        (async () => {
          const writer = randomUUID()
          for (const sequence of range(10)) {
            const steps = range(7, sequence * 7)
            const sparse = steps.map((step) => (step % 2 ? null : step))
            const batch = {
              writer,
              sequence,
              steps,
              timestamps: steps.map((step) => startMs + step),
              metrics: { batched: steps, sparse },
            }
            await must('POST', `${project}/runs/${run}/metrics/batch`, batch)
          }
        })(),
      ]),
    )
    const isThere = (run: string) =>
      pointsOf(reader.events, run, 'every').length >= 40 && pointsOf(reader.events, run, 'batched').length >= 70
    await reader.heard(() => runs.every(isThere))
    for (const run of runs) {
      const exported = await exportedPoints(`${project}/runs/${run}`)
      for (const metric of new Set(exported.map((point) => point.metric))) {
        const expected = exported
          .filter((point) => point.metric === metric)
          .map(({ step, timestamp, value }) => [step, timestamp, value])
        const told = pointsOf(reader.events, run, metric).toSorted(([one], [other]) => one - other)
        assert.deepEqual(told, expected, `${metric} of ${run}`)
      }
    }
    assert.ok(reader.events.every(({ event }) => event !== 'resync'))
    // Each event begins where the one before ended, or after what concerned nobody here.
    const ids = reader.events.map(({ id, data }) => [Number(data.since ?? id), Number(id)])
    for (const [index, [since]] of ids.entries()) assert.ok(index === 0 || since >= ids[index - 1][1])
  })

  test('of other runs than those that are asked for are not told, and a run may be made later', async (t) => {
    const project = await newProject()
    const [some, all] = [await listen(t, `${project}/stream?runs=r,later,r`), await listen(t, `${project}/stream`)]
    for (const run of ['other', 'r', 'later', 'later-still']) {
      await must('POST', `${project}/runs/${run}/metrics`, { metrics: { loss: 1 } })
    }
    await must('POST', `${project}/runs`, { name: 'other', resume: true, notes: 'n' })
    await must('DELETE', `${project}/runs/other`)
    await must('POST', `${project}/runs/later/metrics`, { metrics: { end: 1 } })
    await Promise.all([some, all].map((reader) => reader.heard(() => pointsOf(reader.events, 'later', 'end').length)))
    const named = (events: readonly StreamEvent[]) =>
      new Set(
        events.flatMap(({ data }) => [...(data.points ?? []), ...(data.runs ?? [])].map((its) => its.run ?? its.name)),
      )
    assert.deepEqual([...named(some.events)].sort(), ['later', 'r'])
    assert.deepEqual(
      some.events.flatMap(({ data }) => data.deleted ?? []),
      [],
    )
    assert.ok(named(all.events).has('later-still'))
    assert.deepEqual(
      all.events.flatMap(({ data }) => data.deleted ?? []),
      ['other'],
    )
  })
})

suite('what changes about a run is told', () => {
  /** What a stream tells of the run `r` after a deed, held against what GET answers. */
  async function told(reader: EventReader, project: string, deed: () => Promise<unknown>): Promise<Json> {
    await deed()
    const event = await reader.find(({ data }) => data.runs?.length)
    assert.equal(event.event, 'changes')
    const { metrics: _, writers: __, ...run } = await must('GET', `${project}/runs/r`)
    assert.deepEqual(event.data.runs, [run])
    return run
  }

  test('when it is made, goes on, is described, ends, and gets an artifact', async (t) => {
    const project = await newProject()
    await must('DELETE', `${project}/runs/r`)
    const reader = await listen(t, `${project}/stream`)
    const run = `${project}/runs/r`
    const deeds: [string, () => Promise<unknown>, Json][] = [
      ['made', () => must('POST', `${project}/runs`, { name: 'r', config: { a: 1 } }), { config: { a: 1 } }],
      ['config', () => must('POST', `${run}/config`, { config: { b: [null] } }), { config: { a: 1, b: [null] } }],
      ['summary', () => must('POST', `${run}/summary`, { summary: { best: 1 } }), { summary: { best: 1 } }],
      ['tags', () => must('POST', `${run}/tags`, { tags: ['x'] }), { tags: ['x'] }],
      ['notes', () => must('PATCH', run, { notes: 'two\nlines' }), { notes: 'two\nlines' }],
      ['name', () => must('PATCH', run, { display_name: 'R' }), { display_name: 'R' }],
      ['artifact', () => upload(run, Buffer.from('bytes'), { name: 'a' }), { status: 'running' }],
      ['finish', () => must('POST', `${run}/finish`, { exit_code: 3 }), { status: 'failed', exit_code: 3 }],
      [
        'resume',
        () => must('POST', `${project}/runs`, { name: 'r', resume: true, config: { c: 1 } }),
        { status: 'running', exit_code: null, finished_at: null, config: { a: 1, b: [null], c: 1 } },
      ],
    ]
    let before: Json
    for (const [what, deed, expected] of deeds) {
      const run = await told(reader, project, deed)
      for (const [key, value] of Object.entries(expected)) assert.deepEqual(run[key], value, what)
      assert.notDeepEqual(run, before, what)
      before = run
    }
  })

  test('but not again with each of its points', async (t) => {
    const project = await newProject()
    const reader = await listen(t, `${project}/stream`)
    for (const step of range(5)) await must('POST', `${project}/runs/r/metrics`, { step, metrics: { loss: 1 } })
    await reader.heard(() => pointsOf(reader.events, 'r', 'loss').length === 5)
    assert.deepEqual(
      reader.events.flatMap(({ data }) => data.runs ?? []),
      [],
    )
  })

  test('when it is deleted, and made again under its name', async (t) => {
    const project = await newProject()
    const reader = await listen(t, `${project}/stream`)
    await must('POST', `${project}/runs/r/metrics`, { step: 1, metrics: { old: 1 } })
    await reader.heard(() => pointsOf(reader.events, 'r', 'old').length === 1)
    // All of this may be one event or several: what is deleted goes first.
    await must('DELETE', `${project}/runs/r`)
    await must('POST', `${project}/runs/r/metrics`, { step: 2, metrics: { new: 1 } })
    const before = reader.events.length
    await reader.heard(() => pointsOf(reader.events, 'r', 'new').length === 1)
    const events = reader.events.slice(before)
    const deletion = events.findIndex(({ data }) => data.deleted.includes('r'))
    assert.deepEqual(
      events.flatMap(({ data }) => data.deleted),
      ['r'],
    )
    assert.deepEqual(pointsOf(events.slice(0, deletion), 'r', 'new'), [])
    assert.deepEqual(pointsOf(events, 'r', 'old'), [])
    assert.ok(events.slice(deletion).some(({ data }) => data.runs.some(({ name }: Json) => name === 'r')))
  })

  test('every deletion once, however many there are while others write', async (t) => {
    const project = await newProject()
    const readers = await Promise.all(range(3).map(() => listen(t, `${project}/stream`)))
    const doomed = range(60).map((index) => `doomed-${index}`)
    await Promise.all(doomed.map((name) => must('POST', `${project}/runs`, { name })))
    let isDone = false
    const writing = range(4).map(async () => {
      while (!isDone) await must('POST', `${project}/runs/r/metrics`, { metrics: { loss: 1 } })
    })
    for (const name of doomed) await must('DELETE', `${project}/runs/${name}`)
    isDone = true
    await Promise.all(writing)
    const deleted = (reader: EventReader) => reader.events.flatMap(({ data }) => data.deleted ?? [])
    await Promise.all(readers.map((reader) => reader.heard(() => deleted(reader).length >= doomed.length)))
    for (const reader of readers) {
      assert.deepEqual(deleted(reader), doomed)
      assert.ok(reader.events.every(({ event }) => event !== 'resync'))
    }
  })
})

test('a project that is deleted ends its streams, and is not found by who comes again', async (t) => {
  const project = await newProject()
  const reader = await listen(t, `${project}/stream`)
  await must('DELETE', project)
  await reader.ended()
  await assert.rejects(EventReader.open(`${project}/stream`, { lastId: reader.lastId }), /404 .*Project not found/)
})

test('who listened to a project that was deleted and made anew reads all of it again', async (t) => {
  const project = await newProject()
  const first = await listen(t, `${project}/stream`)
  first.drop()
  await must('DELETE', project)
  await must('POST', `${project}/runs/other/metrics`, { metrics: { loss: 1 } })
  const reader = await listen(t, `${project}/stream`, { lastId: first.lastId })
  const { event, data } = (await reader.next()) as StreamEvent
  assert.deepEqual([event, data.resync, data.points, data.runs], ['resync', null, [], []])
})

suite('what changes about the project is told', () => {
  test('to every listener, as it is read, also to who comes later, and only when it changes', async (t) => {
    const project = await newProject()
    const [all, some] = [await listen(t, `${project}/stream`), await listen(t, `${project}/stream?runs=absent`)]
    const begin = all.events[0]?.id
    const told = async (reader: EventReader) => (await reader.find(({ data }) => data.project)).data
    const described = await must('PATCH', project, { display_name: 'Digits', notes: 'two\nlines' })
    for (const reader of [all, some]) assert.deepEqual((await told(reader)).project, described)
    // Project tags come with runs: the same ones change nothing.
    await must('POST', `${project}/runs`, { name: 's', project_tags: ['sweep'] })
    const tagged = await all.find(({ data }) => data.project?.tags.length)
    assert.deepEqual([tagged.data.project, tagged.data.project.runs], [await must('GET', project), 2])
    await must('POST', `${project}/runs`, { name: 't', project_tags: ['sweep'] })
    const next = await all.find(({ data }) => data.runs?.some(({ name }: Json) => name === 't'))
    assert.equal(next.data.project, undefined)
    const later = await listen(t, `${project}/stream`, { lastId: begin })
    assert.deepEqual((await told(later)).project, await must('GET', project))
  })
})

suite('a stream begins', () => {
  test('with where it is and how soon to come again, and a cursor of the present tells nothing old', async (t) => {
    const project = await newProject()
    await must('POST', `${project}/runs/r/metrics`, { metrics: { old: 1 } })
    const { cursor } = await must('GET', `${project}/series`)
    for (const query of ['', `?cursor=${cursor}`]) {
      const reader = await EventReader.open(`${project}/stream${query}`)
      t.after(() => reader.drop())
      const { event, id, data } = (await reader.next()) as StreamEvent
      assert.deepEqual([event, id, data], ['open', id, { cursor: id }])
      assert.equal(reader.retryMs, 500)
      await must('POST', `${project}/runs/r/metrics`, { metrics: { new: 1 } })
      await reader.heard(() => pointsOf(reader.events, 'r', 'new').length > 0)
      assert.deepEqual(pointsOf(reader.events, 'r', 'old'), [])
      const { headers } = reader.response
      assert.deepEqual([headers['content-type'], headers['cache-control']], ['text/event-stream', 'no-store'])
    }
  })

  test('after Last-Event-ID rather than after its cursor, and one that is not ours is none', async (t) => {
    const project = await newProject()
    const before = await must('GET', `${project}/series`)
    await must('POST', `${project}/runs/r/metrics`, { metrics: { old: 1 } })
    const { cursor } = await must('GET', `${project}/series`)
    const later = await listen(t, `${project}/stream?cursor=${before.cursor}`, { lastId: cursor })
    const earlier = await listen(t, `${project}/stream?cursor=${cursor}`, { lastId: before.cursor })
    const strangers = []
    for (const lastId of ['', 'abc', '-1', '1e3', '12.5', '9'.repeat(17), 'x'.repeat(5_000)]) {
      strangers.push(await listen(t, `${project}/stream`, { lastId }))
    }
    await must('POST', `${project}/runs/r/metrics`, { metrics: { new: 1 } })
    for (const reader of [later, earlier, ...strangers]) {
      await reader.heard(() => pointsOf(reader.events, 'r', 'new').length === 1)
      assert.equal(pointsOf(reader.events, 'r', 'old').length, reader === earlier ? 1 : 0)
    }
  })

  test('with the word to read all again where its cursor is of the future: it is of another store', async (t) => {
    const project = await newProject()
    for (const cursor of ['9999999999999999', `${(Date.now() + 60_000) * 1_000}`]) {
      const reader = await listen(t, `${project}/stream?cursor=${cursor}`)
      const { event, id, data } = (await reader.next()) as StreamEvent
      assert.deepEqual([event, data.resync], ['resync', null])
      assert.ok(Number(id) < Number(cursor))
      await must('POST', `${project}/runs/r/metrics`, { metrics: { [`after-${cursor}`]: 1 } })
      await reader.heard(() => pointsOf(reader.events, 'r', `after-${cursor}`).length === 1)
    }
  })

  test('with the word to read all again where its cursor is from before the project', async (t) => {
    const project = await newProject()
    await must('POST', `${project}/runs/r/metrics`, { metrics: { loss: 1 } })
    const reader = await listen(t, `${project}/stream?cursor=0`)
    const { event, data } = (await reader.next()) as StreamEvent
    assert.deepEqual([event, data.resync], ['resync', null])
  })
})

suite('a request that is wrong is answered, not streamed', () => {
  test('404 for a project that is not there, 400 for a bad name, 422 for a bad parameter', async () => {
    const project = await newProject()
    assert.equal((await ask('GET', `${tracker.api}/projects/absent/stream`)).status, 404)
    assert.equal((await ask('GET', `${tracker.api}/projects/a.b/stream`)).status, 400)
    const queries = ['runs=', 'runs=a,', 'runs=a%20b', 'runs=,', 'cursor=', 'cursor=abc', 'cursor=-1', 'cursor=1.5']
    queries.push(`cursor=${'1'.repeat(17)}`, 'since=1', 'run=r', `runs=${range(1_001)}`)
    for (const query of queries) {
      const { status, body } = await ask('GET', `${project}/stream?${query}`)
      assert.deepEqual([status, body.detail[0].loc[0]], [422, 'query'], query)
    }
    assert.equal((await ask('POST', `${project}/stream`, {})).status, 405)
  })

  test('HEAD answers what GET would begin with, and ends', async () => {
    const project = await newProject()
    const { status, headers, body } = await ask('HEAD', `${project}/stream`)
    assert.deepEqual([status, headers.get('content-type'), body], [200, 'text/event-stream', ''])
    assert.equal((await ask('HEAD', `${tracker.api}/projects/absent/stream`)).status, 404)
  })

  test('401 without the token where one is set', async (t) => {
    const guarded = await startTracker({ args: ['--token', 'secret-of-twenty-signs'] })
    t.after(() => guarded.stop())
    const authorization = 'Bearer secret-of-twenty-signs'
    const headers = { authorization }
    await ask('POST', `${guarded.api}/projects/p/runs`, { name: 'r' }, headers)
    await assert.rejects(EventReader.open(`${guarded.api}/projects/p/stream`), /^Error: 401 /)
    const reader = await listen(t, `${guarded.api}/projects/p/stream`, { headers })
    await ask('POST', `${guarded.api}/projects/p/runs/r/metrics`, { metrics: { loss: 1 } }, headers)
    assert.deepEqual((await reader.find(({ data }) => data.points?.length)).data.points[0].run, 'r')
  })
})
