import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EventParser } from './event-parser.ts'

/** The events of a text that comes in pieces of so many bytes. */
function parse(text: string, pieceBytes: number) {
  const parser = new EventParser()
  const bytes = Buffer.from(text)
  const events = []
  for (let from = 0; from < bytes.length; from += pieceBytes) {
    events.push(...parser.take(bytes.subarray(from, from + pieceBytes)))
  }
  return { parser, events }
}

test('events are read alike wherever the pieces begin and end, with any line break', () => {
  const text = [
    'retry: 500',
    ': a comment',
    'event: first',
    'id: 1',
    'data: {"a":',
    'data:  "é😀"}',
    '',
    'data',
    '',
    'id: 2',
    '',
    'id',
    'data: after an empty id',
    '',
    'event: without data',
    '',
    'unknown: field',
    'data: x: y',
    '',
    'data: never ended',
  ]
  for (const lineBreak of ['\n', '\r\n', '\r']) {
    for (const pieceBytes of [1, 2, 3, 7, 1_000]) {
      const { parser, events } = parse(text.join(lineBreak), pieceBytes)
      assert.deepEqual(events, [
        { event: 'first', data: '{"a":\n "é😀"}', lastId: '1' },
        { event: 'message', data: '', lastId: '1' },
        { event: 'message', data: 'after an empty id', lastId: '' },
        { event: 'message', data: 'x: y', lastId: '' },
      ])
      assert.deepEqual([parser.retryMs, parser.comments], [500, ['a comment']])
    }
  }
})

test('an id counts when its event has come whole', () => {
  const { parser } = parse('id: 1\ndata: a\n\nid: 2\ndata: b', 5)
  assert.equal(parser.lastId, '1')
})
