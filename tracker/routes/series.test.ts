import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { after, before, suite, test } from 'node:test'
import { tableFromIPC } from 'apache-arrow'
import { ask, type Json, must } from '../testing/ask.ts'
import { exchange } from '../testing/raw-connection.ts'
import { startTracker, type TrackerProcess } from '../testing/tracker-process.ts'

const arrowType = 'application/vnd.apache.arrow.stream'
const start = 1769850000000

let tracker: TrackerProcess
before(async () => {
  tracker = await startTracker()
})
after(() => tracker.stop())

const project = (name = 'p') => `${tracker.api}/projects/${name}`
const url = (query: string, name = 'p') => `${project(name)}/series${query}`
const read = (query: string, name = 'p'): Promise<Json> => must('GET', url(query, name))
const linesOf = (answer: Json): string[] => answer.series.map(({ run, metric }: Json) => `${run}/${metric}`)

/** Logs columns: a second between steps. */
async function log(run: string, metrics: Record<string, unknown[]>, { name = 'p', first = 0, apart = 1 } = {}) {
  const rows = Object.values(metrics)[0].length
  const steps = Array.from({ length: rows }, (_, row) => first + row * apart)
  const timestamps = steps.map((step) => start + step * 1_000)
  await must('POST', `${project(name)}/runs/${run}/metrics/batch`, {
    ...{ writer: randomUUID(), sequence: 0 },
    ...{ steps, timestamps, metrics },
  })
}

const range = (count: number, from = 0) => Array.from({ length: count }, (_, index) => from + index)

