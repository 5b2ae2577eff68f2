import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { after, before, suite, test } from 'node:test'
import { startTracker, type TrackerProcess } from '@aspara/tracker/testing/tracker-process.ts'
import { exportPoints, getJson, getText, type Json, post } from './read-back.ts'

suite('what is read', () => {
  const bytes = Buffer.from(Array.from({ length: 1_000 }, (_, index) => index % 251))
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  const metrics = ['loss', 'train/loss', '損失', 'with "quotes", and a comma', '100%', '__proto__']
  let tracker: TrackerProcess
  let api: string
  let artifact: string

  before(async () => {
    tracker = await startTracker()
    api = tracker.api
    for (const project of ['one', 'two', 'three']) {
      for (const run of ['first', 'second', 'third', 'fourth']) {
        await post(`${api}/projects/${project}/runs`, { name: run, config: { project } })
      }
    }
    const run = `${api}/projects/one/runs/first`
    for (const step of [3, 1, 2]) {
      const values = metrics.map((metric, index) => [metric, step + index / 7])
      await post(`${run}/metrics`, { step, timestamp: 1_769_850_000_000 + step, metrics: Object.fromEntries(values) })
    }
    await post(`${run}/metrics`, { step: 4, metrics: { loss: 'NaN', 'train/loss': '-Infinity' } })
    for (const name of ['a.bin', 'b.bin', 'c.bin']) {
      const form = new FormData()
      form.append('file', new Blob([bytes]), name)
      assert.equal((await fetch(`${run}/artifacts`, { method: 'POST', body: form })).status, 200)
    }
    artifact = `${run}/artifacts/a.bin`
  })
  after(() => tracker.stop())

  test('is the same under /tracker/api/v1 and /api/v1', async () => {
    for (const path of ['/health', '/projects', '/projects/one', '/projects/one/runs', '/projects/one/runs/first']) {
      assert.deepEqual(await getJson(`${tracker.url}/api/v1${path}`), await getJson(`${api}${path}`))
    }
  })

  test('is told of without its body by HEAD', async () => {
    const run = '/projects/one/runs/first'
    const paths = ['/health', '/projects', '/projects/one', '/projects/one/runs', run, `${run}/metrics`]
    paths.push(`${run}/metrics/export`, `${run}/artifacts`, `${run}/artifacts/a.bin`, `${run}/artifacts/absent.bin`)
    for (const path of paths) {
      const [head, get] = await Promise.all([fetch(`${api}${path}`, { method: 'HEAD' }), fetch(`${api}${path}`)])
      assert.equal(head.status, get.status, path)
      assert.equal(await head.text(), '')
      for (const header of ['content-type', 'etag', 'accept-ranges', 'content-disposition']) {
        assert.equal(head.headers.get(header), get.headers.get(header), `${path}: ${header}`)
      }
    }
  })

  test('comes in pages that hold everything once, whatever their size', async () => {
    for (const [path, key, count] of [
      ['/projects', 'projects', 3],
      ['/projects/one/runs', 'runs', 4],
      ['/projects/one/runs/first/artifacts', 'artifacts', 3],
    ] as const) {
      const whole = await getJson(`${api}${path}`)
      assert.equal(whole[key].length, count)
      assert.equal(whole.next_cursor, null)
      for (const limit of [1, 2, count]) {
        const items: Json[] = []
        let cursor: string | null = ''
        while (cursor !== null) {
          const query: string = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`
          const page: Json = await getJson(`${api}${path}?limit=${limit}${query}`)
          assert.ok(page[key].length <= limit)
          items.push(...page[key])
          cursor = page.next_cursor
        }
        assert.deepEqual(items, whole[key])
      }
    }
  })

  test('is the same points in step order as JSON lines and as CSV, of all metrics or of some', async () => {
    const url = `${api}/projects/one/runs/first/metrics/export`
    const points = await exportPoints(api, 'one', 'first')
    assert.equal(points.length, 3 * metrics.length + 2)
    assert.deepEqual(
      points.map(({ step }) => step),
      points.map(({ step }) => step).sort((a, b) => a - b),
    )
    for (const [index, metric] of metrics.entries()) {
      const ofMetric = await exportPoints(api, 'one', 'first', metric)
      assert.deepEqual(
        ofMetric.slice(0, 3).map(({ step, timestamp, value }) => [step, timestamp, value]),
        [1, 2, 3].map((step) => [step, 1_769_850_000_000 + step, step + index / 7]),
      )
      assert.deepEqual(
        ofMetric,
        points.filter((point) => point.metric === metric),
      )
    }
    const some = await getText(`${url}?metric=loss&metric=${encodeURIComponent('100%')}`)
    assert.deepEqual(
      some
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
      points.filter(({ metric }) => metric === 'loss' || metric === '100%'),
    )
    const csv = points.map(({ metric, step, timestamp, value }) => {
      const name = /[",]/.test(metric) ? `"${metric.replaceAll('"', '""')}"` : metric
      return `${name},${step},${timestamp},${value}\n`
    })
    assert.equal(await getText(`${url}?format=csv`), `metric,step,timestamp,value\n${csv.join('')}`)
  })

  test('is, of an artifact, any range of it', async () => {
    for (const [range, start, end] of [
      ['bytes=0-0', 0, 0],
      ['bytes=10-19', 10, 19],
      ['bytes=990-', 990, 999],
      ['bytes=-5', 995, 999],
      ['bytes=990-5000', 990, 999],
    ] as const) {
      const response = await fetch(artifact, { headers: { range } })
      assert.equal(response.status, 206)
      assert.equal(response.headers.get('content-range'), `bytes ${start}-${end}/1000`)
      assert.deepEqual(Buffer.from(await response.arrayBuffer()), bytes.subarray(start, end + 1))
    }
  })

  test('is, of an artifact, a download that a browser neither shows nor guesses at', async () => {
    const { status, headers } = await fetch(artifact)
    assert.equal(status, 200)
    assert.equal(headers.get('etag'), `"${sha256}"`)
    assert.equal(headers.get('content-length'), '1000')
    assert.equal(headers.get('content-disposition'), 'attachment; filename="a.bin"')
    assert.equal(headers.get('x-content-type-options'), 'nosniff')
  })

  test('is not sent again when its ETag is known', async () => {
    const response = await fetch(artifact, { headers: { 'if-none-match': `"${sha256}"` } })
    assert.equal(response.status, 304)
    assert.equal(response.headers.get('content-length'), null)
    assert.equal((await fetch(artifact, { headers: { 'if-none-match': '"other"' } })).status, 200)
  })

  test('is gone after a deletion, and nothing else is', async () => {
    const gone = `${api}/projects/two/runs/second`
    assert.equal((await fetch(gone, { method: 'DELETE' })).status, 200)
    assert.equal((await fetch(gone)).status, 404)
    assert.equal((await getJson(`${api}/projects/two`)).runs, 3)
    assert.deepEqual(await (await fetch(`${api}/projects/three`, { method: 'DELETE' })).json(), { status: 'ok' })
    assert.equal((await fetch(`${api}/projects/three`)).status, 404)
    assert.equal((await getJson(`${api}/projects`)).projects.length, 2)
    assert.deepEqual(Buffer.from(await (await fetch(artifact)).arrayBuffer()), bytes)
    // A run made anew under the name of a deleted one shares nothing with it.
    await post(`${gone}/metrics`, { metrics: { loss: 1 } })
    const { config, metrics } = await getJson(gone)
    assert.deepEqual([config, metrics[0].count], [{}, 1])
  })
})
