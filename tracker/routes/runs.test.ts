import assert from 'node:assert/strict'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { ask, deleteForGood, exportedPoints, type Json, must, upload } from '../testing/ask.ts'
import { startTracker, type TrackerProcess } from '../testing/tracker-process.ts'

let tracker: TrackerProcess
let api: string
let runs: string
before(async () => {
  tracker = await startTracker()
  api = tracker.api
  runs = `${api}/projects/p/runs`
})
after(() => tracker.stop())

const range = (count: number) => Array.from({ length: count }, (_, index) => index)

suite('creating a run', () => {
  test('keeps all that is said of it, and answers with its names', async () => {
    const said = {
      name: 'whole',
      tags: ['a', 'b', 'a'],
      notes: 'Line one\nline two',
      config: { lr: 0.1, layers: [1, 2], nested: { deep: { er: null } }, ключ: '値' },
      project_tags: ['t'],
    }
    assert.deepEqual(await must('POST', runs, said), { status: 'ok', project: 'p', name: 'whole', run_id: 'whole' })
    const { created_at, heard_at, ...run } = await must('GET', `${runs}/whole`)
    assert.deepEqual(run, {
      project: 'p',
      name: 'whole',
      run_id: 'whole',
      number: 1,
      id: null,
      display_name: null,
      group: null,
      job_type: null,
      status: 'running',
      exit_code: null,
      tags: ['a', 'b'],
      notes: said.notes,
      config: said.config,
      summary: {},
      finished_at: null,
      duration: 0,
      finish_reason: null,
      metrics: [],
      writers: [],
    })
    for (const moment of [created_at, heard_at]) assert.ok(Math.abs(Date.parse(moment) - Date.now()) < 60_000)
    assert.deepEqual((await must('GET', `${api}/projects/p`)).tags, ['t'])
  })

  test('without a name gets one that can be said aloud, another each time', async () => {
    const answers = await Promise.all(
      [{}, { name: null }, {}].map((body) => must('POST', `${api}/projects/auto/runs`, body)),
    )
    assert.equal(new Set(answers.map(({ name }) => name)).size, 3)
    for (const { name, run_id } of answers) {
      assert.match(name, /^[a-z]+-[a-z]+(-\d+)?$/)
      assert.equal(run_id, name)
    }
  })

  test('under a name that is taken is a 409 and changes nothing', async () => {
    await must('POST', runs, { name: 'taken', config: { a: 1 } })
    const before = await must('GET', `${runs}/taken`)
    for (const body of [
      { name: 'taken', config: { a: 2 } },
      { name: 'taken', resume: false },
      { name: 'taken', resume: null },
    ]) {
      assert.deepEqual(await ask('POST', runs, body).then(({ status, body }) => ({ status, body })), {
        status: 409,
        body: { detail: 'Run already exists' },
      })
    }
    assert.deepEqual(await must('GET', `${runs}/taken`), before)
    // In another project the name is free.
    await must('POST', `${api}/projects/other/runs`, { name: 'taken' })
  })

  test('of one name at once on many connections succeeds exactly once', async () => {
    for (const round of range(5)) {
      const answers = await Promise.all(
        range(24).map((index) => ask('POST', runs, { name: `contended-${round}`, config: { index } })),
      )
      const statuses = answers.map(({ status }) => status)
      assert.equal(statuses.filter((status) => status === 200).length, 1)
      assert.equal(statuses.filter((status) => status === 409).length, 23)
      const winner = statuses.indexOf(200)
      assert.deepEqual((await must('GET', `${runs}/contended-${round}`)).config, { index: winner })
    }
  })

  test('and logging to it at once makes one run, and loses no point', async () => {
    const name = 'created-and-logged'
    const answers = await Promise.all([
      ...range(10).map((step) => must('POST', `${runs}/${name}/metrics`, { step, metrics: { loss: step } })),
      ...range(10).map(() => ask('POST', runs, { name, resume: true, config: { lr: 0.5 } })),
    ])
    for (const { status } of answers.slice(10)) assert.equal(status, 200)
    assert.equal((await exportedPoints(`${runs}/${name}`)).length, 10)
    assert.deepEqual((await must('GET', `${runs}/${name}`)).config, { lr: 0.5 })
  })
})

suite('resuming a run', () => {
  test('goes on with what is there: config merged, tags added, running again, points kept', async () => {
    await must('POST', runs, { name: 'resumed', config: { a: 1, b: { c: 1 } }, tags: ['x'], notes: 'first' })
    await must('POST', `${runs}/resumed/metrics`, { metrics: { loss: 1 } })
    await must('POST', `${runs}/resumed/finish`, { exit_code: 2 })
    await must('POST', runs, {
      name: 'resumed',
      resume: true,
      config: { b: { d: 2 } },
      tags: ['y'],
      project_tags: ['again'],
    })
    await must('POST', `${runs}/resumed/metrics`, { metrics: { loss: 0.5 } })
    const run = await must('GET', `${runs}/resumed`)
    assert.deepEqual(
      [run.status, run.exit_code, run.finished_at, run.config, run.tags, run.notes],
      ['running', null, null, { a: 1, b: { d: 2 } }, ['x', 'y'], 'first'],
    )
    assert.deepEqual(
      (await exportedPoints(`${runs}/resumed`)).map(({ step, value }) => [step, value]),
      [
        [0, 1],
        [1, 0.5],
      ],
    )
    assert.ok((await must('GET', `${api}/projects/p`)).tags.includes('again'))
  })

  test('that is not there creates it', async () => {
    assert.equal((await must('POST', runs, { name: 'resumed-new', resume: true })).run_id, 'resumed-new')
    assert.equal((await must('GET', `${runs}/resumed-new`)).status, 'running')
  })
})

