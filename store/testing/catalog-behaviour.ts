import assert from 'node:assert/strict'
import { test } from 'node:test'
import { limits } from '@aspara/protocol/limits.ts'
import { isRunName } from '@aspara/protocol/names.ts'
import { deleteForGood, newProject, newRun, refused } from './ask-store.ts'
import type { StoreUnderTest } from './store-suite.ts'

export function catalogBehaviour(tested: StoreUnderTest): void {
  test('a run that was made is running, and is what it was made as', async () => {
    const { catalog } = tested.store
    const project = newProject('made')
    const config = {
      lr: 0.1,
      layers: [1, { units: 2 }],
      name: 'ü🙂',
      nothing: null,
      'a/b': true,
      ['__proto__']: { x: 1 },
    }
    const beforeMs = Date.now()
    const made = await catalog.createRun(
      newRun(project, 'r', { tags: ['b', 'a', 'b'], notes: 'zwei\nZeilen 🙂', config }),
    )
    const afterMs = Date.now()
    assert.deepEqual(made, { name: 'r' })
    const { created_at, heard_at, ...run } = await catalog.readRun({ project, run: 'r' })
    assert.deepEqual(run, {
      project,
      name: 'r',
      run_id: 'r',
      number: 1,
      id: null,
      display_name: null,
      group: null,
      job_type: null,
      status: 'running',
      exit_code: null,
      tags: ['b', 'a'],
      notes: 'zwei\nZeilen 🙂',
      config,
      summary: {},
      finished_at: null,
      duration: 0,
      finish_reason: null,
      metrics: [],
      writers: [],
    })
    assert.equal(heard_at, created_at)
    assert.match(created_at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
    assert.ok(Date.parse(created_at) >= beforeMs && Date.parse(created_at) <= afterMs)
    const { created_at: _, heard_at: __, ...inProject } = await catalog.readProject({ project })
    const activity = [...new Array<number>(29).fill(0), 1]
    const described = { name: project, display_name: null, tags: [], notes: '' }
    assert.deepEqual(inProject, { ...described, runs: 1, running: 1, activity })
  })

  test('a run of a name that is taken is refused and changes nothing', async () => {
    const { catalog } = tested.store
    const project = newProject('taken')
    await catalog.createRun(newRun(project, 'r', { tags: ['a'], notes: 'n', config: { a: 1 }, projectTags: ['p'] }))
    const before = [await catalog.readRun({ project, run: 'r' }), await catalog.readProject({ project })]
    const again = newRun(project, 'r', { tags: ['b'], notes: 'm', config: { b: 2 }, projectTags: ['q'] })
    await refused(catalog.createRun(again), 'runExists')
    assert.deepEqual([await catalog.readRun({ project, run: 'r' }), await catalog.readProject({ project })], before)
  })

  test('one name in two projects is two runs', async () => {
    const { catalog } = tested.store
    const [one, other] = [newProject('one'), newProject('other')]
    await catalog.createRun(newRun(one, 'r', { notes: '1' }))
    await catalog.createRun(newRun(other, 'r', { notes: '2' }))
    await catalog.deleteRun({ project: one, run: 'r' })
    assert.equal((await catalog.readRun({ project: other, run: 'r' })).notes, '2')
  })

  test('names are told apart by case', async () => {
    const { catalog } = tested.store
    const project = newProject('case')
    await catalog.createRun(newRun(project, 'run', { notes: 'small' }))
    await catalog.createRun(newRun(project, 'RUN', { notes: 'large' }))
    assert.equal((await catalog.readRun({ project, run: 'run' })).notes, 'small')
    await refused(catalog.readProject({ project: project.toUpperCase() }), 'projectNotFound')
  })

  test('a run that goes on is running again, with configs merged, tags added and notes replaced', async () => {
    const { catalog } = tested.store
    const project = newProject('resumed')
    const address = { project, run: 'r' }
    await catalog.createRun(
      newRun(project, 'r', { tags: ['a', 'b'], notes: 'first', config: { lr: 1, model: { depth: 2 }, seed: 3 } }),
    )
    await catalog.mergeIntoRun({ ...address, part: 'summary', document: { best: 1 } })
    await catalog.describeRun({ ...address, description: { display_name: 'Lauf' } })
    await catalog.finishRun({ ...address, exitCode: 3 })
    const before = await catalog.readRun(address)
    const resumed = newRun(project, 'r', { resume: true, tags: ['c', 'a'], config: { lr: 2, model: { width: 4 } } })
    assert.deepEqual(await catalog.createRun(resumed), { name: 'r' })
    const { heard_at: _, duration: ___, ...after } = await catalog.readRun(address)
    const {
      heard_at: __,
      duration: ____,
      ...expected
    } = {
      ...before,
      status: 'running',
      exit_code: null,
      finished_at: null,
      tags: ['a', 'b', 'c'],
      config: { lr: 2, model: { width: 4 }, seed: 3 },
    }
    assert.deepEqual(after, expected)
    await catalog.createRun(newRun(project, 'r', { resume: true, notes: 'second' }))
    assert.equal((await catalog.readRun(address)).notes, 'second')
    assert.equal((await catalog.readProject({ project })).runs, 1)
  })

  test('going on with a run that is not there makes it', async () => {
    const { catalog } = tested.store
    const project = newProject('resumed')
    await catalog.createRun(newRun(project, 'r', { resume: true, config: { a: 1 } }))
    assert.deepEqual((await catalog.readRun({ project, run: 'r' })).config, { a: 1 })
    const { name } = await catalog.createRun(newRun(project, undefined, { resume: true }))
    assert.notEqual(name, 'r')
  })

  test('a run that is made again by its id is the same, and what it says of itself stays', async () => {
    const { catalog } = tested.store
    const project = newProject('identified')
    const said = { id: 'i', config: { lr: 1 }, tags: ['a'], group: 'g' }
    assert.deepEqual(await catalog.createRun(newRun(project, 'r', said)), { name: 'r' })
    await catalog.mergeIntoRun({ project, run: 'r', part: 'config', document: { lr: 2 } })
    await catalog.setRunTags({ project, run: 'r', tags: ['b'] })
    await catalog.finishRun({ project, run: 'r', exitCode: 3 })
    const more = { ...said, config: { lr: 1, seed: 3 }, notes: 'n', job_type: 'train', group: 'h', display_name: 'R' }
    for (const name of ['r', 'another', undefined]) {
      assert.deepEqual(await catalog.createRun(newRun(project, name, more)), { name: 'r' })
      const { id, config, tags, notes, group, job_type, display_name, status } = await catalog.readRun({
        project,
        run: 'r',
      })
      assert.deepEqual(
        { id, config, tags, notes, group, job_type, display_name, status },
        {
          ...{ id: 'i', config: { lr: 2, seed: 3 }, tags: ['b'], notes: 'n' },
          ...{ group: 'g', job_type: 'train', display_name: 'R', status: 'running' },
        },
      )
    }
    assert.equal((await catalog.readProject({ project })).runs, 1)
  })

  test('a run that goes on by its id takes what is said anew', async () => {
    const { catalog } = tested.store
    const project = newProject('identified')
    const first = { id: 'i', config: { lr: 1, seed: 3 }, tags: ['a'], group: 'g', job_type: 'train' }
    await catalog.createRun(newRun(project, 'r', first))
    const anew = { id: 'i', resume: true, config: { lr: 2 }, tags: ['b'], group: 'h' }
    assert.deepEqual(await catalog.createRun(newRun(project, 'another', anew)), { name: 'r' })
    const { config, tags, group, job_type } = await catalog.readRun({ project, run: 'r' })
    assert.deepEqual(
      { config, tags, group, job_type },
      { config: { lr: 2, seed: 3 }, tags: ['a', 'b'], group: 'h', job_type: 'train' },
    )
  })

  test('an id is one run of its project, and a name of a run with another id is taken', async () => {
    const { catalog } = tested.store
    const [project, other] = [newProject('identified'), newProject('identified')]
    await catalog.createRun(newRun(project, 'r', { id: 'i' }))
    await refused(catalog.createRun(newRun(project, 'r', { id: 'j' })), 'runExists')
    assert.deepEqual(await catalog.createRun(newRun(project, 's', { id: 'j' })), { name: 's' })
    assert.deepEqual(await catalog.createRun(newRun(other, 'r', { id: 'i' })), { name: 'r' })
    await catalog.createRun(newRun(project, 'r', { id: 'k', resume: true }))
    assert.equal((await catalog.readRun({ project, run: 'r' })).id, 'i', 'who joins it does not rename it')
    await catalog.createRun(newRun(project, 'plain'))
    await catalog.createRun(newRun(project, 'plain', { id: 'l', resume: true }))
    assert.equal((await catalog.readRun({ project, run: 'plain' })).id, 'l')
    await deleteForGood(tested.store, { project, run: 'r' })
    assert.deepEqual(await catalog.createRun(newRun(project, 't', { id: 'i' })), { name: 't' })
  })

  test('a run without a name gets one that can be read and is not taken', async () => {
    const { catalog } = tested.store
    const project = newProject('named')
    const made = await Promise.all(Array.from({ length: 300 }, () => catalog.createRun(newRun(project))))
    const names = made.map((run) => run.name)
    assert.equal(new Set(names).size, 300)
    for (const name of names) {
      assert.match(name, /^[a-z]+-[a-z]+(-\d+)?$/)
      assert.ok(isRunName(name))
    }
    assert.equal((await catalog.readProject({ project })).runs, 300)
  })

  test('tags of a project are added up, each once, in the order in which they came', async () => {
    const { catalog } = tested.store
    const project = newProject('tagged')
    await catalog.createRun(newRun(project, 'a', { projectTags: ['x', 'y', 'x'] }))
    await catalog.createRun(newRun(project, 'b', { projectTags: ['z', 'y'] }))
    await catalog.createRun(newRun(project, 'b', { projectTags: ['w'], resume: true }))
    assert.deepEqual((await catalog.readProject({ project })).tags, ['x', 'y', 'z', 'w'])
  })

  test('tags do not grow past their limit, however often a run goes on', async () => {
    const { catalog } = tested.store
    const project = newProject('tagged')
    const tags = Array.from({ length: limits.tagsMax - 1 }, (_, index) => `t${index}`)
    await catalog.createRun(newRun(project, 'r', { tags, projectTags: tags }))
    const more = ['one more', 'one too many']
    await catalog.createRun(newRun(project, 'r', { tags: more, projectTags: more, resume: true }))
    assert.deepEqual((await catalog.readRun({ project, run: 'r' })).tags, [...tags, 'one more'])
    assert.deepEqual((await catalog.readProject({ project })).tags, [...tags, 'one more'])
  })

  test('setting tags replaces them', async () => {
    const { catalog } = tested.store
    const project = newProject('tagged')
    await catalog.createRun(newRun(project, 'r', { tags: ['a'] }))
    await catalog.setRunTags({ project, run: 'r', tags: ['c', 'b', 'c'] })
    assert.deepEqual((await catalog.readRun({ project, run: 'r' })).tags, ['c', 'b'])
    await catalog.setRunTags({ project, run: 'r', tags: [] })
    assert.deepEqual((await catalog.readRun({ project, run: 'r' })).tags, [])
  })

  test('config and summary are merged by top-level key, apart from each other', async () => {
    const { catalog } = tested.store
    const project = newProject('merged')
    const address = { project, run: 'r' }
    await catalog.createRun(newRun(project, 'r', { config: { a: { x: 1 }, b: 1 } }))
    await catalog.mergeIntoRun({ ...address, part: 'config', document: { a: { y: 2 }, c: null } })
    await catalog.mergeIntoRun({ ...address, part: 'summary', document: { best: 1 } })
    await catalog.mergeIntoRun({ ...address, part: 'summary', document: { best: 2, ['__proto__']: 'kept' } })
    await catalog.mergeIntoRun({ ...address, part: 'config', document: {} })
    const { config, summary } = await catalog.readRun(address)
    assert.deepEqual(config, { a: { y: 2 }, b: 1, c: null })
    assert.deepEqual(summary, { best: 2, ['__proto__']: 'kept' })
  })

  test('merges that arrive together are all there', async () => {
    const { catalog } = tested.store
    const project = newProject('merged')
    await catalog.createRun(newRun(project, 'r'))
    const merges = Array.from({ length: 50 }, (_, index) =>
      catalog.mergeIntoRun({ project, run: 'r', part: 'summary', document: { [`k${index}`]: index } }),
    )
    await Promise.all(merges)
    const { summary } = await catalog.readRun({ project, run: 'r' })
    assert.deepEqual(summary, Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`k${index}`, index])))
  })

  test('a document that would be too large is refused, and what was there stays', async () => {
    const { catalog } = tested.store
    const project = newProject('large')
    const address = { project, run: 'r' }
    // {"a":"…","b":"…"} has 15 bytes around what fills it, ü takes two: two halves leave room for one more byte.
    const half = 'ü'.repeat((limits.documentBytesMax - 16) / 4)
    await catalog.createRun(newRun(project, 'r', { config: { a: half } }))
    await refused(
      catalog.mergeIntoRun({ ...address, part: 'config', document: { b: `${half}xx` } }),
      'documentTooLarge',
    )
    assert.deepEqual((await catalog.readRun(address)).config, { a: half })
    await catalog.mergeIntoRun({ ...address, part: 'config', document: { b: `${half}x` } })
    const whole = (await catalog.readRun(address)).config
    assert.equal(Buffer.byteLength(JSON.stringify(whole)), limits.documentBytesMax)
    const tooMuch = await refused(
      catalog.mergeIntoRun({ ...address, part: 'summary', document: { a: `${half}${half}xx`, b: '' } }),
      'documentTooLarge',
    )
    assert.match(tooMuch.message, /summary/)
    await refused(
      catalog.createRun(newRun(project, 'r', { resume: true, notes: 'changed', config: { c: 1 } })),
      'documentTooLarge',
    )
    assert.equal((await catalog.readRun(address)).notes, '')
    const stranger = newProject('large')
    await refused(catalog.createRun(newRun(stranger, 'r', { config: { a: half, b: half, c: 1 } })), 'documentTooLarge')
    await refused(catalog.readProject({ project: stranger }), 'projectNotFound')
  })

  test('a run ends well with exit code 0 and badly with any other', async () => {
    const { catalog } = tested.store
    const project = newProject('ended')
    const address = { project, run: 'r' }
    await catalog.createRun(newRun(project, 'r'))
    const beforeMs = Date.now()
    await catalog.finishRun({ ...address, exitCode: 0 })
    const { finished_at } = await catalog.readRun(address)
    assert.ok(Date.parse(finished_at as string) >= beforeMs)
    for (const [exitCode, status] of [
      [0, 'finished'],
      [1, 'failed'],
      [-9, 'failed'],
      [4294967295, 'failed'],
      [0, 'finished'],
    ] as const) {
      await catalog.finishRun({ ...address, exitCode })
      const run = await catalog.readRun(address)
      assert.equal(run.status, status)
      assert.equal(run.exit_code, exitCode)
      assert.equal(run.finished_at, finished_at, 'whoever says it again does not move the end')
    }
  })

  test('describing changes what is named, of a run and of a project', async () => {
    const { catalog } = tested.store
    const project = newProject('described')
    const address = { project, run: 'r' }
    await catalog.createRun(newRun(project, 'r', { notes: 'n', tags: ['t'], projectTags: ['p'] }))
    const parts = async () => {
      const run = await catalog.readRun(address)
      const its = await catalog.readProject({ project })
      return [run, its].map(({ display_name, notes, tags }) => ({ display_name, notes, tags }))
    }
    const describe = async (description: Parameters<typeof catalog.describeRun>[0]['description']) => {
      await catalog.describeRun({ ...address, description })
      await catalog.describeProject({ project, description })
      return parts()
    }
    assert.deepEqual(await describe({ display_name: 'Ä 🙂' }), [
      { display_name: 'Ä 🙂', notes: 'n', tags: ['t'] },
      { display_name: 'Ä 🙂', notes: '', tags: ['p'] },
    ])
    const described = { display_name: 'Ä 🙂', notes: 'm', tags: ['u', 'v'] }
    assert.deepEqual(await describe({ notes: 'm', tags: ['u', 'v', 'u'] }), [described, described])
    assert.deepEqual(await describe({}), [described, described])
    const undescribed = { display_name: null, notes: '', tags: [] }
    assert.deepEqual(await describe({ display_name: null, notes: '', tags: [] }), [undescribed, undescribed])
  })

  test('what is done to a run that is not there is refused and makes nothing', async () => {
    const { catalog, artifacts } = tested.store
    const project = newProject('nowhere')
    const address = { project, run: 'r' }
    const deeds = [
      () => catalog.mergeIntoRun({ ...address, part: 'config', document: {} }),
      () => catalog.mergeIntoRun({ ...address, part: 'summary', document: { a: 1 } }),
      () => catalog.setRunTags({ ...address, tags: [] }),
      () => catalog.finishRun({ ...address, exitCode: 0 }),
      () => catalog.describeRun({ ...address, description: { notes: 'n' } }),
      () => catalog.deleteRun(address),
      () => catalog.readRun(address),
      () => tested.store.series.listMetrics(address),
      () => artifacts.list(address, {}),
      () => artifacts.find({ ...address, name: 'a' }),
    ]
    for (const deed of deeds) await refused(deed(), 'runNotFound')
    await refused(catalog.describeProject({ project, description: {} }), 'projectNotFound')
    await refused(catalog.deleteProject({ project }), 'projectNotFound')
    await refused(catalog.readProject({ project }), 'projectNotFound')
    await refused(catalog.listRuns({ project }, {}), 'projectNotFound')
    await catalog.createRun(newRun(project, 'another'))
    for (const deed of deeds) await refused(deed(), 'runNotFound')
    assert.equal((await catalog.readProject({ project })).runs, 1)
  })

  test('a project was heard from when the last of its runs was', async () => {
    const { catalog } = tested.store
    const project = newProject('heard')
    await catalog.createRun(newRun(project, 'a'))
    await catalog.createRun(newRun(project, 'b'))
    await catalog.setRunTags({ project, run: 'a', tags: ['x'] })
    const heard = await Promise.all(['a', 'b'].map(async (run) => (await catalog.readRun({ project, run })).heard_at))
    assert.equal((await catalog.readProject({ project })).heard_at, heard.sort().at(-1))
    for (const run of ['a', 'b']) await catalog.deleteRun({ project, run })
    const { runs, heard_at } = await catalog.readProject({ project })
    assert.deepEqual({ runs, heard_at }, { runs: 0, heard_at: null })
    assert.deepEqual(await catalog.listRuns({ project }, {}), { runs: [], next_cursor: null })
  })
}
