import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { View } from '../view/view.ts'
import { runsBetween, tableLines } from './table-lines.ts'
import { testRun } from './test-run.ts'

const runs = ['adam', 'sgd', 'adam', 'none', 'sgd'].map((opt, at) =>
  testRun(at + 1, { config: opt === 'none' ? {} : { opt } }),
)
type Folding = Pick<View, 'group' | 'pinnedRuns' | 'closedGroups'>
const none: Folding = { group: [], pinnedRuns: [], closedGroups: [] }
const ids = (view: Partial<Folding>) => tableLines(runs, { ...none, ...view }).map(({ id }) => id)

test('pinned runs stand first in the order of their pinning, and keep their place in the list for the eyes', () => {
  assert.deepEqual(ids({ pinnedRuns: ['run-4', 'run-2', 'gone'] }), ['run-4', 'run-2', 'run-1', 'run-3', 'run-5'])
  const [first] = tableLines(runs, { ...none, pinnedRuns: ['run-4'] })
  assert.equal(first?.kind === 'run' && first.at, 3)
})

test('a group stands where its first run stands, with those that have no value in a group of their own', () => {
  assert.deepEqual(ids({ group: ['config.opt'] }), [
    'group:opt: adam',
    'run-1',
    'run-3',
    'group:opt: sgd',
    'run-2',
    'run-5',
    'group:opt: –',
    'run-4',
  ])
})

test('of a closed group the first line alone is seen, with all of its runs in it', () => {
  const lines = tableLines(runs, { ...none, group: ['config.opt'], closedGroups: ['opt: adam'] })
  assert.deepEqual(
    lines.slice(0, 2).map(({ id }) => id),
    ['group:opt: adam', 'group:opt: sgd'],
  )
  assert.equal(lines[0]?.kind === 'group' && lines[0].members.length, 2)
})

test('a range goes either way, and leaves the lines of groups out', () => {
  const lines = tableLines(runs, { ...none, group: ['config.opt'] })
  assert.deepEqual(runsBetween(lines, 'run-2', 'run-3'), ['run-3', 'run-2'])
  assert.deepEqual(runsBetween(lines, 'gone', 'run-3'), ['run-3'])
})

test('the line of a group names the last piece of its key, and its whole name tells the path', () => {
  const deep = [testRun(1, { config: { opt: { name: 'adam' } }, tags: ['a'] })]
  const [line] = tableLines(deep, { ...none, group: ['config.opt.name', 'tags'] })
  assert.equal(line?.kind === 'group' && line.label, 'name: adam · tags: a')
  assert.equal(line?.kind === 'group' && line.name, 'opt.name: adam · tags: a')
})
