import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { after, before, suite, test } from 'node:test'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { ask, deleteForGood, exportedPoints, must } from '../testing/ask.ts'
import { addPoints, slowly } from '../testing/slow-download.ts'
import { startTracker, type TrackerProcess } from '../testing/tracker-process.ts'

let tracker: TrackerProcess
let runs: string
before(async () => {
  tracker = await startTracker()
  runs = `${tracker.api}/projects/p/runs`
})
after(() => tracker.stop())

const range = (count: number, from = 0) => Array.from({ length: count }, (_, index) => from + index)

suite('a record', () => {
  test('makes its run and project, and is kept with its step, its time and every value', async () => {
    const run = `${tracker.api}/projects/fresh/runs/first`
    const record = { step: 7, timestamp: '2026-01-31T09:00:00.123456Z', metrics: { loss: 0.1, 'val/acc': 1, ok: true } }
    assert.deepEqual(await must('POST', `${run}/metrics`, record), { status: 'ok' })
    const timestamp = Date.UTC(2026, 0, 31, 9) + 123.456
    assert.deepEqual(await exportedPoints(run), [
      { metric: 'loss', step: 7, timestamp, value: 0.1 },
      { metric: 'val/acc', step: 7, timestamp, value: 1 },
      { metric: 'ok', step: 7, timestamp, value: 1 },
    ])
    assert.equal((await must('GET', run)).status, 'running')
    assert.equal((await must('GET', `${tracker.api}/projects/fresh`)).runs, 1)
  })

  test('without a step gets the next, and without a time that of the tracker', async () => {
    const run = `${runs}/steps`
    const from = Date.now()
    for (const step of [undefined, null, 10, undefined, 5, undefined]) {
      await must('POST', `${run}/metrics`, { step, metrics: { loss: 1 } })
    }
    const points = await exportedPoints(run)
    assert.deepEqual(
      points.map(({ step }) => step),
      [0, 1, 5, 10, 11, 12],
    )
    for (const { timestamp } of points) assert.ok(timestamp >= from && timestamp <= Date.now())
  })

  test('holds what is not finite, as literals and as strings, and it comes back as strings', async () => {
    const run = `${runs}/diverged`
    const body = '{"step": 1, "metrics": {"a": NaN, "b": Infinity, "c": -Infinity, "d": "NaN", "e": "-Infinity"}}'
    const response = await fetch(`${run}/metrics`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    })
    assert.equal(response.status, 200)
    const values = (await exportedPoints(run)).map(({ value }) => value)
    assert.deepEqual(values, ['NaN', 'Infinity', '-Infinity', 'NaN', '-Infinity'])
    const { metrics } = await must('GET', `${run}/metrics`)
    assert.deepEqual([metrics[0].last, metrics[0].min, metrics[0].max], ['NaN', null, null])
  })
})

