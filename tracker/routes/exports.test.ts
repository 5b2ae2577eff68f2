import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, suite, test } from 'node:test'
import { limits } from '@aspara/protocol/limits.ts'
import { tableFromIPC } from 'apache-arrow'
import { ask, must } from '../testing/ask.ts'
import { startTracker, type TrackerProcess } from '../testing/tracker-process.ts'

let tracker: TrackerProcess
let project: string
before(async () => {
  tracker = await startTracker()
  project = `${tracker.api}/projects/p`
})
after(() => tracker.stop())

const mediaTypes = {
  jsonl: 'application/x-ndjson',
  csv: 'text/csv; charset=utf-8',
  arrow: 'application/vnd.apache.arrow.stream',
  parquet: 'application/vnd.apache.parquet',
}
const range = (count: number, from = 0) => Array.from({ length: count }, (_, index) => from + index)

/** Logs columns at steps from 0 on, a second apart. */
async function log(run: string, metrics: Record<string, unknown[]>, api = project) {
  const steps = range(Object.values(metrics)[0].length)
  const timestamps = steps.map((step) => 1769850000000 + step * 1_000)
  const batch = { writer: randomUUID(), sequence: 0, steps, timestamps, metrics }
  await must('POST', `${api}/runs/${run}/metrics/batch`, batch)
}

const bytesOf = async (path: string) => {
  const response = await fetch(`${project}${path}`)
  assert.equal(response.status, 200, path)
  return Buffer.from(await response.bytes())
}
const linesOf = async (path: string) => (await bytesOf(path)).toString().trimEnd().split('\n')

suite('an export', () => {
  before(async () => {
    await log('a', { loss: [0.5, 'NaN', 0.25], 'acc, val': [null, 1, null] })
    await log('b', { loss: ['Infinity', 0], lr: [1, 1] })
  })

  test('says what it is and how to name it, in each format, of a run and of several', async () => {
    for (const [format, type] of Object.entries(mediaTypes)) {
      const places = [
        [`/runs/a/metrics/export?format=${format}`, `p.a.${format}`],
        [`/export?runs=a,b&format=${format}`, `p.${format}`],
      ]
      for (const [path, name] of places) {
        for (const method of ['GET', 'HEAD']) {
          const response = await fetch(`${project}${path}`, { method })
          assert.equal(response.status, 200)
          assert.equal(response.headers.get('content-type'), type)
          assert.equal(response.headers.get('content-disposition'), `attachment; filename="${name}"`)
          assert.equal((await response.bytes()).length > 0, method === 'GET')
        }
      }
    }
  })

  test('of several runs has one after the other, in the order in which they are asked for, each once', async () => {
    const [a, b] = [await linesOf('/runs/a/metrics/export'), await linesOf('/runs/b/metrics/export')]
    const named = (run: string, lines: string[]) => lines.map((line) => `{"run":"${run}",${line.slice(1)}`)
    assert.deepEqual(await linesOf('/export?runs=b,a,b'), [...named('b', b), ...named('a', a)])
    assert.deepEqual(await linesOf('/export?runs=b&format=csv'), [
      'run,metric,step,timestamp,value',
      'b,loss,0,1769850000000,Infinity',
      'b,lr,0,1769850000000,1',
      'b,loss,1,1769850001000,0',
      'b,lr,1,1769850001000,1',
    ])
  })

  test('has only the metrics that are named, once each; a comma is part of a name', async () => {
    const of = (...names: string[]) => names.map((name) => `metric=${encodeURIComponent(name)}`).join('&')
    const lines = await linesOf(`/runs/a/metrics/export?format=csv&${of('acc, val', 'acc, val', 'absent')}`)
    assert.deepEqual(lines, ['metric,step,timestamp,value', '"acc, val",1,1769850001000,1'])
    assert.equal((await linesOf(`/runs/a/metrics/export?${of('acc, val', 'loss')}`)).length, 4)
    assert.equal((await linesOf(`/export?runs=a,b&${of('lr')}`)).length, 2)
    assert.equal((await bytesOf(`/export?runs=a,b&${of('loss,lr')}`)).length, 0)
  })

  test('without points is a file with columns and no rows, and of jsonl an empty one', async () => {
    await must('POST', `${project}/runs`, { name: 'empty' })
    const path = (format: string) => `/runs/empty/metrics/export?format=${format}`
    assert.equal((await bytesOf(path('jsonl'))).length, 0)
    assert.equal((await bytesOf(path('csv'))).toString(), 'metric,step,timestamp,value\n')
    const table = tableFromIPC(await bytesOf(path('arrow')))
    assert.deepEqual([table.numRows, table.schema.names], [0, ['metric', 'step', 'timestamp', 'value']])
    const parquet = await bytesOf(path('parquet'))
    assert.deepEqual([parquet.subarray(0, 4).toString(), parquet.subarray(-4).toString()], ['PAR1', 'PAR1'])
  })

  test('is read back as what was logged, from Arrow too', async () => {
    const table = tableFromIPC(await bytesOf('/export?runs=a,b&format=arrow'))
    const rows = table.toArray().map((row) => Object.values(row.toJSON()))
    const [first, second, third] = range(3, 1769850000).map((seconds) => seconds * 1_000)
    assert.deepEqual(rows, [
      ['a', 'loss', 0n, first, 0.5],
      ['a', 'loss', 1n, second, Number.NaN],
      ['a', 'acc, val', 1n, second, 1],
      ['a', 'loss', 2n, third, 0.25],
      ['b', 'loss', 0n, first, Infinity],
      ['b', 'lr', 0n, first, 1],
      ['b', 'loss', 1n, second, 0],
      ['b', 'lr', 1n, second, 1],
    ])
  })

  test('that is asked for wrongly is a 422 that names the parameter', async () => {
    const wrong: [string, string, RegExp][] = [
      ['/export', 'runs', /Field required/],
      ['/export?runs=', 'runs', /names of runs/],
      ['/export?runs=a,', 'runs', /names of runs/],
      ['/export?runs=a&runs=b', 'runs', /names of runs/],
      [`/export?runs=${range(1_001).map(() => 'a')}`, 'runs', /at most 1000/],
      ['/export?runs=a&format=xlsx', 'format', /jsonl|one of|allowed/],
      ['/export?runs=a&metrics=loss', 'metrics', /Unknown parameter/],
      ['/runs/a/metrics/export?format=JSONL', 'format', /jsonl|one of|allowed/],
      ['/runs/a/metrics/export?metric=', 'metric', /fewer than 1/],
      ['/runs/a/metrics/export?metrics=loss', 'metrics', /Unknown parameter/],
      ['/runs/a/metrics/export?runs=b', 'runs', /Unknown parameter/],
    ]
    for (const [path, name, msg] of wrong) {
      const { status, body } = await ask('GET', `${project}${path}`)
      assert.equal(status, 422, path.slice(0, 50))
      assert.deepEqual(body.detail[0].loc.slice(0, 2), ['query', name], path.slice(0, 50))
      assert.match(body.detail[0].msg, msg)
    }
  })

  test('of what is not there is a 404 before the first byte, whichever of the runs it is', async () => {
    for (const method of ['GET', 'HEAD']) {
      for (const path of ['/runs/absent/metrics/export', '/export?runs=absent', '/export?runs=a,b,absent']) {
        for (const format of Object.keys(mediaTypes)) {
          const separator = path.includes('?') ? '&' : '?'
          const answer = await ask(method, `${project}${path}${separator}format=${format}`)
          assert.equal(answer.status, 404)
          if (method === 'GET') assert.deepEqual(answer.body, { detail: 'Run not found' })
          assert.equal(answer.headers.get('content-disposition'), null)
        }
      }
    }
    assert.equal((await ask('GET', `${tracker.api}/projects/no.name/export?runs=a`)).status, 400)
  })
})

