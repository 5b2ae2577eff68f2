import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { must } from '@aspara/tracker/testing/ask.ts'
import { runAspara, startTracker, type TrackerProcess } from '@aspara/tracker/testing/tracker-process.ts'

let tracker: TrackerProcess
before(async () => {
  tracker = await startTracker()
})
after(() => tracker.stop())

const ranks = [
  '6f1c0000-0000-4000-8000-000000000000',
  '6f1c0000-0000-4000-8000-000000000001',
  '6f1c0000-0000-4000-8000-000000000002',
]

/** What the command prints, without the times. */
async function show(...args: string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await runAspara(['runs', ...args, '--tracker-uri', tracker.url])
  assert.deepEqual([exitCode, stderr], [0, ''])
  return stdout.replaceAll(/\d+s ago/g, 'now').replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'MOMENT')
}

test('a run that was sent after its training is shown with the times of the training, and why it ended', async () => {
  const runs = `${tracker.api}/projects/late/runs`
  const start = Date.UTC(2026, 0, 31, 9)
  await must('POST', runs, { name: 'r', started_at: start })
  await must('POST', `${runs}/r/finish`, { exit_code: 1, time: start + 60_000, reason: 'ValueError: no data' })
  const { exitCode, stdout } = await runAspara(['runs', 'show', 'late', 'r', '--tracker-uri', tracker.url])
  assert.equal(exitCode, 0)
  const lines = stdout.split('\n').map((line) => line.trimEnd())
  assert.deepEqual(lines.slice(0, 4), [
    'late/r',
    'status    ✕ failed (exit code 1)',
    'reason    ValueError: no data',
    'created   2026-01-31T09:00:00.000Z',
  ])
  assert.ok(lines.includes('finished  2026-01-31T09:01:00.000Z'))
})

test('a run is shown with its writers and what logging cost them', async () => {
  const run = `${tracker.api}/projects/p/runs/r`
  await must('POST', `${tracker.api}/projects/p/runs`, { name: 'r', group: 'sweep-7', job_type: 'train' })
  const client = { log_p50_us: 1.4, log_p99_us: 2345, requests: 12, retries: 1, refused: 0, lost: 0, finish_s: 0.0123 }
  const rows = {
    steps: [0, 1],
    timestamps: [1_769_850_001_000, 1_769_850_002_000.5],
    metrics: { loss: [0.5, 'NaN'], acc: [null, 0] },
  }
  const said = [
    { label: 'rank 0 · host', client },
    { label: 'rank 1 · host', client: { language: 'of others', lost: 'none', retries: 3 } },
    {},
  ]
  for (const [index, writer] of ranks.entries()) {
    await must('POST', `${run}/metrics/batch`, { writer, sequence: 0, ...rows, ...said[index] })
  }
  await must('POST', `${run}/finish`, { writer: ranks[0], exit_code: 3 })

  const shown = await show('show', 'p', 'r')
  const lines = shown.split('\n')
  assert.deepEqual(lines.slice(0, 8), [
    'p/r',
    'status    ● running',
    'created   MOMENT',
    'heard     MOMENT',
    'group     sweep-7',
    'job type  train',
    '',
    'METRIC  POINTS  LAST STEP  LAST  MIN  MAX',
  ])
  const [heading, ...writers] = lines.slice(
    lines.findIndex((line) => line.startsWith('WRITER')),
    -1,
  )
  assert.equal(heading, 'WRITER         STATE          ROWS  POINTS  CHECKSUM  HEARD')
  assert.deepEqual(writers.slice(0, 3).sort(), [
    '6f1c0000       ● running      2     3       563f9183  now',
    'rank 0 · host  ✕ exit code 3  2     3       563f9183  now',
    'rank 1 · host  ● running      2     3       563f9183  now',
  ])
  assert.deepEqual(writers.slice(3, 5), [
    '',
    'LOGGING        LOG P50  LOG P99  REQUESTS  RETRIES  REFUSED  LOST  FINISH',
  ])
  assert.deepEqual(writers.slice(5).sort(), [
    'rank 0 · host  1.4 µs   2.35 ms  12        1        0        0     0.0123 s',
    'rank 1 · host                              3',
  ])
  assert.equal(await show('p', 'r'), shown, 'with or without the word')
  assert.deepEqual(JSON.parse(await show('show', 'p', 'r', '--json')).writers.length, 3)
})

test('a project may be called show', async () => {
  await must('POST', `${tracker.api}/projects/show/runs`, { name: 'one' })
  assert.match(await show('show'), /^RUN .*\n● one /)
  assert.match(await show('show', 'one'), /^show\/one\n/)
  assert.match(await show('show', 'show', 'one'), /^show\/one\n/)
})

test('what is neither is told what was expected', async () => {
  for (const args of [['a', 'b', 'c'], ['show', 'a', 'b', 'c'], []]) {
    const { exitCode, stdout, stderr } = await runAspara(['runs', ...args, '--tracker-uri', tracker.url])
    assert.deepEqual([exitCode, stdout, stderr], [2, '', 'aspara: expected aspara runs PROJECT [RUN]\n'])
  }
})
