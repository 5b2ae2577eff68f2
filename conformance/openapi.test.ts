import assert from 'node:assert/strict'
import { randomInt, randomUUID } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { test } from 'node:test'
import { startTracker, temporaryFolder } from '@aspara/tracker/testing/tracker-process.ts'
import { runPython } from './python.ts'
import { getJson, post, runSnapshot } from './read-back.ts'
import { troubles } from './tracker-log.ts'

/**
 * Requests that nobody would write by hand: schemathesis makes them from the OpenAPI document, valid and invalid ones, and
 * checks each answer against what the document says.
 *
 * SEED=… runs the same ones again.
 */

const seed = Number(process.env.SEED ?? randomInt(2 ** 31))

const checks = [
  'not_a_server_error',
  'status_code_conformance',
  'content_type_conformance',
  'response_headers_conformance',
  'response_schema_conformance',
  'unsupported_method',
]

test('no request that the OpenAPI document can make brings a 5xx, or an answer that the document does not have', async (t) => {
  t.diagnostic(`seed ${seed}`)
  const tracker = await startTracker()
  const folder = await temporaryFolder()
  t.after(async () => {
    await tracker.stop()
    await rm(folder, { recursive: true, force: true })
  })
  const document = `${tracker.url}/tracker/docs/tracker/json`
  assert.match((await getJson(document)).openapi, /^3\.1\./)

  // A project that a request made up at random does not hit.
  const project = `kept-${randomUUID()}`
  const runs = `${tracker.api}/projects/${project}/runs`
  await post(runs, { name: 'kept', tags: ['a'], notes: 'n', config: { a: { b: [1, null] } } })
  await post(`${runs}/kept/metrics`, { step: 1, metrics: { loss: 0.5, 'val/loss': 'NaN' } })
  const form = new FormData()
  form.append('file', new Blob(['kept']), 'kept.bin')
  assert.equal((await fetch(`${runs}/kept/artifacts`, { method: 'POST', body: form })).status, 200)
  const kept = await runSnapshot(tracker.api, project, 'kept')

  const fuzz = await runPython(
    [
      ...['-m', 'schemathesis.cli', 'run', document],
      ...['--checks', checks.join(',')],
      ...['--seed', String(seed)],
      ...['--max-time', '40'],
      ...['--request-timeout', '10'],
      ...['--generation-database', 'none'],
      ...['--warnings', 'off', '--no-color'],
    ],
    { cwd: folder },
  )
  t.diagnostic(fuzz.stdout.trim().split('\n').slice(-12).join('\n'))
  assert.equal(fuzz.exitCode, 0, fuzz.stdout + fuzz.stderr)

  assert.equal(tracker.child.exitCode, null, 'the tracker has ended')
  assert.deepEqual(await getJson(`${tracker.api}/health`), { status: 'ok' })
  assert.deepEqual(troubles(tracker), [])
  assert.deepEqual(await runSnapshot(tracker.api, project, 'kept'), kept)
})
