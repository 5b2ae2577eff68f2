import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseFilter } from '@aspara/protocol/filter.ts'
import { printFilter } from '@aspara/protocol/filter-text.ts'
import type { Run } from '@aspara/protocol/runs.ts'
import { parseSort, printSort } from '@aspara/protocol/sort.ts'
import type { RunPageRequest } from '../catalog/list-runs.ts'
import { newProject, newRun, refused } from './ask-store.ts'
import { matches, sortRuns } from './listing-model.ts'
import { summariesOf } from './model-store.ts'
import { batch, record } from './plain-appends.ts'
import { type Random, seededRandom } from './random.ts'
import { RandomQuestions } from './random-filter.ts'
import { hostileTexts, randomDocument } from './random-runs.ts'
import type { StoreUnderTest } from './store-suite.ts'

export function listingBehaviour(tested: StoreUnderTest): void {
  const ask = (filter?: string, sort?: string): RunPageRequest => ({
    filter: filter === undefined ? undefined : parseFilter(filter),
    sort: sort === undefined ? undefined : parseSort(sort),
  })
  const namesOf = async (project: string, filter?: string, sort?: string) => {
    const { runs } = await tested.store.catalog.listRuns({ project }, { ...ask(filter, sort), limit: 1_000 })
    return runs.map((run) => run.name)
  }
  /** Runs with these configs, in this order, in a project of their own. */
  const configured = async (configs: Record<string, Record<string, unknown>>): Promise<string> => {
    const project = newProject('listing')
    for (const [name, config] of Object.entries(configs)) {
      await tested.store.catalog.createRun(newRun(project, name, { config }))
      await nextMs()
    }
    return project
  }
  const log = (project: string, run: string, metrics: Record<string, number>) =>
    tested.store.journal.appendRecord({ ...record(run, null, metrics), project })
  /** Every page after the other. */
  const readAll = async (project: string, request: RunPageRequest): Promise<string[]> => {
    const names: string[] = []
    for (let cursor: string | undefined; ; ) {
      const page = await tested.store.catalog.listRuns({ project }, { ...request, cursor })
      names.push(...page.runs.map((run) => run.name))
      if (page.next_cursor === null) return names
      assert.equal(page.runs.length, request.limit, 'only the last page is not full')
      cursor = page.next_cursor
    }
  }

  test('a filter compares numbers with numbers, texts with texts, and nothing else', async () => {
    const project = await configured({
      one: { x: 1 },
      two: { x: 2 },
      text: { x: '1' },
      word: { x: 'Überlänge' },
      yes: { x: true },
      no: { x: false },
      null: { x: null },
      missing: {},
      list: { x: [1] },
      object: { x: { y: 1 } },
    })
    const others = ['object', 'list', 'missing', 'null', 'no', 'yes', 'word', 'text', 'two', 'one']
    const all = (...except: string[]) => others.filter((name) => !except.includes(name))
    const cases: [string, string[]][] = [
      ['config.x = 1', ['one']],
      ['config.x == 1.0', ['one']],
      ['config.x != 1', ['two']],
      ['config.x < 2', ['one']],
      ['config.x <= 2', ['two', 'one']],
      ['config.x > 1', ['two']],
      ['config.x >= 1', ['two', 'one']],
      ['config.x = "1"', ['text']],
      ['config.x != "1"', ['word']],
      ['config.x < "A"', ['text']],
      ['config.x >= "1"', ['word', 'text']],
      ['config.x = true', ['yes']],
      ['config.x = false', ['no']],
      ['config.x != true', ['no']],
      ['config.x = null', ['missing', 'null']],
      ['config.x != null', all('missing', 'null')],
      ['config.x in (1, "1", true, null)', ['missing', 'null', 'yes', 'text', 'one']],
      ['config.x in (2, 3)', ['two']],
      ['config.x contains "ÜBERL"', ['word']],
      ['config.x contains ""', ['word', 'text']],
      ['not config.x = 1', all('one')],
      ['not config.x != 1', all('two')],
      ['not config.x < 2', all('one')],
      ['not config.x contains "ÜBERL"', all('word')],
      ['not config.x in (1, null)', all('missing', 'null', 'one')],
      ['config.x.y = 1', ['object']],
      ['config.x.y = null', all('object')],
      ['config.x.y.z = null', others],
      ['summary.x = 1', []],
      ['config.x = 1 or config.x = 2 and config.x = "1"', ['one']],
      ['(config.x = 1 or config.x = 2) and not config.x = 1', ['two']],
      ['name in ("one", "yes")', ['yes', 'one']],
      ['name < "m"', ['list', 'missing', 'null', 'no'].filter((name) => name < 'm')],
    ]
    for (const [filter, names] of cases) assert.deepEqual(await namesOf(project, filter), names, filter)
  })

  test('a filter looks at what a run is: texts, tags, status, times', async () => {
    const { catalog } = tested.store
    const project = newProject('listing')
    await catalog.createRun(newRun(project, 'old', { tags: ['baseline', 'a"b'], notes: 'The first TRY 100%' }))
    await nextMs()
    const betweenMs = Date.now()
    await nextMs()
    await catalog.createRun(
      newRun(project, 'new', { id: 'job-1', tags: ['base'], group: 'Sweep 1', job_type: 'train' }),
    )
    await catalog.describeRun({ project, run: 'new', description: { display_name: 'Né' } })
    await catalog.finishRun({ project, run: 'old', exitCode: 3 })
    const between = new Date(betweenMs).toISOString()
    const cases: [string, string[]][] = [
      ['"baseline" in tags', ['old']],
      ['"base" in tags', ['new']],
      [`'a"b' in tags`, ['old']],
      ['"" in tags', []],
      ['not "base" in tags', ['old']],
      ['notes contains "try 1"', ['old']],
      ['notes contains "%"', ['old']],
      ['notes contains "_"', []],
      ['notes = ""', ['new']],
      ['display_name = "Né"', ['new']],
      ['display_name contains "É"', ['new']],
      ['display_name = null', ['old']],
      ['id = "job-1"', ['new']],
      ['id = null', ['old']],
      ['group = "Sweep 1" and job_type in ("train", "eval")', ['new']],
      ['group contains "sweep"', ['new']],
      ['job_type = null', ['old']],
      ['display_name != "other"', ['new']],
      ['status = "running"', ['new']],
      ['status in ("failed", "finished")', ['old']],
      ['status != "lost"', ['new', 'old']],
      ['exit_code = 3', ['old']],
      ['exit_code != 0', ['old']],
      ['not exit_code = 3', ['new']],
      [`created > "${between}"`, ['new']],
      [`created <= "${between}"`, ['old']],
      [`not created > "${between}"`, ['old']],
      ['created < now - 1h', []],
      ['created > now - 1h and heard <= now', ['new', 'old']],
      ['finished = null', ['new']],
      ['finished > now - 1d', ['old']],
      [`finished < "2020-01-01"`, []],
    ]
    for (const [filter, names] of cases) assert.deepEqual(await namesOf(project, filter), names, filter)
  })

  test('any key and any metric name can be asked for, and is taken for no other', async () => {
    const keys = [...hostileTexts.filter((text) => text !== ''), '\\', '[', ']', '$[0]', "')--", 'a\\"b', '𝒳']
    const project = newProject('listing')
    for (const [index, key] of keys.entries()) {
      const config = Object.fromEntries([[key, 1]])
      await tested.store.catalog.createRun(newRun(project, `r${index}`, { config: { inner: config } }))
      await tested.store.catalog.mergeIntoRun({ project, run: `r${index}`, part: 'summary', document: config })
      await log(project, `r${index}`, { [key]: 1 })
    }
    for (const [index, key] of keys.entries()) {
      const quoted = JSON.stringify(key)
      for (const field of [`config.inner.${quoted}`, `summary.${quoted}`, `metric.${quoted}.max`]) {
        assert.deepEqual(await namesOf(project, `${field} = 1`), [`r${index}`], field)
        assert.equal((await namesOf(project, undefined, `-${field}`))[0], `r${index}`, field)
      }
      assert.deepEqual(await namesOf(project, `config.inner.${quoted} = 1 and not name = ${quoted}`), [`r${index}`])
    }
  })

  test('what a metric came to counts with every point that was acknowledged, compacted or not', async () => {
    const project = newProject('listing')
    for (let count = 1; count <= 20; count++) {
      await log(project, 'live', { m: count })
      assert.deepEqual(await namesOf(project, `metric.m.count = ${count} and metric.m.last = ${count}`), ['live'])
    }
    await log(project, 'done', { m: 7.5 })
    await tested.store.catalog.finishRun({ project, run: 'done', exitCode: 0 })
    await log(project, 'other', { n: 100 })
    assert.deepEqual(await namesOf(project, 'metric.m.max > 7'), ['done', 'live'])
    assert.deepEqual(await namesOf(project, 'metric.m.mean = 10.5 or metric.m.min = 7.5'), ['done', 'live'])
    assert.deepEqual(await namesOf(project, 'metric.m.max = null'), ['other'])
    assert.deepEqual(await namesOf(project, undefined, '-metric:m:max'), ['live', 'done', 'other'])
    assert.deepEqual(await namesOf(project, undefined, 'metric:m:max'), ['done', 'live', 'other'])
    assert.deepEqual(await namesOf(project, 'metric.n.first = 100', '-metric.m.max'), ['other'])
  })

  test('what has no value comes last in either direction, equals newest first', async () => {
    const project = newProject('listing')
    const values = { a: [1], b: [Number.NaN], c: [2], d: [1], e: [Infinity], f: [2, Number.NaN], g: [-0] }
    for (const [run, its] of Object.entries(values)) {
      const steps = its.map((_, step) => step)
      await tested.store.journal.appendBatch(batch({ project, run, sequence: 0, steps, metrics: { m: its } }))
      await nextMs()
    }
    assert.deepEqual((await namesOf(project, undefined, 'metric:m:max')).join(''), 'gdafceb')
    assert.deepEqual((await namesOf(project, undefined, '-metric:m:max')).join(''), 'fcdageb')
    assert.deepEqual((await namesOf(project, undefined, '-metric:m:last')).join(''), 'cdagfeb')
    assert.deepEqual((await namesOf(project, undefined, '-metric:m:count,name')).join(''), 'fabcdeg')
    assert.deepEqual((await namesOf(project, 'metric.m.nonfinite > 0')).join(''), 'feb')
    assert.deepEqual((await namesOf(project, 'metric.m.last = null')).join(''), 'feb')
  })

  test('configs sort numbers first, then texts, then what is neither', async () => {
    const xs = { a: { x: 'b' }, b: { x: 10 }, c: { x: null }, d: { x: 'B' }, e: { x: 9 }, f: { x: true }, g: { x: [] } }
    const project = await configured({ ...xs, h: { x: '🙂' }, i: { x: 'ﬀ' }, j: { x: 1e300 }, k: { x: 2 ** 63 } })
    assert.deepEqual((await namesOf(project, undefined, 'config.x')).join(''), 'febkjdaihgc')
    assert.deepEqual((await namesOf(project, undefined, '-config.x')).join(''), 'jkbefhiadgc')
  })

  test('every run comes once, whatever the page, also among many equals and while others come and go', async () => {
    const { catalog } = tested.store
    const project = newProject('listing')
    const random = seededRandom(5)
    const create = (run: number) => {
      const config = { group: random.pick([1, 2, 'x', null]), lr: random.below(3), long: 'é'.repeat(300) }
      return catalog.createRun(newRun(project, `r${run}`, { config, tags: random.chance(0.5) ? ['t'] : [] }))
    }
    const numbers = Array.from({ length: 300 }, (_, run) => run)
    await Promise.all(numbers.map(create))
    await Promise.all(
      numbers.filter((run) => run % 2 === 0).map((run) => log(project, `r${run}`, { m: random.below(4) })),
    )
    const requests: RunPageRequest[] = [
      ask(undefined, '-config.group,metric:m:max'),
      ask('"t" in tags', 'config.lr,-metric:m:max,config.long'),
      ask('"t" in tags and config.group != null'),
      ask(undefined, 'created'),
      ask(undefined, 'status'),
      ask(undefined, '-name'),
    ]
    for (const request of requests) {
      const { runs: whole } = await catalog.listRuns({ project }, { ...request, limit: 1_000 })
      const names = whole.map((run) => run.name)
      assert.equal(new Set(names).size, names.length)
      assert.ok(request.filter ? names.length > 20 : names.length === 300)
      for (const limit of [7, 100]) {
        assert.deepEqual(await readAll(project, { ...request, limit }), names)
      }
      const first = await catalog.listRuns({ project }, { ...request, limit: 10 })
      const cursor = first.next_cursor as string
      await catalog.deleteRun({ project, run: names[9] })
      await catalog.deleteRun({ project, run: names[11] })
      const second = await catalog.listRuns({ project }, { ...request, limit: 1_000, cursor })
      const left = names.slice(10).filter((name) => name !== names[11])
      assert.deepEqual(
        second.runs.map((run) => run.name),
        left,
        'the place of a run that is gone is a place all the same',
      )
      for (const gone of [names[9], names[11]]) await create(Number(gone.slice(1)))
    }
  })

  test('a cursor belongs to its filter and its sort', async () => {
    const { catalog } = tested.store
    const project = await configured({ a: { x: 1 }, b: { x: 1 }, c: { x: 1 } })
    const cursorOf = async (request: RunPageRequest) =>
      (await catalog.listRuns({ project }, { ...request, limit: 1 })).next_cursor as string
    const requests = [
      ...[ask(), ask('config.x = 1'), ask('config.x != 2'), ask(undefined, 'name'), ask(undefined, '-name')],
      ...[ask('config.x = 1', 'name'), ask(undefined, 'name,created')],
    ]
    const cursors = await Promise.all(requests.map(cursorOf))
    for (const [index, request] of requests.entries()) {
      for (const [other, cursor] of cursors.entries()) {
        const page = catalog.listRuns({ project }, { ...request, cursor })
        if (index === other) assert.equal((await page).runs.length, 2)
        else assert.match((await refused(page, 'invalidField')).message, /^query\.cursor: /)
      }
      for (const forged of [{}, [], 'x', null, 5.5, { of: 'x', at: [], run: 1 }]) {
        if (index === 0 && typeof forged === 'number') continue
        const cursor = Buffer.from(JSON.stringify(forged)).toString('base64url')
        await refused(catalog.listRuns({ project }, { ...request, cursor }), 'invalidField')
      }
    }
    // The same list, however it is written.
    const written = [ask('  config."x"  ==  1.0'), ask('config.x = 1')].map((request) => cursorOf(request))
    assert.equal(await written[0], await written[1])
    assert.equal(await cursorOf(ask(undefined, '-created')), await cursorOf(ask()))
  })

  test('a project that is not there is told from one of which no run fits', async () => {
    const project = await configured({ a: {} })
    assert.deepEqual(await namesOf(project, 'name = "b"', 'name'), [])
    await refused(namesOf(newProject('listing'), 'name = "b"', 'name'), 'projectNotFound')
  })

  test('a run with a writer is lost when it falls silent, until it speaks again', async () => {
    const { catalog, journal } = tested.store
    const project = newProject('listing')
    const statuses = async () => {
      const { runs } = await catalog.listRuns({ project }, ask(undefined, 'name'))
      for (const { name, status } of runs) {
        assert.equal((await catalog.readRun({ project, run: name })).status, status)
        assert.ok((await namesOf(project, `status = "${status}"`)).includes(name))
      }
      return runs.map((run) => run.status)
    }
    for (const run of ['a', 'b', 'c']) await log(project, run, { m: 1 })
    for (const run of ['a', 'c']) {
      await journal.appendBatch(batch({ project, run, sequence: 0, steps: [2], metrics: { m: [1] } }))
    }
    await catalog.finishRun({ project, run: 'c', exitCode: 0 })
    assert.deepEqual(await statuses(), ['running', 'running', 'finished'])
    for (const run of ['a', 'b', 'c']) await tested.silence({ project, run }, 119_000)
    assert.deepEqual(await statuses(), ['running', 'running', 'finished'])
    for (const run of ['a', 'b', 'c']) await tested.silence({ project, run }, 2_000)
    assert.deepEqual(await statuses(), ['lost', 'running', 'finished'])
    assert.deepEqual(await namesOf(project, undefined, '-status,name'), ['b', 'a', 'c'])
    await log(project, 'a', { m: 2 })
    assert.deepEqual(await statuses(), ['running', 'running', 'finished'])
    await tested.silence({ project, run: 'a' }, 600_000)
    assert.deepEqual(await statuses(), ['lost', 'running', 'finished'])
    await catalog.finishRun({ project, run: 'a', exitCode: 1 })
    assert.deepEqual(await statuses(), ['failed', 'running', 'finished'])
  })

  test('random filters and sorts of random runs say what they mean in plain words', async () => {
    const { catalog } = tested.store
    const random = seededRandom(31)
    const project = newProject('listing')
    const points = await makeRuns(tested, project, random)
    const { runs } = await catalog.listRuns({ project }, { limit: 1_000 })
    const all = runs.map((run): Run => ({ ...run, metrics: summariesOf(points.get(run.name) ?? []) }))
    const questions = new RandomQuestions(random, all)
    for (let round = 0; round < 150; round++) {
      const [filter, sort] = [questions.filter(), questions.sort()]
      const nowMs = Date.now()
      const expected = sortRuns(
        all.filter((run) => matches(filter, run, nowMs)),
        sort,
      )
      assert.deepEqual(
        await readAll(project, { filter, sort, limit: random.pick([5, 50]) }),
        expected.map((run) => run.name),
        `${printFilter(filter)} by ${printSort(sort)}`,
      )
    }
  })
}