suite('describing a run', () => {
  before(() => must('POST', runs, { name: 'described', config: { a: 1, b: { c: 1 } } }))
  const run = () => must('GET', `${runs}/described`)

  test('config and summary are merged by their top-level keys', async () => {
    assert.deepEqual(await must('POST', `${runs}/described/config`, { config: { b: { d: 2 }, e: null } }), {
      status: 'ok',
    })
    assert.deepEqual((await run()).config, { a: 1, b: { d: 2 }, e: null })
    await must('POST', `${runs}/described/summary`, { summary: { best: 1, worst: 2 } })
    await must('POST', `${runs}/described/summary`, { summary: { best: 'NaN' } })
    assert.deepEqual((await run()).summary, { best: 'NaN', worst: 2 })
  })

  test('keys that JavaScript knows otherwise are keys like any other', async () => {
    const body = '{"config": {"__proto__": {"x": 1}, "constructor": 2, "toString": 3}}'
    const headers = { 'content-type': 'application/json' }
    const response = await fetch(`${runs}/described/config`, { method: 'POST', headers, body })
    assert.equal(response.status, 200)
    const text = await (await fetch(`${runs}/described`)).text()
    for (const part of ['"__proto__":{"x":1}', '"constructor":2', '"toString":3']) assert.ok(text.includes(part), part)
  })

  test('tags are replaced', async () => {
    await must('POST', `${runs}/described/tags`, { tags: ['one', 'two', 'one'] })
    assert.deepEqual((await run()).tags, ['one', 'two'])
    await must('POST', `${runs}/described/tags`, { tags: [] })
    assert.deepEqual((await run()).tags, [])
  })

  test('finishing sets how it ended, with 0 unless said; what comes late is still taken', async () => {
    for (const [body, status, code] of [
      [{}, 'finished', 0],
      [{ exit_code: 3 }, 'failed', 3],
      [{ exit_code: -9 }, 'failed', -9],
      [{ exit_code: 0 }, 'finished', 0],
    ] as const) {
      assert.deepEqual(await must('POST', `${runs}/described/finish`, body), { status: 'ok' })
      const { status: ended, exit_code, finished_at } = await run()
      assert.deepEqual([ended, exit_code], [status, code])
      assert.ok(Math.abs(Date.parse(finished_at) - Date.now()) < 60_000)
    }
    await must('POST', `${runs}/described/metrics`, { metrics: { late: 1 } })
    assert.deepEqual([(await run()).metrics.length, (await run()).status], [1, 'finished'])
  })

  test('PATCH changes what it names, and answers the run as it is now', async () => {
    const before = await run()
    const patched = await must('PATCH', `${runs}/described`, { display_name: 'Ünïcödé 🙂', notes: 'n' })
    assert.deepEqual(patched, { ...before, display_name: 'Ünïcödé 🙂', notes: 'n' })
    assert.deepEqual(await run(), patched)
    assert.deepEqual(await must('PATCH', `${runs}/described`, { tags: ['t', 't'] }), { ...patched, tags: ['t'] })
    assert.deepEqual(await must('PATCH', `${runs}/described`, {}), { ...patched, tags: ['t'] })
    const removed = await must('PATCH', `${runs}/described`, { display_name: null, tags: [], notes: '' })
    assert.deepEqual([removed.display_name, removed.tags, removed.notes], [null, [], ''])
  })

  test('a run that is not there is a 404 for every call but logging, and is not created', async () => {
    const calls: [string, string, Json][] = [
      ['GET', '', undefined],
      ['PATCH', '', { notes: 'n' }],
      ['DELETE', '', undefined],
      ['POST', '/config', { config: {} }],
      ['POST', '/summary', { summary: {} }],
      ['POST', '/tags', { tags: [] }],
      ['POST', '/finish', {}],
      ['GET', '/metrics', undefined],
      ['GET', '/metrics/export', undefined],
      ['GET', '/artifacts', undefined],
    ]
    for (const [method, path, body] of calls) {
      const { status, body: answer } = await ask(method, `${runs}/absent${path}`, body)
      assert.deepEqual([status, answer], [404, { detail: 'Run not found' }], `${method} ${path}`)
    }
    assert.equal((await ask('GET', `${runs}/absent`)).status, 404)
  })
})

