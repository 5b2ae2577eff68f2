import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ask, must } from '../testing/ask.ts'
import { exchange } from '../testing/raw-connection.ts'
import { startTracker } from '../testing/tracker-process.ts'
import { version } from '../version.ts'

test('the tracker says which it is, and the address at which it was found', async (t) => {
  const tracker = await startTracker()
  t.after(() => tracker.stop())
  assert.deepEqual(await must('GET', `${tracker.api}/about`), { version, read_only: false, address: tracker.url })
  const addressFor = async (...headers: string[]) => {
    const head = ['GET /api/v1/about HTTP/1.1', ...headers, 'Connection: close']
    return JSON.parse((await exchange(tracker.port, head)).body).address
  }
  assert.equal(await addressFor('Host: tracker.localhost:8080'), 'http://tracker.localhost:8080')
  // A proxy in front of it speaks TLS.
  assert.equal(await addressFor('Host: localhost', 'X-Forwarded-Proto: https'), 'https://localhost')
  const { body } = await exchange(tracker.port, ['GET /api/v1/about HTTP/1.0'])
  assert.equal(JSON.parse(body).address, tracker.url)
})

test('whether it is read-only, and only to who has the token', async (t) => {
  const tracker = await startTracker({ args: ['--read-only', '--token', 'open-sesame-and-close'] })
  t.after(() => tracker.stop())
  assert.equal((await ask('GET', `${tracker.api}/about`)).status, 401)
  const { body } = await ask('GET', `${tracker.api}/about`, undefined, {
    authorization: 'Bearer open-sesame-and-close',
  })
  assert.equal(body.read_only, true)
})