suite('a series', () => {
  before(() =>
    log(
      'short',
      {
        loss: [2, 1.5, 1, 'NaN', 0.5, 0.75, 0.25, 0.125],
        epoch: [0, null, null, null, 1, null, null, null],
      },
      { name: 'example' },
    ),
  )
  const loss = { run: 'short', metric: 'loss' }

  test('with at most `points` points is every one of them, with one more it is buckets', async () => {
    const exact = await read('?metrics=loss&points=8', 'example')
    assert.match(exact.cursor, /^\d{16}$/)
    assert.equal(exact.bucket, 1)
    const y = [2, 1.5, 1, 'NaN', 0.5, 0.75, 0.25, 0.125]
    assert.deepEqual(exact.series, [{ ...loss, count: 8, exact: true, x: range(8), y }])
    const { bucket, series } = await read('?metrics=loss&points=7', 'example')
    assert.equal(bucket, 2)
    assert.deepEqual(series, [
      {
        ...{ ...loss, count: 8, exact: false },
        ...{ x: [0, 2, 4, 6], y: [1.75, 1, 0.625, 0.1875] },
        ...{ min: [1.5, 1, 0.5, 0.125], max: [2, 1, 0.75, 0.25] },
        ...{ finite: [2, 1, 2, 2], nonfinite: [0, 1, 0, 0] },
      },
    ])
  })

  test('has 1,000 points unless it says how many, and counts those of the range', async () => {
    await log('thousand', { a: range(1_001), b: [...range(1_000), null] }, { name: 'default' })
    const [a, b] = (await read('', 'default')).series
    assert.deepEqual([a.exact, a.count, a.x.length], [false, 1_001, 501])
    assert.deepEqual([b.exact, b.count, b.x.length], [true, 1_000, 1_000])
    const [part] = (await read('?metrics=a&from=1&to=1000', 'default')).series
    assert.deepEqual([part.exact, part.count, part.x[0], part.x.at(-1)], [true, 1_000, 1, 1_000])
  })

  test('of buckets without a finite value has null there, and words for what is not finite in points', async () => {
    const y = ['NaN', 'Infinity', '-Infinity', 'NaN', 1, 2, 3, 'Infinity']
    await log('diverged', { loss: y }, { name: 'words' })
    assert.deepEqual((await read('', 'words')).series[0].y, y)
    const { series } = await read('?points=4', 'words')
    assert.deepEqual(series[0].y, [null, null, 1.5, 3])
    assert.deepEqual(series[0].min, [null, null, 1, 3])
    assert.deepEqual(series[0].max, [null, null, 2, 3])
    assert.deepEqual(series[0].finite, [0, 0, 2, 1])
    assert.deepEqual(series[0].nonfinite, [2, 2, 0, 1])
  })

  test('leaves out buckets without points', async () => {
    await log('gap', { loss: [1, 2, 3, 4] }, { name: 'gaps' })
    await log('gap', { loss: [5, 6, 7, 8] }, { name: 'gaps', first: 100 })
    const { bucket, series } = await read('?points=7', 'gaps')
    assert.equal(bucket, 16)
    assert.deepEqual(
      [series[0].x, series[0].y],
      [
        [0, 96],
        [2.5, 6.5],
      ],
    )
  })

  test('along times is at its points, or at the first point of each bucket', async () => {
    const exact = await read(`?metrics=loss&x=time&from=${start + 2_000}&to=${start + 4_000}`, 'example')
    assert.deepEqual(exact.series[0].x, [start + 2_000, start + 3_000, start + 4_000])
    const buckets = await read('?metrics=loss&x=time&points=3', 'example')
    assert.equal(buckets.bucket, 4)
    assert.deepEqual(buckets.series[0].x, [start, start + 4_000])
    const relative = await read('?metrics=epoch&x=relative&from=1&to=4', 'example')
    assert.deepEqual([relative.series[0].x, relative.series[0].start], [[4], start])
    // Only an axis that counts from somewhere says from where.
    assert.equal(exact.series[0].start, undefined)
    const { series } = await read('?x=relative&points=3', 'example')
    assert.deepEqual(
      series.map((line: Json) => [line.exact, line.start]),
      [
        [false, start],
        [true, start],
      ],
    )
  })

  test('along another metric is at the last value of it, and not there before the first', async () => {
    const along = await read('?metrics=loss&x=metric:epoch', 'example')
    assert.deepEqual(along.series[0].x, [0, 0, 0, 0, 1, 1, 1, 1])
    const second = await read('?metrics=loss&x=metric:epoch&from=1', 'example')
    assert.deepEqual([second.series[0].x[0], second.series[0].y[0]], [1, 0.5])
    await log('later', { loss: [3, 2, 1], 'epoch, of 2': [null, 1, null] }, { name: 'along' })
    const later = await read(`?metrics=loss&x=${encodeURIComponent('metric:epoch, of 2')}`, 'along')
    assert.deepEqual(
      [later.series[0].x, later.series[0].y],
      [
        [1, 1],
        [2, 1],
      ],
    )
    assert.deepEqual((await read('?x=metric:absent', 'example')).series, [])
  })
})

