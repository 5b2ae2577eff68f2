import assert from 'node:assert/strict'
import { test } from 'node:test'
import { describeActivity, sparkline } from './sparkline.ts'

test('the busiest day fills the height, and a single run is seen beside a thousand', () => {
  assert.equal(sparkline([0, 1, 1000], 30, 10), 'M0 9.5h9v0.5h-9zM10 8.5h9v1.5h-9zM20 0h9v10h-9z')
})

test('days without any runs have feet and no numbers that are none', () => {
  assert.equal(sparkline([0, 0], 20, 10), 'M0 9.5h9v0.5h-9zM10 9.5h9v0.5h-9z')
  assert.equal(sparkline([], 20, 10), '')
})

test('activity is said in words', () => {
  assert.equal(describeActivity([0, 41, 3]), '44 runs in the last 3 days, 3 of them today')
  assert.equal(describeActivity([0, 0, 1]), '1 run in the last 3 days, 1 of them today')
  assert.equal(describeActivity([0, 0]), 'no runs in the last 2 days')
})
