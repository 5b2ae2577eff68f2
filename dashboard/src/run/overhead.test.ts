import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { RunWriter } from '../api/queries.ts'
import { overheadOf } from './overhead.ts'

const began = Date.parse('2026-01-31T09:00:00.000Z')

const writer = (client: RunWriter['client'], over: Partial<RunWriter> = {}): RunWriter => ({
  writer: '7f9c24e8-3b12-4fef-91e0-5629c1a2a5d3',
  label: null,
  next_sequence: 1,
  rows: 10,
  points: 20,
  checksum: null,
  heard_at: '2026-01-31T09:10:00.000Z',
  finished_at: null,
  exit_code: null,
  client,
  ...over,
})

test('what logging cost is a share of the time that the run took', () => {
  const said = { language: 'python', version: '0.2.0', log_calls: 10_000, log_p50_us: 1.4, log_p99_us: 9.81 }
  const { sentence, clients, facts, warnings } = overheadOf([writer(said)], began)
  // 14 ms of 600 s.
  assert.equal(
    sentence,
    "Logging took 1.4 µs a call at the median and 9.8 µs at the 99th percentile: 0.002 % of the run's time.",
  )
  assert.deepEqual([clients, facts, warnings], [['python 0.2.0'], ['10k calls'], []])
})

test('a client that says nothing is told nothing of', () => {
  assert.deepEqual(overheadOf([writer(null)], began), { sentence: null, facts: [], warnings: [], clients: [] })
  assert.deepEqual(overheadOf([], began), { sentence: null, facts: [], warnings: [], clients: [] })
})

test('calls since a client last said how many there were are counted by their rows', () => {
  const said = { log_calls: 10, log_p50_us: 60 }
  const { sentence, facts } = overheadOf([writer(said, { rows: 20_000 })], began)
  // 1.2 s of 600 s.
  assert.equal(sentence, "Logging took 60 µs a call at the median: 0.2 % of the run's time.")
  assert.deepEqual(facts, ['20k calls'])
})

test('in its first second a run has no share', () => {
  const said = { log_calls: 10, log_p50_us: 60 }
  const { sentence } = overheadOf([writer(said, { heard_at: '2026-01-31T09:00:00.300Z' })], began)
  assert.equal(sentence, 'Logging took 60 µs a call at the median.')
})

test('without the number of calls there is no share', () => {
  assert.equal(overheadOf([writer({ log_p50_us: 2 })], began).sentence, 'Logging took 2 µs a call at the median.')
})

test('of many writers the slowest counts, and what they have is added up', () => {
  const one = writer({ log_p50_us: 1, log_calls: 600_000, rows_waiting: 5, retries: 1, language: 'python' })
  const other = writer({ log_p50_us: 2, log_calls: 600_000, rows_waiting: 7, retries: 2, refused: 1, lost: 1200 })
  const { sentence, facts, warnings } = overheadOf([one, other], began)
  assert.equal(sentence, "Logging took 1 µs to 2 µs a call at the median: 0.2 % of the run's time.")
  assert.deepEqual(facts, ['1.2M calls'])
  assert.deepEqual(warnings, [
    '12 rows waiting to be sent',
    '3 requests were tried again',
    '1 row refused by the tracker',
    '1.2k rows lost: the disk of the run had no room',
  ])
})

test('rows that have come since the client spoke of them wait no longer', () => {
  const said = { rows: 304, rows_waiting: 304 }
  assert.deepEqual(overheadOf([writer(said, { rows: 304 })], began).warnings, [])
  assert.deepEqual(overheadOf([writer(said, { rows: 300 })], began).warnings, ['4 rows waiting to be sent'])
})

test('a writer that has ended waits for nothing, and says how long its end took', () => {
  const ended = writer(
    { rows_waiting: 3, finish_s: 0.25, bytes_sent: 2048, requests: 1 },
    { finished_at: '2026-01-31T09:10:00.000Z' },
  )
  const { facts, warnings } = overheadOf([ended], began)
  assert.deepEqual([facts, warnings], [['2 KiB sent in 1 request', 'finishing took 250ms'], []])
})

test('what is no number is nothing that was said', () => {
  const { sentence, facts } = overheadOf([writer({ log_p50_us: 'fast', log_calls: -1, language: 7 })], began)
  assert.deepEqual([sentence, facts], [null, []])
})
