import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { type TestContext, test } from 'node:test'
import Fastify, { type FastifyInstance } from 'fastify'
import { trackerSettings } from '../config.ts'
import { RawConnection } from '../testing/raw-connection.ts'
import { boundConnections, type ConnectionLimits, type Connections } from './connections.ts'
import { addGuards } from './guards.ts'
import { answerProblem } from './problems.ts'

const token = 'correct-horse-battery'

/** A tracker's connections with places for few, and routes that need a token, or none. */
async function guarded(t: TestContext, bounds: Partial<ConnectionLimits> = {}, flags: object = { token }) {
  const app: FastifyInstance = Fastify({ forceCloseConnections: true })
  app.setErrorHandler(answerProblem)
  const connections: Connections = boundConnections(app, { connectionsMax: 4, strangersOfAddressMax: 100, ...bounds })
  addGuards(app, trackerSettings(flags, {}), connections)
  app.get('/', async () => ({ status: 'ok' }))
  app.post('/', async () => ({ status: 'ok' }))
  await app.listen({ host: '127.0.0.1', port: 0 })
  t.after(() => app.close())
  const { port } = app.server.address() as AddressInfo
  const known = async () => {
    const connection = await RawConnection.open(port)
    await answered(connection, ['GET / HTTP/1.1', 'Host: localhost', `Authorization: Bearer ${token}`])
    return connection
  }
  return { port, known }
}

/** Asks, and waits for the first bytes of the answer: the connection stays. */
async function answered(connection: RawConnection, head: string[], body = ''): Promise<string> {
  connection.send(head, body)
  const [bytes] = (await once(connection.socket, 'data')) as [Buffer]
  return bytes.toString()
}

const post = (length: number, ...more: string[]) => [
  ...['POST / HTTP/1.1', 'Host: localhost', 'Content-Type: application/json', `Content-Length: ${length}`],
  ...more,
]

test('whoever is refused, and sends on, is let go of', async (t) => {
  const { port } = await guarded(t)
  const slow = await RawConnection.open(port)
  assert.match(await answered(slow, post(1_000_000), '{'), /^HTTP\/1\.1 401 /)
  const drip = setInterval(() => slow.socket.write('y'), 100)
  await slow.heard
  clearInterval(drip)

  const fast = await RawConnection.open(port)
  assert.match(await answered(fast, post(1_000_000), '{'), /^HTTP\/1\.1 401 /)
  fast.socket.write(Buffer.alloc(900_000, 'y'))
  await fast.heard
})

test('a small request that was refused leaves its connection to the next one', async (t) => {
  const { port } = await guarded(t)
  const connection = await RawConnection.open(port)
  assert.match(await answered(connection, post(2), '{}'), /^HTTP\/1\.1 401 /)
  const head = post(2, `Authorization: Bearer ${token}`)
  assert.match(await answered(connection, head, '{}'), /^HTTP\/1\.1 200 /)
  connection.socket.destroy()
})

test('where all places are taken by strangers, the oldest goes, and whoever has the token stays', async (t) => {
  const { port, known } = await guarded(t)
  const trainings = [await known(), await known()]
  const strangers = [await RawConnection.open(port), await RawConnection.open(port)]
  for (let count = 0; count < 20; count++) {
    strangers.push(await RawConnection.open(port))
    await strangers.shift()?.heard
  }
  for (const training of [...trainings, await known()]) {
    const head = ['GET / HTTP/1.1', 'Host: localhost', `Authorization: Bearer ${token}`]
    assert.match(await answered(training, head), /^HTTP\/1\.1 200 /)
    training.socket.destroy()
  }
  for (const stranger of strangers) stranger.socket.destroy()
})

test('without a token, whoever has sent a whole request stays', async (t) => {
  const { port, known } = await guarded(t, {}, {})
  const training = await known()
  const strangers = []
  for (let count = 0; count < 3; count++) strangers.push(await RawConnection.open(port))
  for (let count = 0; count < 5; count++) {
    strangers.push(await RawConnection.open(port))
    await strangers.shift()?.heard
  }
  assert.match(await answered(training, ['GET / HTTP/1.1', 'Host: localhost']), /^HTTP\/1\.1 200 /)
  for (const { socket } of [training, ...strangers]) socket.destroy()
})