suite('a batch', () => {
  const batch = (sequence: number, writer: string, more: object = {}) => ({
    writer,
    sequence,
    steps: range(3, sequence * 3),
    metrics: { loss: range(3, sequence * 3) },
    ...more,
  })

  test('is stored once, however often it is sent', async () => {
    const [run, writer] = [`${runs}/once`, randomUUID()]
    for (const sequence of [0, 1]) {
      assert.deepEqual(await must('POST', `${run}/metrics/batch`, batch(sequence, writer)), {
        status: 'ok',
        next_sequence: sequence + 1,
      })
    }
    for (const sequence of [0, 1]) {
      assert.deepEqual(await must('POST', `${run}/metrics/batch`, batch(sequence, writer)), {
        status: 'ok',
        next_sequence: sequence + 1,
        duplicate: true,
      })
    }
    // The same number under the writer's name in capitals is the same batch.
    const again = await must('POST', `${run}/metrics/batch`, batch(1, writer.toUpperCase()))
    assert.equal(again.duplicate, true)
    assert.deepEqual(
      (await exportedPoints(run)).map(({ step }) => step),
      range(6),
    )
  })

  test('that comes before its turn is a 409 with the number to go back to, and nothing of it is stored', async () => {
    const [run, writer] = [`${runs}/gap`, randomUUID()]
    const early = await ask('POST', `${run}/metrics/batch`, batch(3, writer))
    assert.deepEqual([early.status, early.body.expected_sequence], [409, 0])
    assert.match(early.body.detail, /^Batch 3 came before batch 0/)
    assert.equal((await ask('GET', run)).status, 404)
    await must('POST', `${run}/metrics/batch`, batch(0, writer))
    assert.equal((await ask('POST', `${run}/metrics/batch`, batch(2, writer))).body.expected_sequence, 1)
  })

  test('sent at once on many connections is stored once', async () => {
    const [run, writer] = [`${runs}/contended`, randomUUID()]
    const answers = await Promise.all(range(20).map(() => must('POST', `${run}/metrics/batch`, batch(0, writer))))
    assert.equal(answers.filter(({ duplicate }) => duplicate).length, 19)
    assert.equal((await exportedPoints(run)).length, 3)
  })

  test('of each writer and each run is counted by itself', async () => {
    const writers = [randomUUID(), randomUUID()]
    for (const run of [`${runs}/count-1`, `${runs}/count-2`]) {
      for (const writer of writers) {
        const answer = await must('POST', `${run}/metrics/batch`, batch(0, writer))
        assert.deepEqual(answer, { status: 'ok', next_sequence: 1 })
      }
      assert.equal((await exportedPoints(run)).length, 6)
    }
  })

  test('of columns that differ in length is a 422 that names the column, and changes nothing', async () => {
    const [run, writer] = [`${runs}/unequal`, randomUUID()]
    const unequal: [object, string[]][] = [
      [{ metrics: { a: [1, 2, 3], b: [1, 2] } }, ['body', 'metrics', 'b']],
      [{ metrics: { a: [1, 2, 3, 4] } }, ['body', 'metrics', 'a']],
      [{ timestamps: [1, 2] }, ['body', 'timestamps']],
      [{ steps: [1] }, ['body', 'metrics', 'loss']],
    ]
    for (const [more, loc] of unequal) {
      const { status, body } = await ask('POST', `${run}/metrics/batch`, batch(0, writer, more))
      assert.equal(status, 422)
      assert.deepEqual(body.detail[0].loc, loc)
    }
    assert.equal((await ask('GET', run)).status, 404)
    await must('POST', `${run}/metrics/batch`, batch(0, writer))
  })

  test('has holes where a metric was not logged', async () => {
    const run = `${runs}/holes`
    await must('POST', `${run}/metrics/batch`, {
      writer: randomUUID(),
      sequence: 0,
      steps: [1, null, 5, null],
      timestamps: [1_769_850_000_010, 1_769_850_000_020, null, 1_769_850_000_040],
      metrics: { a: [1, null, 3, null], b: [null, 'NaN', true, null], c: [null, null, null, null] },
    })
    const points = await exportedPoints(run)
    assert.deepEqual(
      points.map(({ metric, step, value }) => [metric, step, value]),
      [
        ['a', 1, 1],
        ['b', 2, 'NaN'],
        ['a', 5, 3],
        ['b', 5, 1],
      ],
    )
    assert.deepEqual([points[0].timestamp, points[1].timestamp], [1_769_850_000_010, 1_769_850_000_020])
  })

  test('of nothing is a sign of life that counts', async () => {
    const [run, writer] = [`${runs}/empty`, randomUUID()]
    await must('POST', `${run}/metrics/batch`, { writer, sequence: 0, metrics: {} })
    assert.deepEqual(
      await must('POST', `${run}/metrics/batch`, { writer, sequence: 1, steps: [], metrics: { a: [] } }),
      {
        status: 'ok',
        next_sequence: 2,
      },
    )
    assert.deepEqual((await must('GET', run)).metrics, [])
  })

  const encodings: [string, (bytes: Buffer) => Buffer<ArrayBuffer>][] = [
    ['gzip', gzipSync],
    ['zstd', zstdCompressSync],
    ['identity', (bytes) => Buffer.from(bytes)],
    ['GZIP', gzipSync],
  ]
  for (const [encoding, encode] of encodings) {
    test(`may come as ${encoding}`, async () => {
      const run = `${runs}/encoded-${encoding}`
      const values = range(20_000).map((step) => Math.sin(step))
      const send = async (bytes: Buffer<ArrayBuffer>) => {
        const response = await fetch(`${run}/metrics/batch`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', 'content-encoding': encoding },
          body: bytes,
        })
        return response.status
      }
      const writer = randomUUID()
      const body = JSON.stringify({ writer, sequence: 0, steps: range(values.length), metrics: { loss: values } })
      const status = await send(encode(Buffer.from(body)))
      assert.equal(status, 200)
      const points = await exportedPoints(run)
      assert.deepEqual(
        points.map(({ value }) => value),
        values,
      )
    })
  }

  test('and any other JSON may come compressed too', async () => {
    const response = await fetch(runs, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'content-encoding': 'zstd' },
      body: zstdCompressSync(Buffer.from('{"name":"compressed","config":{"lr":0.5}}')),
    })
    assert.equal(response.status, 200)
    assert.deepEqual((await must('GET', `${runs}/compressed`)).config, { lr: 0.5 })
  })
})

test('the metrics of a run are listed with what each came to', async () => {
  const run = `${runs}/listed`
  await must('POST', `${run}/metrics`, { step: 2, metrics: { loss: 0.5 } })
  await must('POST', `${run}/metrics`, { step: 9, metrics: { loss: 0.25, acc: 1 } })
  await must('POST', `${run}/metrics`, { step: 1, metrics: { loss: 4 } })
  const loss = {
    ...{ metric: 'loss', count: 3, nonfinite: 0, first_step: 1, first: 4, last_step: 9, last: 0.25 },
    ...{ min: 0.25, min_step: 9, max: 4, max_step: 1, mean: 4.75 / 3 },
  }
  const acc = {
    ...{ metric: 'acc', count: 1, nonfinite: 0, first_step: 9, first: 1, last_step: 9, last: 1 },
    ...{ min: 1, min_step: 9, max: 1, max_step: 9, mean: 1 },
  }
  const { metrics } = await must('GET', `${run}/metrics`)
  assert.deepEqual(metrics, [loss, acc])
  assert.deepEqual((await must('GET', run)).metrics, metrics)
  assert.equal((await ask('GET', `${runs}/absent/metrics`)).status, 404)
})

