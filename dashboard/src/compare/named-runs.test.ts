import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseFilter } from '@aspara/protocol/filter.ts'
import { limits } from '@aspara/protocol/limits.ts'
import { nameFilter, namesInParts } from './named-runs.ts'

test('however many names and however long, each part is a filter that the tracker takes', () => {
  const names = Array.from({ length: 700 }, (_, at) => `${'long-name-'.repeat(at % 25)}${at}`)
  const parts = namesInParts(names)
  assert.deepEqual(parts.flat(), names)
  for (const part of parts) {
    const filter = nameFilter(part)
    assert.ok(filter.length <= limits.filterCharsMax)
    parseFilter(filter)
  }
  assert.deepEqual(namesInParts([]), [])
})
