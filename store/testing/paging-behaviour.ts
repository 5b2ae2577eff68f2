import assert from 'node:assert/strict'
import { test } from 'node:test'
import { newProject, newRun, refused, upload } from './ask-store.ts'
import type { StoreUnderTest } from './store-suite.ts'

interface Page {
  names: string[]
  next_cursor: string | null
}
type List = (page: { limit?: number; cursor?: string }) => Promise<Page>

export function pagingBehaviour(tested: StoreUnderTest): void {
  const projects: List = async (page) => {
    const { projects, next_cursor } = await tested.store.catalog.listProjects(page)
    return { names: projects.map((project) => project.name), next_cursor }
  }
  const runsOf =
    (project: string): List =>
    async (page) => {
      const { runs, next_cursor } = await tested.store.catalog.listRuns({ project }, page)
      return { names: runs.map((run) => run.name), next_cursor }
    }
  const artifactsOf =
    (project: string, run: string): List =>
    async (page) => {
      const { artifacts, next_cursor } = await tested.store.artifacts.list({ project, run }, page)
      return { names: artifacts.map((artifact) => artifact.name), next_cursor }
    }

  async function readAll(list: List, limit: number): Promise<string[]> {
    const names: string[] = []
    for (let cursor: string | undefined; ; ) {
      const page = await list({ limit, cursor })
      assert.ok(page.names.length <= limit)
      names.push(...page.names)
      if (page.next_cursor === null) return names
      assert.equal(page.names.length, limit, 'only the last page is not full')
      cursor = page.next_cursor
    }
  }

  /** Every page size gives everything once, in the same order. */
  async function assertPages(list: List, expected: string[]): Promise<void> {
    for (const limit of [1, 2, 3, expected.length - 1, expected.length, expected.length + 1]) {
      assert.deepEqual(await readAll(list, limit), expected, `pages of ${limit}`)
    }
    assert.deepEqual(await list({}), { names: expected, next_cursor: null })
  }

  test('projects come by name, every one once, whatever the size of a page', async () => {
    const prefix = newProject('pages')
    const names = ['Z', '_', 'a', 'b-', 'b0', '0', '-'].map((end) => `${prefix}${end}`)
    for (const name of names) await tested.store.catalog.createRun(newRun(name, 'r'))
    for (const limit of [1, 3, 1_000]) {
      const all = await readAll(projects, limit)
      assert.deepEqual(all, [...all].sort())
      assert.deepEqual(
        all.filter((name) => name.startsWith(prefix)),
        [...names].sort(),
      )
    }
  })

  test('runs come newest first, every one once, whatever the size of a page', async () => {
    const project = newProject('pages')
    const names: string[] = []
    for (let run = 0; run < 7; run++) {
      const name = `r${(run * 5) % 7}`
      names.unshift(name)
      await tested.store.catalog.createRun(newRun(project, name))
      await eventuallyNextMs()
    }
    await assertPages(runsOf(project), names)
  })

  test('runs that began at once come every one once', async () => {
    const project = newProject('pages')
    await Promise.all(
      Array.from({ length: 50 }, (_, run) => tested.store.catalog.createRun(newRun(project, `r${run}`))),
    )
    const all = await readAll(runsOf(project), 7)
    assert.equal(new Set(all).size, 50)
    assert.equal(all.length, 50)
  })

  test('artifacts come by name, every one once, whatever the size of a page', async () => {
    const project = newProject('pages')
    await tested.store.catalog.createRun(newRun(project, 'r'))
    const names = ['z', 'B', 'a.b', 'a', '_', '0', '-.']
    for (const name of names) await upload(tested.store, { project, run: 'r', name }, 'the same')
    await assertPages(artifactsOf(project, 'r'), [...names].sort())
  })

  test('what is made and deleted between two pages moves no other across them', async () => {
    const { catalog } = tested.store
    const project = newProject('pages')
    for (let run = 0; run < 6; run++) {
      await catalog.createRun(newRun(project, `r${run}`))
      await eventuallyNextMs()
    }
    const first = await runsOf(project)({ limit: 2 })
    assert.deepEqual(first.names, ['r5', 'r4'])
    await catalog.createRun(newRun(project, 'newer'))
    await catalog.deleteRun({ project, run: 'r4' })
    await catalog.deleteRun({ project, run: 'r2' })
    const second = await runsOf(project)({ limit: 10, cursor: first.next_cursor as string })
    assert.deepEqual(second, { names: ['r3', 'r1', 'r0'], next_cursor: null })
  })

  test('a cursor that no list gave is refused', async () => {
    const { catalog } = tested.store
    const project = newProject('pages')
    for (const name of ['a', 'b']) {
      await catalog.createRun(newRun(project, name))
      await upload(tested.store, { project, run: 'a', name }, name)
    }
    const lists = [projects, runsOf(project), artifactsOf(project, 'a')]
    const encode = (key: unknown) => Buffer.from(JSON.stringify(key)).toString('base64url')
    const bad = ['', 'x', '%', '🙂', 'null', encode(null), encode({}), encode([1]), encode(true), `${encode('a')} `]
    const padded = Buffer.from('"ab"').toString('base64')
    for (const list of lists) {
      for (const cursor of [...bad, `${padded}=`]) {
        const problem = await refused(list({ cursor }), 'invalidField')
        assert.match(problem.message, /^query\.cursor: /, JSON.stringify(cursor))
      }
    }
    const [ofNames, ofRuns] = [(await projects({ limit: 1 })).next_cursor, (await lists[1]({ limit: 1 })).next_cursor]
    await refused(lists[1]({ cursor: ofNames as string }), 'invalidField')
    await refused(projects({ cursor: ofRuns as string }), 'invalidField')
  })
}

/** Runs are ordered by the millisecond in which they began. */
async function eventuallyNextMs(): Promise<void> {
  const now = Date.now()
  while (Date.now() === now) await new Promise(setImmediate)
}