suite('the list of runs', () => {
  test('is newest first, in pages that hold each once, also when runs come and go meanwhile', async () => {
    const list = `${api}/projects/listed/runs`
    for (const index of range(9)) await must('POST', list, { name: `r${index}` })
    const names = (page: Json) => page.runs.map(({ name }: Json) => name)
    assert.deepEqual(
      names(await must('GET', list)),
      range(9).map((index) => `r${8 - index}`),
    )

    const first = await must('GET', `${list}?limit=4`)
    await must('POST', list, { name: 'newcomer' })
    await must('DELETE', `${list}/r5`) // The last of the first page: its cursor goes on from there all the same.
    await must('DELETE', `${list}/r3`)
    const second = await must('GET', `${list}?limit=4&cursor=${first.next_cursor}`)
    assert.deepEqual(names(first), ['r8', 'r7', 'r6', 'r5'])
    assert.deepEqual(names(second), ['r4', 'r2', 'r1', 'r0'])
    assert.equal(second.next_cursor, null)
  })

  test('is bounded, and says what is wrong with a limit or a cursor', async () => {
    const list = `${api}/projects/listed/runs`
    const project = await must('GET', `${api}/projects?limit=1`)
    for (const query of ['limit=0', 'limit=1001', 'limit=x', 'cursor=x', `cursor=${project.next_cursor}`, 'page=2']) {
      const { status, body } = await ask('GET', `${list}?${query}`)
      assert.equal(status, 422, query)
      assert.deepEqual(body.detail[0].loc, ['query', query.split('=')[0]])
    }
    assert.equal((await ask('GET', `${api}/projects/absent/runs`)).status, 404)
  })
})

suite('deleting a run', () => {
  test('takes all that was its own, leaves every other, and frees its name', async () => {
    const keep = `${runs}/kept`
    const gone = `${runs}/gone`
    for (const run of [keep, gone]) {
      await must('POST', `${run}/metrics`, { step: 1, metrics: { loss: 1 } })
      await upload(run, Buffer.from(run), { name: 'own' })
    }
    const before = await must('GET', keep)
    const { trash_id, ...told } = await must('DELETE', gone)
    assert.deepEqual(told, { status: 'ok' })
    assert.match(trash_id, /^[0-9a-f-]{36}$/)
    for (const path of ['', '/metrics', '/metrics/export', '/artifacts', '/artifacts/own']) {
      assert.equal((await ask('GET', `${gone}${path}`)).status, 404, path)
    }
    assert.equal((await ask('DELETE', gone)).status, 404)
    assert.deepEqual(await must('GET', keep), before)
    assert.equal(await (await fetch(`${keep}/artifacts/own`)).text(), keep)

    await must('POST', runs, { name: 'gone' })
    assert.deepEqual((await must('GET', gone)).metrics, [])
    assert.deepEqual((await must('GET', `${gone}/artifacts`)).artifacts, [])
    assert.deepEqual(await exportedPoints(gone), [])
  })

  test('for good forgets its writers: a run made anew under its name begins with batch 0', async () => {
    const [run, writer] = [`${runs}/rewritten`, crypto.randomUUID()]
    const batch = (sequence: number) => ({ writer, sequence, steps: [sequence], metrics: { loss: [sequence] } })
    await must('POST', `${run}/metrics/batch`, batch(0))
    await must('POST', `${run}/metrics/batch`, batch(1))
    await deleteForGood(run)
    assert.equal((await ask('POST', `${run}/metrics/batch`, batch(2))).body.expected_sequence, 0)
    assert.deepEqual(await must('POST', `${run}/metrics/batch`, batch(0)), { status: 'ok', next_sequence: 1 })
    assert.equal((await exportedPoints(run)).length, 1)
  })

  test('for good gives the disk back', async () => {
    const own = await startTracker()
    try {
      const run = `${own.api}/projects/p/runs/large`
      const steps = range(100_000)
      for (const sequence of range(8)) {
        // Values that nothing makes smaller.
        const metrics = { loss: steps.map(() => Math.random()) }
        await must('POST', `${run}/metrics/batch`, { writer: crypto.randomUUID(), sequence: 0, steps, metrics })
        assert.equal(
          (await upload(run, crypto.getRandomValues(new Uint8Array(60_000)), { name: `a${sequence}` })).status,
          200,
        )
      }
      const full = await bytesIn(own.dataDir)
      assert.ok(full > 19_000_000, `${full} bytes`)
      await deleteForGood(run)
      const untilMs = performance.now() + 10_000
      for (;;) {
        const left = await bytesIn(own.dataDir)
        if (left < 2_000_000) break
        assert.ok(performance.now() < untilMs, `${left} of ${full} bytes are still there`)
        await must('GET', `${own.api}/health`)
      }
    } finally {
      await own.stop()
    }
  })
})

async function bytesIn(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const sizes = entries
    .filter((entry) => entry.isFile())
    .map((entry) =>
      stat(join(entry.parentPath, entry.name)).then(
        ({ size }) => size,
        () => 0,
      ),
    )
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0)
}