suite('several series', () => {
  before(async () => {
    await log('one', { loss: range(64), acc: range(64) }, { name: 'several' })
    await log(
      'two',
      { loss: range(10), 'val/loss, mean': range(10), 'ü+&=': range(10) },
      { name: 'several', first: 50 },
    )
  })

  test('share one grid, which an asked range alone decides', async () => {
    const { bucket, series } = await read('?metrics=loss&points=9', 'several')
    assert.equal(bucket, 8)
    const [two, one] = series
    assert.deepEqual([two.run, one.run], ['two', 'one'])
    assert.deepEqual(
      one.x,
      range(8).map((index) => index * 8),
    )
    assert.deepEqual([two.exact, two.x], [false, [48, 56]])
    const asked = '?metrics=loss&points=9&from=-1000&to=1000'
    const before = await read(asked, 'several')
    assert.equal(before.bucket, 256)
    assert.deepEqual(before.series[1].x, [0])
    await log('one', { loss: range(100) }, { name: 'several', first: 64 })
    assert.equal((await read(asked, 'several')).bucket, 256)
    assert.equal((await read('?metrics=loss&points=9', 'several')).bucket, 32)
  })

  test('come by run as they are asked for, each once, and without those a run has not', async () => {
    assert.deepEqual(linesOf(await read('?runs=one,two&metrics=acc,loss', 'several')), [
      'one/acc',
      'one/loss',
      'two/loss',
    ])
    assert.deepEqual(linesOf(await read('?runs=two,one,two&metrics=loss,loss', 'several')), ['two/loss', 'one/loss'])
    assert.deepEqual(linesOf(await read('?runs=one', 'several')), ['one/loss', 'one/acc'])
    assert.deepEqual(linesOf(await read('?metrics=absent,acc', 'several')), ['one/acc'])
    // Newest first, as in lists.
    assert.deepEqual(linesOf(await read('?metrics=loss', 'several')), ['two/loss', 'one/loss'])
    assert.deepEqual(linesOf(await read('?runs=one&from=1000', 'several')), [])
  })

  test('have names with commas one a parameter, beside those between commas', async () => {
    const [comma, signs] = ['val/loss, mean', 'ü+&='].map(encodeURIComponent)
    assert.deepEqual(linesOf(await read(`?metric=${comma}`, 'several')), ['two/val/loss, mean'])
    assert.deepEqual(linesOf(await read(`?metric=${signs}&metric=${comma}&metric=loss&runs=two`, 'several')), [
      'two/ü+&=',
      'two/val/loss, mean',
      'two/loss',
    ])
    assert.deepEqual(linesOf(await read(`?metrics=loss&metric=${comma}&runs=two`, 'several')), [
      'two/loss',
      'two/val/loss, mean',
    ])
    assert.deepEqual(linesOf(await read(`?metrics=${comma}`, 'several')), [])
  })
})

