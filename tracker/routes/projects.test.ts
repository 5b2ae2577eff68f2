import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { ask, type Json, must, upload } from '../testing/ask.ts'
import { startTracker, type TrackerProcess } from '../testing/tracker-process.ts'

let tracker: TrackerProcess
let projects: string
before(async () => {
  tracker = await startTracker()
  projects = `${tracker.api}/projects`
})
after(() => tracker.stop())

test('a tracker begins with no projects', async () => {
  assert.deepEqual(await must('GET', projects), { projects: [], next_cursor: null })
})

test('a project is made by its first run, and counts its runs', async () => {
  await must('POST', `${projects}/made/runs`, { name: 'a', project_tags: ['t', 'u', 't'] })
  await must('POST', `${projects}/made/runs/b/metrics`, { metrics: { loss: 1 } })
  const { created_at, heard_at, ...project } = await must('GET', `${projects}/made`)
  const activity = [...new Array<number>(29).fill(0), 2]
  const described = { name: 'made', display_name: null, tags: ['t', 'u'], notes: '' }
  assert.deepEqual(project, { ...described, runs: 2, running: 2, activity })
  assert.ok(Date.parse(heard_at) >= Date.parse(created_at))
  const listed = (await must('GET', projects)).projects.find(({ name }: Json) => name === 'made')
  assert.deepEqual(listed, await must('GET', `${projects}/made`))
})

test('PATCH changes what it names, and answers the project as it is now', async () => {
  await must('POST', `${projects}/patched/runs`, { name: 'a', project_tags: ['t'] })
  const before = await must('GET', `${projects}/patched`)
  const patched = await must('PATCH', `${projects}/patched`, { display_name: 'Digits', notes: 'from 0 to 9' })
  assert.deepEqual(patched, { ...before, display_name: 'Digits', notes: 'from 0 to 9' })
  assert.deepEqual(await must('PATCH', `${projects}/patched`, { tags: [] }), { ...patched, tags: [] })
  // A run's project tags are added to what is there.
  await must('POST', `${projects}/patched/runs`, { name: 'b', project_tags: ['later'] })
  const after = await must('GET', `${projects}/patched`)
  assert.deepEqual([after.tags, after.display_name], [['later'], 'Digits'])
})

test('a project that is not there is a 404, and is not created by being described', async () => {
  for (const [method, body] of [
    ['GET', undefined],
    ['PATCH', { notes: 'n' }],
    ['DELETE', undefined],
  ] as const) {
    const { status, body: answer } = await ask(method, `${projects}/absent`, body)
    assert.deepEqual([status, answer], [404, { detail: 'Project not found' }], method)
  }
})

test('deleting a project takes its runs and artifacts, and no other', async () => {
  for (const project of ['doomed', 'spared']) {
    for (const run of ['a', 'b']) {
      await must('POST', `${projects}/${project}/runs`, { name: run })
      await upload(`${projects}/${project}/runs/${run}`, Buffer.from('the same bytes'), { name: 'x' })
    }
  }
  assert.deepEqual(await must('DELETE', `${projects}/doomed`), { status: 'ok' })
  assert.equal((await ask('GET', `${projects}/doomed`)).status, 404)
  assert.equal((await ask('GET', `${projects}/doomed/runs`)).status, 404)
  assert.equal((await ask('GET', `${projects}/doomed/runs/a`)).status, 404)
  assert.equal((await must('GET', `${projects}/spared/runs`)).runs.length, 2)
  assert.equal(await (await fetch(`${projects}/spared/runs/a/artifacts/x`)).text(), 'the same bytes')
  // The name is free, for a project that begins anew.
  await must('POST', `${projects}/doomed/runs/a/metrics`, { metrics: { loss: 1 } })
  const { runs, tags } = await must('GET', `${projects}/doomed`)
  assert.deepEqual([runs, tags], [1, []])
})

test('projects come in pages by name, each once', async () => {
  for (const name of ['zz', 'mm', 'aa', 'Zz', '_a', '-a', '0a']) await must('POST', `${projects}/${name}/runs`, {})
  const whole = (await must('GET', projects)).projects.map(({ name }: Json) => name)
  assert.deepEqual(
    whole,
    whole.toSorted((a: string, b: string) => (a < b ? -1 : 1)),
  )
  const seen: string[] = []
  for (let cursor: string | null = ''; cursor !== null; ) {
    const page: Json = await must('GET', `${projects}?limit=2${cursor && `&cursor=${encodeURIComponent(cursor)}`}`)
    seen.push(...page.projects.map(({ name }: Json) => name))
    cursor = page.next_cursor
  }
  assert.deepEqual(seen, whole)
})
