import assert from 'node:assert/strict'
import { test } from 'node:test'
import { describeWaiting } from './waiting.ts'

test('what is waited for is said once each', () => {
  assert.equal(describeWaiting([['runs', 'p', { filter: '' }]]), 'waiting for the runs')
  assert.equal(
    describeWaiting([['runs', 'p'], ['runs', 'p', 2], ['metrics', 'p'], ['something']]),
    'waiting for the runs, the metrics, and more data',
  )
})