suite('a question that is wrong', () => {
  test('is a 422 that names the parameter', async () => {
    await log('r', { loss: [1, 2] }, { name: 'wrong' })
    const wrong: [string, string, RegExp][] = [
      ['points=1', 'points', />= 2/],
      ['points=20001', 'points', /<= 20000/],
      ['points=2.5', 'points', /integer/],
      ['points=many', 'points', /integer/],
      ['points=', 'points', /integer/],
      ['points=2&points=3', 'points', /integer/],
      ['from=now', 'from', /number/],
      ['from=', 'from', /number/],
      ['to=2026-01-31', 'to', /number/],
      ['to=NaN', 'to', /number/],
      ['from=2&to=1', 'to', /below `from`/],
      ['x=steps', 'x', /metric:<name>/],
      ['x=metric:', 'x', /metric:<name>/],
      ['x=', 'x', /metric:<name>/],
      ['runs=', 'runs', /names of runs/],
      ['runs=r,', 'runs', /names of runs/],
      ['runs=r,,r', 'runs', /names of runs/],
      ['runs=r%20r', 'runs', /names of runs/],
      ['runs=r&runs=r', 'runs', /names of runs/],
      [`runs=${range(1_001).map(() => 'r')}`, 'runs', /at most 1000/],
      ['metrics=', 'metrics', /fewer than 1/],
      ['metric=', 'metric', /fewer than 1/],
      ['metrik=loss', 'metrik', /Unknown parameter/],
      ['Points=5', 'Points', /Unknown parameter/],
    ]
    for (const [query, name, msg] of wrong) {
      const { status, body } = await ask('GET', url(`?${query}`, 'wrong'))
      assert.equal(status, 422, query.slice(0, 40))
      assert.deepEqual(body.detail[0].loc.slice(0, 2), ['query', name], query.slice(0, 40))
      assert.match(body.detail[0].msg, msg)
    }
    assert.deepEqual(linesOf(await read('?points=2&from=-1e300&to=1e300&x=step', 'wrong')), ['r/loss'])
    assert.deepEqual(linesOf(await read('?points=20000', 'wrong')), ['r/loss'])
    assert.deepEqual(linesOf(await read(`?runs=${range(1_000).map(() => 'r')}`, 'wrong')), ['r/loss'])
  })

  test('about what is not there is a 404, about what cannot be a 400', async () => {
    assert.deepEqual(await answerTo('', 'absent'), [404, 'Project not found'])
    assert.deepEqual(await answerTo('?runs=r', 'absent'), [404, 'Run not found'])
    assert.deepEqual(await answerTo('?runs=r,absent', 'wrong'), [404, 'Run not found'])
    assert.equal((await answerTo('', 'no%20name'))[0], 400)
    assert.equal((await ask('POST', url('', 'wrong'), {})).status, 405)
    async function answerTo(query: string, name: string) {
      const { status, body } = await ask('GET', url(query, name))
      return [status, body.detail]
    }
  })

  test('for more series than an answer holds is told how many it does', async () => {
    const metrics = Object.fromEntries(range(101).map((number) => [`m${number}`, [1]]))
    await log('wide', metrics, { name: 'wide' })
    const { status, body } = await ask('GET', url('?points=20000', 'wide'))
    assert.equal(status, 422)
    assert.deepEqual(body.detail[0].loc, ['query', 'metrics'])
    assert.match(body.detail[0].msg, /^101 series of 20000 points .* at most 100 at a time$/)
    assert.equal((await read('?points=19801', 'wide')).series.length, 101)
    assert.equal((await read('?points=20000&metrics=m0,m100', 'wide')).series.length, 2)
  })

  test('for all runs of a project with more than 1,000 is told to name them', async () => {
    const names = range(1_001).map((number) => `run-${number}`)
    for (let first = 0; first < names.length; first += 100) {
      const some = names.slice(first, first + 100)
      await Promise.all(
        some.map((run) => must('POST', `${project('crowd')}/runs/${run}/metrics`, { metrics: { a: 1 } })),
      )
    }
    const { status, body } = await ask('GET', url('', 'crowd'))
    assert.equal(status, 422)
    assert.deepEqual(body.detail[0].loc, ['query', 'runs'])
    assert.match(body.detail[0].msg, /more than 1000 runs/)
    assert.equal((await read(`?runs=${names.slice(1)}`, 'crowd')).series.length, 1_000)
    await must('DELETE', `${project('crowd')}/runs/run-0`)
    assert.equal((await read('', 'crowd')).series.length, 1_000)
  })
})

