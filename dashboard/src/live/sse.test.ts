import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EventParser } from './sse.ts'

const stream =
  'retry: 500\n\nevent: open\nid: 7\ndata: {"cursor":"7"}\n\n: heartbeat\n\nid: 9\nevent: changes\ndata: one\ndata:two\n\n'
const events = [
  { type: 'open', id: '7', data: '{"cursor":"7"}' },
  { type: '', id: '7', data: '' },
  { type: 'changes', id: '9', data: 'one\ntwo' },
]

test('a stream is the same however it is cut into pieces, and whichever line ends it has', () => {
  for (const text of [stream, stream.replaceAll('\n', '\r\n')]) {
    for (let size = 1; size <= text.length; size++) {
      const parser = new EventParser()
      const found = []
      for (let at = 0; at < text.length; at += size) found.push(...parser.push(text.slice(at, at + size)))
      assert.deepEqual(found, events, `pieces of ${size}`)
    }
  }
})

test('an event that is not whole is none', () => {
  assert.deepEqual(new EventParser().push('id: 3\nevent: changes\ndata: {"since"'), [])
})
