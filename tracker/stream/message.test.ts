import assert from 'node:assert/strict'
import type { ServerResponse } from 'node:http'
import { test } from 'node:test'
import type { Project } from '@aspara/protocol/projects.ts'
import type { StreamedRun } from '@aspara/protocol/stream.ts'
import { EventParser } from '../testing/event-parser.ts'
import { EventStream } from './event-stream.ts'
import { Message } from './message.ts'

const run = (name: string) => ({ name, notes: 'two\nlines' }) as StreamedRun
const changes = {
  points: ['a', 'b'].map((run) => ({ run, columns: '[{"cursor":"7"}]' })),
  runs: [run('a'), run('c')],
  resync: ['d'],
}

/** What a listener gets of a message. */
function sent(message: Message, runs?: string[]) {
  const pieces: Buffer[] = []
  const response = { write: (piece: Buffer) => pieces.push(piece) } as unknown as ServerResponse
  message.sendTo(new EventStream(response, runs && new Set(runs), 9))
  const events = new EventParser().take(Buffer.concat(pieces))
  return { pieces, events: events.map(({ event, lastId, data }) => ({ event, lastId, ...JSON.parse(data) })) }
}

test('each listener gets its runs, and nothing when there is nothing of them', () => {
  const message = new Message(5, 9, changes, ['e'])
  const empty = { since: '5', lastId: '9', points: [], runs: [], deleted: [] }
  const points = (run: string) => ({ run, columns: [{ cursor: '7' }] })
  assert.deepEqual(sent(message).events, [
    {
      ...empty,
      event: 'resync',
      points: [points('a'), points('b')],
      runs: [run('a'), run('c')],
      deleted: ['e'],
      resync: ['d'],
    },
  ])
  assert.deepEqual(sent(message, ['b', 'e']).events, [
    { ...empty, event: 'changes', points: [points('b')], deleted: ['e'] },
  ])
  assert.deepEqual(sent(message, ['c']).events, [{ ...empty, event: 'changes', runs: [run('c')] }])
  assert.deepEqual(sent(message, ['d']).events, [{ ...empty, event: 'resync', resync: ['d'] }])
  assert.deepEqual(sent(message, ['x']).events, [])
})

test('that the project has changed everybody is told, whatever runs they want', () => {
  const project = { name: 'p', display_name: 'Digits', notes: '"two\nlines"' } as Project
  const message = new Message(5, 9, { points: [], runs: [run('a')], resync: [], project }, [])
  const empty = { event: 'changes', since: '5', lastId: '9', points: [], runs: [], deleted: [], project }
  assert.deepEqual(sent(message).events, [{ ...empty, runs: [run('a')] }])
  assert.deepEqual(sent(message, ['x']).events, [empty])
})

test('all who want everything are sent the same bytes', () => {
  const message = new Message(5, 9, changes, [])
  assert.equal(sent(message).pieces[0], sent(message).pieces[0])
})

test('where it is not known what was deleted, or too much has changed, all listeners read everything again', () => {
  const all = { event: 'resync', lastId: '9', since: '5', points: [], runs: [], deleted: [], resync: null }
  for (const message of [
    new Message(5, 9, changes, undefined),
    new Message(5, 9, { ...changes, resync: null }, ['e']),
  ]) {
    assert.deepEqual(sent(message).events, [all])
    assert.deepEqual(sent(message, ['x']).events, [all])
  }
})