suite('an entity tag', () => {
  const tagOf = async (query: string, headers = {}) =>
    (await fetch(url(query, 'tags'), { headers })).headers.get('etag')!
  const statusFor = async (query: string, tags: string, headers = {}) =>
    (await fetch(url(query, 'tags'), { headers: { 'if-none-match': tags, ...headers } })).status
  before(() => log('r', { loss: range(100) }, { name: 'tags' }))

  test('that is still true is a 304, which has no body and no length of one', async () => {
    const tag = await tagOf('')
    assert.match(tag, /^"[\w-]{27}"$/)
    assert.equal(await tagOf(''), tag)
    const { status, headers, body } = await exchange(tracker.port, [
      'GET /tracker/api/v1/projects/tags/series HTTP/1.1',
      `Host: 127.0.0.1:${tracker.port}`,
      `If-None-Match: ${tag}`,
      'Connection: close',
    ])
    assert.deepEqual([status, body], [304, ''])
    assert.deepEqual([headers.get('content-length'), headers.get('content-type')], [undefined, undefined])
    assert.deepEqual(
      [headers.get('etag'), headers.get('cache-control'), headers.get('vary')],
      [tag, 'private, no-cache', 'accept'],
    )
    for (const tags of [`W/${tag}`, `"other", ${tag}`, `"other",W/${tag}`]) assert.equal(await statusFor('', tags), 304)
    assert.equal(await statusFor('', '"other"'), 200)
  })

  test('is another for another question, and for Arrow', async () => {
    const queries = ['', '?points=50', '?from=1', '?to=1', '?x=time', '?x=metric:loss', '?metrics=loss', '?runs=r']
    const tags = await Promise.all([...queries.map((query) => tagOf(query)), tagOf('', { accept: arrowType })])
    assert.equal(new Set(tags).size, tags.length)
    assert.equal(await statusFor('', tags[0], { accept: arrowType }), 200)
    assert.equal(await statusFor('', tags.at(-1)!, { accept: arrowType }), 304)
  })

  test('is told of by HEAD, which is a 304 too', async () => {
    const full = await fetch(url('', 'tags'))
    const body = await full.bytes()
    const head = await fetch(url('', 'tags'), { method: 'HEAD' })
    assert.equal(await head.text(), '')
    for (const name of ['etag', 'content-type', 'vary', 'cache-control']) {
      assert.equal(head.headers.get(name), full.headers.get(name))
    }
    assert.equal(head.headers.get('content-length'), String(body.length))
    const headers = { 'if-none-match': full.headers.get('etag')! }
    assert.equal((await fetch(url('', 'tags'), { method: 'HEAD', headers })).status, 304)
    assert.equal((await fetch(url('', 'absent'), { method: 'HEAD', headers })).status, 404)
  })

  test('changes with a new point and a new run, and not with another project', async () => {
    const [all, one] = [await tagOf(''), await tagOf('?runs=r')]
    await log('r', { loss: [1] }, { name: 'elsewhere' })
    assert.deepEqual([await statusFor('', all), await statusFor('?runs=r', one)], [304, 304])
    await log('s', { loss: [1] }, { name: 'tags' })
    assert.deepEqual([await statusFor('', all), await statusFor('?runs=r', one)], [200, 304])
    await log('r', { loss: [1] }, { name: 'tags', first: 100 })
    assert.equal(await statusFor('?runs=r', one), 200)
    const cursor = BigInt((await read('?runs=r', 'tags')).cursor)
    assert.ok(cursor >= BigInt((await read('?runs=s', 'tags')).cursor))
    const before = await tagOf('?runs=r')
    await must('DELETE', `${project('tags')}/runs/r`)
    await log('r', { loss: range(101) }, { name: 'tags' })
    assert.equal(await statusFor('?runs=r', before), 200)
  })
})