test('in a safe CSV no name is a formula, and the file says so', async () => {
  const names = ['=1+1', '+a', '-a', '@a', ' =a', '＝a', 'a=b', 'loss']
  await log('formulas', Object.fromEntries(names.map((name) => [name, [1]])))
  const response = await fetch(`${project}/runs/formulas/metrics/export?format=csv&safe=1`)
  assert.equal(response.headers.get('content-disposition'), 'attachment; filename="p.formulas.safe.csv"')
  const found = (await response.text()).trimEnd().split('\n').slice(1)
  const written = names.map((name) => (['a=b', 'loss'].includes(name) ? name : `'${name}`))
  assert.deepEqual(found.map((line) => line.split(',')[0]).sort(), written.sort())
  const plain = await linesOf('/runs/formulas/metrics/export?format=csv&safe=0')
  assert.ok(plain.some((line) => line.startsWith('=1+1,')))
  const refused = await ask('GET', `${project}/runs/formulas/metrics/export?format=parquet&safe=1`)
  assert.deepEqual([refused.status, refused.body.detail[0].loc], [422, ['query', 'safe']])
})

test('so many exports are made at once; one more is told to come back, and finds room when one has gone', async (t) => {
  const rows = 50_000
  await log('long', { a: range(rows), b: range(rows) })
  const url = `${project}/runs/long/metrics/export`
  const readers = await Promise.all(range(limits.exportsMax).map(() => fetch(url)))
  t.after(() => Promise.all(readers.map((reader) => reader.body?.cancel())))
  const refused = await fetch(url)
  assert.deepEqual([refused.status, refused.headers.get('retry-after')], [503, '1'])
  assert.equal((await fetch(url, { method: 'HEAD' })).status, 200)
  await readers.pop()?.text()
  const next = await fetch(url)
  assert.equal(next.status, 200)
  await next.text()
})
