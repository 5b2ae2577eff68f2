// Senders that are slow, stuck or too many. The clock is moved by hand: nothing here waits a minute.

import assert from 'node:assert/strict'
import type { AddressInfo } from 'node:net'
import { type TestContext, test } from 'node:test'
import { limits } from '@aspara/protocol/limits.ts'
import Fastify, { type FastifyRequest } from 'fastify'
import { addJsonBody } from '../body/json-body.ts'
import { RawConnection } from '../testing/raw-connection.ts'
import { answerProblem } from './problems.ts'
import { boundReceiving } from './receiving.ts'

const bodyLimit = limits.batchBytesMax
/** So many of the largest bodies are received at once. */
const bodiesMax = limits.receivingBytesMax / bodyLimit

interface Receiver {
  port: number
  /** Moves the clock, and lets whatever is due happen. */
  pass(ms: number): void
  /** Opens a connection, sends a head that announces a body and some of the body, and resolves once the head was taken. */
  announce(headers: string[], some?: string): Promise<RawConnection>
}

async function receiver(t: TestContext): Promise<Receiver> {
  t.mock.timers.enable({ apis: ['setInterval'] })
  let nowMs = 0
  const app = Fastify({ bodyLimit, forceCloseConnections: true })
  app.setErrorHandler(answerProblem)
  addJsonBody(app)
  app.addContentTypeParser('multipart/form-data', (_request, payload, done) => {
    payload.resume()
    payload.on('end', () => done(null))
  })
  boundReceiving(app, () => nowMs)
  let taken = Promise.withResolvers<FastifyRequest>()
  app.addHook('onRequest', (request, _reply, done) => {
    taken.resolve(request)
    done()
  })
  app.addHook('onError', (request, _reply, _error, done) => {
    taken.resolve(request)
    done()
  })
  app.get('/', async () => ({ status: 'ok' }))
  app.post('/', async () => ({ status: 'ok' }))
  app.post('/refused', { onRequest: async (_request, reply) => reply.code(401).send({}) }, async () => ({}))
  await app.listen({ host: '127.0.0.1', port: 0 })
  t.after(() => app.close())
  const { port } = app.server.address() as AddressInfo
  return {
    port,
    pass(ms) {
      nowMs += ms
      t.mock.timers.tick(ms)
    },
    async announce([path, ...headers], some = '') {
      const connection = await RawConnection.open(port)
      taken = Promise.withResolvers()
      connection.send([`POST ${path} HTTP/1.1`, 'Host: localhost', 'Connection: close', ...headers], some)
      await taken.promise
      return connection
    },
  }
}

const json = (length: number, path = '/') => [path, 'Content-Type: application/json', `Content-Length: ${length}`]
const chunked = ['/', 'Content-Type: application/json', 'Transfer-Encoding: chunked']

test('a body that does not arrive in time is answered 408, and its connection is closed', async (t) => {
  const { announce, pass } = await receiver(t)
  const stuck = await announce(json(100), '{"a":')
  const stuckInChunks = await announce(chunked, '5\r\n{"a":\r\n')
  pass(limits.bodyMs - 1)
  const inTime = await announce(json(7), '{"a":')
  pass(5_001)
  for (const connection of [stuck, stuckInChunks]) {
    const { status, headers, body } = await connection.answer()
    assert.equal(status, 408)
    assert.equal(headers.get('connection'), 'close')
    assert.deepEqual(JSON.parse(body), { detail: 'The request took too long to arrive' })
  }
  // One that came later has its own minute.
  inTime.socket.write('1}')
  assert.equal((await inTime.answer()).status, 200)
})

test('a body that comes byte by byte has no longer than any other', async (t) => {
  const { announce, pass } = await receiver(t)
  const slow = await announce(json(1_000), '{"a": "')
  for (let ms = 0; ms < limits.bodyMs; ms += 1_000) {
    slow.socket.write('x')
    pass(1_000)
  }
  pass(5_000)
  // Cut with bytes of it still on their way, a connection may lose the answer.
  assert.match(await slow.heard, /^(HTTP\/1\.1 408 |$)/)
})

test('an answer that takes long to make is not cut short: the body is here', async (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] })
  let nowMs = 0
  const app = Fastify()
  addJsonBody(app)
  boundReceiving(app, () => nowMs)
  const handled = Promise.withResolvers<void>()
  const release = Promise.withResolvers<void>()
  app.post('/', async () => {
    handled.resolve()
    await release.promise
    return { status: 'ok' }
  })
  await app.listen({ host: '127.0.0.1', port: 0 })
  t.after(() => app.close())
  const connection = await RawConnection.open((app.server.address() as AddressInfo).port)
  connection.send(['POST / HTTP/1.1', 'Host: localhost', 'Connection: close', ...json(2).slice(1)], '{}')
  await handled.promise
  nowMs += limits.bodyMs * 10
  t.mock.timers.tick(limits.bodyMs * 10)
  release.resolve()
  assert.equal((await connection.answer()).status, 200)
})

