import assert from 'node:assert/strict'
import { test } from 'node:test'
import { keysBySection, liveActions } from './action-sections.ts'

const action = (id: string, section: string, keys?: string) => ({ id, title: id, section, keys, run: () => {} })

test('of actions with the same keys, or the same id, the innermost is there', () => {
  const actions = [
    action('next project', 'List', 'j'),
    action('theme', 'Everywhere', 't'),
    action('next run', 'Runs', 'j'),
  ]
  assert.deepEqual(
    liveActions(actions).map(({ id }) => id),
    ['theme', 'next run'],
  )
  assert.equal(liveActions([action('a', 'A'), action('a', 'B')])[0]?.section, 'B')
})

test('the sheet lists what has keys, and what is everywhere comes last', () => {
  const actions = [action('theme', 'Everywhere', 't'), action('open view', 'Views'), action('next run', 'Runs', 'j')]
  assert.deepEqual(
    keysBySection(actions).map(([section, list]) => [section, list.map(({ id }) => id)]),
    [
      ['Runs', ['next run']],
      ['Everywhere', ['theme']],
    ],
  )
})
