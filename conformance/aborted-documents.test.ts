// A client that goes away while its large document is being expanded holds nobody up.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { must } from '@aspara/tracker/testing/ask.ts'
import { startTracker } from '@aspara/tracker/testing/tracker-process.ts'

test('a large document whose client has gone away does not hold up the next one', { timeout: 60_000 }, async (t) => {
  const tracker = await startTracker()
  t.after(() => tracker.stop())
  await must('POST', `${tracker.api}/projects/p/runs`, { name: 'r' })
  const url = new URL(`${tracker.api}/projects/p/runs/r/config`)
  const document = JSON.stringify({ config: { text: 'a'.repeat(900_000) } })
  const body = gzipSync(document)
  const head = [
    `POST ${url.pathname} HTTP/1.1`,
    `Host: ${url.host}`,
    'Content-Type: application/json',
    'Content-Encoding: gzip',
    `Content-Length: ${body.length}`,
  ]
  for (let count = 0; count < 5; count++) {
    const socket = connect(Number(url.port), url.hostname)
    await once(socket, 'connect')
    socket.write(`${head.join('\r\n')}\r\n\r\n`)
    await new Promise((resolve) => socket.write(body, resolve))
    socket.resetAndDestroy()
    await once(socket, 'close')
    // Shorter than the time after which a connection that stands still is closed.
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: document,
      signal: AbortSignal.timeout(10_000),
    })
    assert.equal(response.status, 200)
  }
})
