import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { limits } from '@aspara/protocol/limits.ts'
import { ask, type Json, must } from '../testing/ask.ts'
import { startTracker, type TrackerProcess, temporaryFolder } from '../testing/tracker-process.ts'

let tracker: TrackerProcess
before(async () => {
  tracker = await startTracker()
})
after(() => tracker.stop())

let projectsSoFar = 0
/** The address of the views of a project of its own. */
async function newViews(): Promise<string> {
  const project = `${tracker.api}/projects/p${projectsSoFar++}`
  await must('POST', `${project}/runs`, { name: 'r' })
  return `${project}/views`
}

const at = (views: string, name: string) => `${views}/${encodeURIComponent(name)}`

test('a view is kept as it was given, under any name, and the list has them by name', async () => {
  const views = await newViews()
  assert.deepEqual(await must('GET', views), { views: [], next_cursor: null })
  const view = {
    columns: ['config.lr', 'metric.val/acc.max'],
    filter: 'lr < 0.01',
    charts: { y: { log: true } },
    n: null,
  }
  const names = ['lr < 0.01?', 'a/b', 'größer 50 %', '実験 #1', '#', '...', ' ', '🦊'.repeat(100)]
  for (const name of names) {
    const saved = await must('PUT', at(views, name), { view })
    assert.deepEqual([saved.name, saved.view], [name, view])
    assert.equal(saved.created_at, saved.updated_at)
  }
  const listed = await must('GET', views)
  const byBytes = names.toSorted((one, other) => Buffer.compare(Buffer.from(one), Buffer.from(other)))
  assert.deepEqual(
    listed.views.map(({ name }: Json) => name),
    byBytes,
  )
  assert.deepEqual(new Set(listed.views.map((its: Json) => JSON.stringify(its.view))), new Set([JSON.stringify(view)]))
  const seen: string[] = []
  for (let cursor: string | null = ''; cursor !== null; ) {
    const page: Json = await must('GET', `${views}?limit=3${cursor && `&cursor=${cursor}`}`)
    seen.push(...page.views.map(({ name }: Json) => name))
    cursor = page.next_cursor
  }
  assert.deepEqual(seen, byBytes)
})

test('PUT puts another in the place of one, which stays as old as it is', async () => {
  const views = await newViews()
  const first = await must('PUT', at(views, 'mine'), { view: { a: 1, b: 2 } })
  const second = await must('PUT', at(views, 'mine'), { view: { c: 3 } })
  assert.deepEqual([second.view, second.created_at], [{ c: 3 }, first.created_at])
  assert.ok(second.updated_at >= first.updated_at)
  assert.deepEqual((await must('GET', views)).views, [second])
})

test('a view is deleted once', async () => {
  const views = await newViews()
  await must('PUT', at(views, 'a/b'), { view: {} })
  assert.deepEqual(await must('DELETE', at(views, 'a/b')), { status: 'ok' })
  const again = await ask('DELETE', at(views, 'a/b'))
  assert.deepEqual([again.status, again.body], [404, { detail: 'View not found' }])
  assert.deepEqual((await must('GET', views)).views, [])
})

test('views are of a project that is there, and go with it', async () => {
  const absent = `${tracker.api}/projects/absent/views`
  for (const [method, url, body] of [
    ['GET', absent, undefined],
    ['PUT', at(absent, 'v'), { view: {} }],
    ['DELETE', at(absent, 'v'), undefined],
  ] as const) {
    assert.deepEqual((await ask(method, url, body)).body, { detail: 'Project not found' }, method)
  }
  assert.equal((await ask('GET', `${tracker.api}/projects/absent`)).status, 404)

  const views = await newViews()
  const other = await newViews()
  for (const its of [views, other]) await must('PUT', at(its, 'v'), { view: {} })
  const project = views.replace(/\/views$/, '')
  await must('DELETE', project)
  await must('POST', `${project}/runs`, { name: 'r' })
  assert.deepEqual((await must('GET', views)).views, [])
  assert.equal((await must('GET', other)).views.length, 1)
})

test('a name that is none, or a view that is no object, is refused by name', async () => {
  const views = await newViews()
  for (const name of ['x'.repeat(101), '🦊'.repeat(101), 'a\nb', '\u0000', 'a\u0085']) {
    for (const method of ['PUT', 'DELETE']) {
      const { status, body } = await ask(method, at(views, name), method === 'PUT' ? { view: {} } : undefined)
      assert.deepEqual([status, /^Invalid view name/.test(body.detail)], [400, true], JSON.stringify(name))
    }
  }
  for (const view of [undefined, null, [], 'x', 1, true]) {
    const { status, body } = await ask('PUT', at(views, 'v'), { view })
    assert.deepEqual([status, body.detail[0].loc], [422, ['body', 'view']], JSON.stringify(view))
  }
  let deep: Json = {}
  for (let level = 0; level < limits.documentDepthMax; level++) deep = { deep }
  assert.deepEqual((await ask('PUT', at(views, 'v'), { view: deep })).body.detail[0].loc, ['body', 'view'])
  assert.equal((await ask('PUT', `${at(views, 'v')}?dry_run=true`, { view: {} })).status, 422)
  assert.deepEqual((await must('GET', views)).views, [])
})

test('a view has 64 KiB, however it is spaced, and not a byte more', async () => {
  const views = await newViews()
  const view = { text: 'x'.repeat(limits.viewBytesMax - '{"text":""}'.length) }
  const spaced = await fetch(at(views, 'v'), {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ view }, null, 8),
  })
  assert.equal(spaced.status, 200)
  for (const text of [`${view.text}x`, `${view.text.slice(1)}é`, 'x'.repeat(200_000)]) {
    const { status, body } = await ask('PUT', at(views, 'v'), { view: { text } })
    assert.deepEqual([status, typeof body.detail], [413, 'string'])
  }
  assert.deepEqual((await must('GET', views)).views[0].view, view)
})

test('a project has 200 views; of those any can be replaced, and one that goes makes room', async () => {
  const views = await newViews()
  for (let number = 0; number < limits.viewsMax; number++) await must('PUT', at(views, `v${number}`), { view: {} })
  const { status, body } = await ask('PUT', at(views, 'one more'), { view: {} })
  assert.deepEqual([status, /200 views/.test(body.detail)], [409, true])
  await must('PUT', at(views, 'v7'), { view: { replaced: true } })
  assert.equal((await must('GET', `${views}?limit=1000`)).views.length, limits.viewsMax)
  await must('DELETE', at(views, 'v8'))
  await must('PUT', at(views, 'one more'), { view: {} })
})

test('views outlive the tracker, and a read-only one shows them and changes none', async (t) => {
  const dataDir = await temporaryFolder()
  const writable = await startTracker({ dataDir })
  await must('POST', `${writable.api}/projects/p/runs`, { name: 'r' })
  const saved = await must('PUT', `${writable.api}/projects/p/views/v`, { view: { a: 1 } })
  await writable.kill()
  const reader = await startTracker({ dataDir, args: ['--read-only'] })
  t.after(() => reader.stop())
  for (const method of ['PUT', 'DELETE']) {
    const { status } = await ask(
      method,
      `${reader.api}/projects/p/views/v`,
      method === 'PUT' ? { view: {} } : undefined,
    )
    assert.equal(status, 403)
  }
  assert.deepEqual((await must('GET', `${reader.api}/projects/p/views`)).views, [saved])
})