test('of many large bodies announced at once those past the bound are told to come back, and small questions pass', async (t) => {
  const { announce, port } = await receiver(t)
  const receiving = []
  for (let count = 0; count < bodiesMax; count++) receiving.push(await announce(json(bodyLimit)))
  const { status, headers, body } = await (await announce(json(bodyLimit))).answer()
  assert.equal(status, 503)
  assert.equal(headers.get('retry-after'), '1')
  assert.deepEqual(JSON.parse(body), { detail: 'The tracker has too much to do: try again shortly' })
  // A body of unknown length may be as large as any.
  assert.equal((await (await announce(chunked)).answer()).status, 503)
  assert.equal((await fetch(`http://127.0.0.1:${port}/`)).status, 200)

  // One arrives, and there is room for another.
  receiving[0].socket.write(`{}${' '.repeat(bodyLimit - 2)}`)
  assert.equal((await receiving[0].answer()).status, 200)
  const next = await announce(json(bodyLimit))
  next.socket.write(`{}${' '.repeat(bodyLimit - 2)}`)
  assert.equal((await next.answer()).status, 200)
})

test('what is too large for a call is refused as such, however busy it is, and takes no share', async (t) => {
  const { announce } = await receiver(t)
  for (let count = 0; count < bodiesMax + 2; count++) {
    assert.equal((await (await announce(json(bodyLimit + 1))).answer()).status, 413)
  }
  for (let count = 0; count < bodiesMax; count++) await announce(json(bodyLimit))
  assert.equal((await (await announce(json(bodyLimit + 1))).answer()).status, 413)
})

test('uploads take no share: they go to disk as they come', async (t) => {
  const { announce } = await receiver(t)
  const form = ['/', 'Content-Type: multipart/form-data; boundary=b', `Content-Length: ${bodyLimit}`]
  for (let count = 0; count < bodiesMax * 2; count++) await announce(form)
  const connection = await announce(json(2), '{}')
  assert.equal((await connection.answer()).status, 200)
})

test('a connection that is dropped in the middle gives its share back', async (t) => {
  const { announce, pass } = await receiver(t)
  const dropped = []
  for (let count = 0; count < bodiesMax; count++) dropped.push(await announce(json(bodyLimit), '{"a":'))
  assert.equal((await (await announce(json(bodyLimit))).answer()).status, 503)
  for (const connection of dropped) {
    connection.socket.resetAndDestroy()
    await connection.heard
  }
  // The other end of a connection hears of it some turns of the event loop later.
  for (let tries = 0; ; tries++) {
    pass(5_000)
    const connection = await announce(json(2), '{}')
    const { status } = await connection.answer()
    if (status === 200) break
    assert.ok(tries < 10, 'ten sweeps have not freed it')
  }
})

test('a refusal before the body is read gives the share back', async (t) => {
  const { announce } = await receiver(t)
  for (let count = 0; count < bodiesMax + 2; count++) {
    const { status } = await (await announce(json(bodyLimit, '/refused'))).answer()
    assert.equal(status, 401)
  }
  for (let count = 0; count < bodiesMax + 2; count++) {
    const xml = ['/', 'Content-Type: text/xml', `Content-Length: ${bodyLimit}`]
    assert.equal((await (await announce(xml)).answer()).status, 415)
  }
  const connection = await announce(json(bodyLimit))
  connection.socket.write(`{}${' '.repeat(bodyLimit - 2)}`)
  assert.equal((await connection.answer()).status, 200)
})

test('a body that is not JSON gives the share back', async (t) => {
  const { announce } = await receiver(t)
  for (let count = 0; count < bodiesMax + 2; count++) {
    const connection = await announce(json(bodyLimit))
    connection.socket.write('x'.repeat(bodyLimit))
    assert.equal((await connection.answer()).status, 422)
  }
})

test('a share is not given back twice: bodies past the bound stay out', async (t) => {
  const { announce, pass } = await receiver(t)
  const first = await announce(json(2), '{}')
  assert.equal((await first.answer()).status, 200)
  pass(5_000)
  for (let count = 0; count < bodiesMax; count++) await announce(json(bodyLimit))
  assert.equal((await (await announce(json(1), '')).answer()).status, 503)
})
