import assert from 'node:assert/strict'
import { randomInt, randomUUID } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
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

const settings = fileURLToPath(new URL('schemathesis.toml', import.meta.url))

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

  // The first is what schemathesis.toml lets most requests be about, the other no request finds by chance.
  await addRun(tracker.api, 'fuzzed')
  const project = `kept-${randomUUID()}`
  await addRun(tracker.api, project)
  const kept = await runSnapshot(tracker.api, project, 'fuzzed')

  const fuzz = await runPython(
    ['-m', 'schemathesis.cli', '--config-file', settings, '--no-color', 'run', document, '--seed', String(seed)],
    { cwd: folder },
  )
  t.diagnostic(fuzz.stdout.trim().split('\n').slice(-12).join('\n'))

  assert.equal(tracker.child.exitCode, null, 'the tracker has ended')
  assert.deepEqual(await getJson(`${tracker.api}/health`), { status: 'ok' })
  assert.deepEqual(await runSnapshot(tracker.api, project, 'fuzzed'), kept)
  assert.equal(fuzz.exitCode, 0, fuzz.stdout + fuzz.stderr)
  assert.deepEqual(troubles(tracker), [])
})

async function addRun(api: string, project: string): Promise<void> {
  const runs = `${api}/projects/${project}/runs`
  await post(runs, { name: 'fuzzed', tags: ['a'], notes: 'n', config: { a: { b: [1, null] } } })
  await post(`${runs}/fuzzed/metrics`, { step: 1, metrics: { loss: 0.5, 'val/loss': 'NaN' } })
  const form = new FormData()
  form.append('file', new Blob(['some bytes']), 'fuzzed.bin')
  const answer = await fetch(`${runs}/fuzzed/artifacts`, { method: 'POST', body: form })
  assert.equal(answer.status, 200)
}