test('a metric of which nothing is finite has no extremes and no mean, and says how much of it that is', async () => {
  const run = `${runs}/diverged-at-once`
  await must('POST', `${run}/metrics`, { step: 1, metrics: { loss: 'NaN', grad: 2 } })
  await must('POST', `${run}/metrics`, { step: 2, metrics: { loss: '-Infinity', grad: 'Infinity' } })
  const none = { min: null, min_step: null, max: null, max_step: null, mean: null }
  assert.deepEqual((await must('GET', `${run}/metrics`)).metrics, [
    { metric: 'loss', count: 2, nonfinite: 2, first_step: 1, first: 'NaN', last_step: 2, last: '-Infinity', ...none },
    {
      ...{ metric: 'grad', count: 2, nonfinite: 1, first_step: 1, first: 2, last_step: 2, last: 'Infinity' },
      ...{ min: 2, min_step: 1, max: 2, max_step: 1, mean: 2 },
    },
  ])
})

suite('an export', () => {
  test('says what it is and how to name it, as JSON lines and as CSV', async () => {
    const run = `${runs}/exported`
    await must('POST', `${run}/metrics`, {
      step: 1,
      timestamp: 1_769_850_000_005,
      metrics: { 'a,"b"': 0.5, loss: 'NaN' },
    })
    const jsonl = await fetch(`${run}/metrics/export`)
    assert.equal(jsonl.headers.get('content-type'), 'application/x-ndjson')
    assert.equal(jsonl.headers.get('content-disposition'), 'attachment; filename="p.exported.jsonl"')
    assert.equal(
      await jsonl.text(),
      '{"metric":"a,\\"b\\"","step":1,"timestamp":1769850000005,"value":0.5}\n{"metric":"loss","step":1,"timestamp":1769850000005,"value":"NaN"}\n',
    )
    const csv = await fetch(`${run}/metrics/export?format=csv`)
    assert.equal(csv.headers.get('content-type'), 'text/csv; charset=utf-8')
    assert.equal(csv.headers.get('content-disposition'), 'attachment; filename="p.exported.csv"')
    assert.equal(
      await csv.text(),
      'metric,step,timestamp,value\n"a,""b""",1,1769850000005,0.5\nloss,1,1769850000005,NaN\n',
    )
  })

  test('of a run that is not there is a 404, of one with no points or not this metric nothing', async () => {
    assert.deepEqual((await ask('GET', `${runs}/absent/metrics/export`)).body, { detail: 'Run not found' })
    await must('POST', runs, { name: 'nothing' })
    assert.deepEqual(await exportedPoints(`${runs}/nothing`), [])
    const csv = await fetch(`${runs}/nothing/metrics/export?format=csv`)
    assert.equal(await csv.text(), 'metric,step,timestamp,value\n')
    assert.deepEqual(await exportedPoints(`${runs}/exported`, '?metric=absent'), [])
    assert.equal((await ask('GET', `${runs}/nothing/metrics/export?format=xml`)).status, 422)
    assert.equal((await ask('GET', `${runs}/nothing/metrics/export?metrics=loss`)).status, 422)
  })

  test('asked by HEAD is told of and not made', async () => {
    const run = `${runs}/told-of`
    await addPoints(run, 400_000)
    const head = await fetch(`${run}/metrics/export?format=csv`, { method: 'HEAD' })
    assert.equal(head.headers.get('content-type'), 'text/csv; charset=utf-8')
    assert.equal(head.headers.get('content-disposition'), 'attachment; filename="p.told-of.csv"')
    // Were it being made for nobody, it would now break off with an error.
    await deleteForGood(run)
    assert.equal((await fetch(`${run}/metrics/export`, { method: 'HEAD' })).status, 404)
    for (let count = 0; count < 100; count++) await must('GET', `${tracker.api}/projects`)
    assert.doesNotMatch(tracker.log.join('\n'), /"level":50/)
  })

  test('of a run that is deleted for good meanwhile breaks off: a part of it does not pass for all', async () => {
    const run = `${runs}/deleted-meanwhile`
    await addPoints(run, 400_000)
    const response = await slowly(`${run}/metrics/export`)
    await once(response, 'readable')
    response.read(1)
    await deleteForGood(run)
    response.resume()
    await assert.rejects(once(response, 'end'), /aborted|ECONNRESET/)
    assert.equal(response.complete, false)
    assert.equal((await ask('GET', `${tracker.api}/health`)).status, 200)
  })
})
