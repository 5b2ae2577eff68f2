import assert from 'node:assert/strict'
import { test } from 'node:test'
import { batch, record } from '../testing/plain-appends.ts'
import type { Deed } from './deeds.ts'
import { packGroup, unpackGroup } from './group-message.ts'

const append = (argument: unknown) => ({ name: 'append', argument }) as Deed

/** Deeds of every kind in an order in which records stand alone, together, and between the others. */
const deeds = (): Deed[] => [
  append(record('r', 0, { a: 1 })),
  append(record('s', null, { a: NaN })),
  append(batch({ sequence: 0, steps: [1, null], metrics: { a: [1, 2], b: [null, 3] } })),
  append(record('r', 2, {})),
  { name: 'deleteRun', argument: { project: 'p', run: 'r' } },
  { name: 'listDroppedFiles', argument: {} },
  append(record('r', 3, { b: 1 })),
]

test('a group is the same on the other side, and in the same order', () => {
  const { group, buffers } = packGroup(deeds())
  assert.deepEqual(unpackGroup(structuredClone(group, { transfer: buffers })), deeds())
  assert.deepEqual(packGroup([]), { group: [], buffers: [] })
})

test('columns move instead of being copied', () => {
  const sent = batch({ sequence: 0, steps: [1, 2], metrics: { a: [1, 2], b: [null, 3] } })
  const { group, buffers } = packGroup([append(sent)])
  structuredClone(group, { transfer: buffers })
  for (const array of [sent.steps, sent.timestamps, sent.columns[0].values, sent.columns[1].rows]) {
    assert.equal(array?.length, 0)
  }
})
