import assert from 'node:assert/strict'
import { test } from 'node:test'
import { addTags } from './tag-text.ts'

test('tags are typed with commas between them, and none is there twice', () => {
  assert.deepEqual(addTags(['baseline'], ' v2, baseline ,v2,, two words '), ['baseline', 'v2', 'two words'])
  assert.deepEqual(addTags(['baseline'], '  '), ['baseline'])
})