type Points = { metric: string; step: number; value: number }[]

/** 40 runs with points; some are over, of which the points move on while questions are asked. */
async function makeRuns({ store }: StoreUnderTest, project: string, random: Random): Promise<Map<string, Points>> {
  const points = new Map<string, Points>()
  for (let index = 0; index < 40; index++) {
    const run = `r${index}`
    const tags = hostileTexts.filter(() => random.chance(0.1))
    const config = randomDocument(random)
    await store.catalog.createRun(newRun(project, run, { config, tags, notes: random.pick(hostileTexts) }))
    const its: Points = []
    for (let step = 0; step < random.below(6); step++) {
      // Sums of these are exact, in whatever order they are added.
      const value = () => random.pick([random.between(-8, 8) / 4, Number.NaN, Infinity])
      const metrics = Object.fromEntries(['loss', 'val/acc'].map((metric) => [metric, value()]))
      const timestamp = random.pick([Date.now(), Date.UTC(2026, 0, 1 + random.below(3))])
      await store.journal.appendRecord({ ...record(run, step, metrics, timestamp), project })
      for (const [metric, value] of Object.entries(metrics)) its.push({ metric, step, value })
    }
    points.set(run, its)
    await nextMs()
    if (random.chance(0.5)) await store.catalog.finishRun({ project, run, exitCode: random.below(3) })
  }
  return points
}

/** Runs are ordered by the millisecond in which they began. */
async function nextMs(): Promise<void> {
  const now = Date.now()
  while (Date.now() === now) await new Promise(setImmediate)
}
