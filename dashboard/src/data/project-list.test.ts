import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Project } from '@aspara/protocol/projects.ts'
import { firstLine, listProjects, readTagList, readTags, writeTagList } from './project-list.ts'

const project = (name: string, rest: Partial<Project> = {}): Project => ({
  name,
  display_name: null,
  tags: [],
  notes: '',
  runs: 0,
  running: 0,
  activity: [],
  created_at: '2026-01-01T00:00:00.000Z',
  heard_at: null,
  ...rest,
})

const projects = [
  project('run-10', { heard_at: '2026-03-01T00:00:00.000Z', runs: 2, tags: ['vision'] }),
  project('run-9', { created_at: '2026-04-01T00:00:00.000Z', runs: 5, tags: ['vision', 'old'] }),
  project('zoo', { display_name: 'Alpha', notes: 'Which Learning rate?', runs: 2 }),
]
const names = (search: Partial<Parameters<typeof listProjects>[1]>) =>
  listProjects(projects, { text: '', tags: [], order: 'activity', ...search }).map(({ name }) => name)

test('what was heard of last comes first, and a new project counts from when it was made', () => {
  assert.deepEqual(names({}), ['run-9', 'run-10', 'zoo'])
})

test('names are ordered as people read them, by what the project is called', () => {
  assert.deepEqual(names({ order: 'name' }), ['zoo', 'run-9', 'run-10'])
  assert.deepEqual(names({ order: 'runs' }), ['run-9', 'zoo', 'run-10'])
})

test('every word is looked for in names, tags and notes', () => {
  assert.deepEqual(names({ text: 'learning ALPHA' }), ['zoo'])
  assert.deepEqual(names({ text: 'vision 9' }), ['run-9'])
  assert.deepEqual(names({ text: 'vision nothing' }), [])
})

test('tags have to be there all, and exactly', () => {
  assert.deepEqual(names({ tags: ['vision', 'old'] }), ['run-9'])
  assert.deepEqual(names({ tags: ['vis'] }), [])
})

test('the first line of notes is the first that says something', () => {
  assert.equal(firstLine('\n---\n## Which **learning rate**?\nmore'), 'Which learning rate?')
  assert.equal(firstLine(''), '')
})

test('tags are typed with commas between them, and each once', () => {
  assert.deepEqual(readTags(' baseline, lr sweep,,baseline '), ['baseline', 'lr sweep'])
})

test('any tag comes back from an address', () => {
  const tags = ['lr sweep', 'a,b', '100 %']
  assert.deepEqual(readTagList(writeTagList(tags)), tags)
  assert.deepEqual(readTagList('100%'), ['100%'])
  assert.deepEqual([readTagList(undefined), writeTagList([])], [[], undefined])
})