suite('for Accept', () => {
  before(async () => {
    await log(
      'a',
      { loss: ['NaN', 'Infinity', 1, 2, 3, 4], 'acc, val': [null, 0.5, null, null, null, null] },
      { name: 'arrow' },
    )
    await log('b', { loss: [5, 'NaN'] }, { name: 'arrow' })
  })
  const table = async (query: string) => {
    const response = await fetch(url(query, 'arrow'), { headers: { accept: arrowType } })
    assert.equal(response.status, 200)
    assert.equal(response.headers.get('content-type'), arrowType)
    return tableFromIPC(await response.bytes())
  }

  test('of Arrow all series are one table, with types, nulls and what stands beside them', async () => {
    const query = '?runs=a,b&points=3'
    const read = await table(query)
    assert.deepEqual(
      read.schema.fields.map(({ name, type, nullable }) => `${name}: ${type}${nullable ? ' or null' : ''}`),
      [
        ...['run: Dictionary<Int32, Utf8>', 'metric: Dictionary<Int32, Utf8>', 'exact: Bool', 'x: Int64'],
        ...['y: Float64 or null', 'min: Float64 or null', 'max: Float64 or null', 'nonfinite: Uint32 or null'],
        'finite: Uint32 or null',
      ],
    )
    const rows = read.toArray().map((row) => Object.values(row.toJSON()))
    assert.deepEqual(rows, [
      ['a', 'loss', false, 0n, null, null, null, 2, 0],
      ['a', 'loss', false, 2n, 1.5, 1, 2, 0, 2],
      ['a', 'loss', false, 4n, 3.5, 3, 4, 0, 2],
      ['a', 'acc, val', true, 1n, 0.5, null, null, null, null],
      ['b', 'loss', true, 0n, 5, null, null, null, null],
      ['b', 'loss', true, 1n, Number.NaN, null, null, null, null],
    ])
    const { cursor, bucket, series } = await must('GET', url(query, 'arrow'))
    assert.deepEqual(
      [...read.schema.metadata],
      [
        ['cursor', cursor],
        ['bucket', String(bucket)],
        [
          'series',
          JSON.stringify(series.map(({ run, metric, count, exact }: Json) => ({ run, metric, count, exact }))),
        ],
      ],
    )
  })

  test('of Arrow times are times, and other axes doubles', async () => {
    const times = await table('?runs=b&x=time')
    assert.equal(String(times.schema.fields[3].type), 'Timestamp<MICROSECOND, UTC>')
    assert.deepEqual([...times.getChild('x')!], [start, start + 1_000])
    assert.deepEqual([...times.getChild('step')!].map(Number), [0, 1])
    for (const x of ['relative', 'metric:loss']) {
      const { schema } = await table(`?runs=b&x=${x}`)
      assert.equal(String(schema.fields[3].type), 'Float64')
    }
    const { schema } = await table('?runs=a&x=relative')
    const starts = JSON.parse(schema.metadata.get('series')!).map((line: Json) => line.start)
    assert.deepEqual(starts, [start, start])
    const none = await table('?metrics=absent')
    assert.deepEqual([none.numRows, none.schema.fields.length], [0, 9])
  })

  test('Arrow comes to who names it, and JSON to everybody else', async () => {
    const types: [string | undefined, string][] = [
      [undefined, 'application/json; charset=utf-8'],
      ['*/*', 'application/json; charset=utf-8'],
      ['text/html, application/xhtml+xml, */*;q=0.8', 'application/json; charset=utf-8'],
      ['application/json', 'application/json; charset=utf-8'],
      [`application/json, ${arrowType};q=0.5`, 'application/json; charset=utf-8'],
      [`${arrowType};q=0`, 'application/json; charset=utf-8'],
      [`${arrowType}; q=0.5`, arrowType],
      [`application/json;q=0.5, ${arrowType}`, arrowType],
      [`${arrowType}, */*`, arrowType],
      ['Application/vnd.Apache.Arrow.Stream', arrowType],
    ]
    for (const [accept, type] of types) {
      const { headers } = await exchange(tracker.port, [
        'GET /api/v1/projects/arrow/series HTTP/1.1',
        `Host: 127.0.0.1:${tracker.port}`,
        ...(accept === undefined ? [] : [`Accept: ${accept}`]),
        'Connection: close',
      ])
      assert.equal(headers.get('content-type'), type, String(accept))
    }
    const problem = await ask('GET', url('?points=1', 'arrow'), undefined, { accept: arrowType })
    assert.match(problem.headers.get('content-type')!, /^application\/json/)
  })
})

test('the answers on docs/api/tracker.md are what a tracker answers', async () => {
  const page = await readFile(new URL('../../docs/api/tracker.md', import.meta.url), 'utf8')
  await log(
    'experiment_001',
    { loss: [0.5, 0.4, 0.3, 'NaN'], accuracy: [0.85, 0.9, null, 0.1] },
    { name: 'page', first: 100 },
  )
  const examples = [...page.matchAll(/`GET …(\/series\?\S+)`:\s+```json\n(.*?)```/gs)]
  assert.equal(examples.length, 2)
  for (const [, path, promised] of examples) {
    const { cursor } = JSON.parse(promised)
    assert.deepEqual({ ...(await must('GET', `${project('page')}${path}`)), cursor }, JSON.parse(promised))
  }
})
