// Thousands of connections that nobody invited, on a tracker with a token: whoever has it gets in meanwhile.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { test } from 'node:test'
import { limits } from '@aspara/protocol/limits.ts'
import { ask } from '@aspara/tracker/testing/ask.ts'
import { startTracker } from '@aspara/tracker/testing/tracker-process.ts'

const token = 'correct-horse-battery'

test('more slow senders than there are places lock nobody out, and are let go of', { timeout: 120_000 }, async (t) => {
  const tracker = await startTracker({ args: ['--token', token] })
  t.after(() => tracker.stop())
  const head =
    'POST /api/v1/projects/p/runs HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 1000000\r\n\r\n{'
  const sockets: Socket[] = []
  t.after(() => {
    for (const socket of sockets) socket.destroy()
  })
  for (let count = 0; count < limits.connectionsMax + 200; count++) {
    const socket = connect({ port: tracker.port, host: '127.0.0.1' }).on('error', () => {})
    socket.resume()
    sockets.push(socket)
    await once(socket, 'connect')
    // Half of them say nothing at all.
    if (count % 2) socket.write(head)
  }
  const drip = setInterval(() => {
    for (const socket of sockets) if (socket.writable) socket.write('y')
  }, 500)
  t.after(() => clearInterval(drip))
  const authorization = `Bearer ${token}`
  const headers = { authorization, connection: 'close' }
  for (let count = 0; count < 20; count++) {
    assert.equal((await ask('GET', `${tracker.api}/health`, undefined, { connection: 'close' })).status, 200)
    const sent = { metrics: { loss: count } }
    assert.equal((await ask('POST', `${tracker.api}/projects/p/runs/r/metrics`, sent, headers)).status, 200)
  }
  // Whoever was refused goes by itself, however much it drips.
  await Promise.all(
    sockets
      .filter((_, index) => index % 2)
      .map((socket) => socket.closed || new Promise((resolve) => socket.once('close', resolve))),
  )
})
