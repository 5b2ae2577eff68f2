// Which proxy an address is reached by, and what such a proxy hears.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import { type AddressInfo, connect, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { Api, init } from './aspara.ts'
import { HttpOrigin } from './http-origin.ts'
import { proxyFor } from './proxy.ts'

test('the proxy is that of the environment, as Python finds it, and none for this machine', () => {
  const found = (target: string, variables: Record<string, string>) => proxyFor(new URL(target), variables)?.href
  const both = { HTTP_PROXY: 'http://a:1', HTTPS_PROXY: 'http://b:2' }
  const cases: [target: string, variables: Record<string, string>, proxy: string | undefined][] = [
    ['http://tracker.example', {}, undefined],
    ['http://tracker.example', both, 'http://a:1/'],
    ['https://tracker.example', both, 'http://b:2/'],
    ['http://tracker.example', { ...both, http_proxy: 'http://c:3' }, 'http://c:3/'],
    ['http://tracker.example', { ...both, http_proxy: '' }, undefined],
    ['http://tracker.example', { HTTP_PROXY: 'proxy.example:8080' }, 'http://proxy.example:8080/'],
    ['http://tracker.example', { HTTP_PROXY: 'socks5://a:1' }, undefined],
    ['http://tracker.example', { ...both, REQUEST_METHOD: 'GET' }, undefined],
    ['http://localhost:3142', both, undefined],
    ['http://127.0.0.1:3142', both, undefined],
    ['http://[::1]:3142', both, undefined],
    ['http://tracker.example', { ...both, NO_PROXY: '*' }, undefined],
    ['http://tracker.example', { ...both, NO_PROXY: 'other, .example' }, undefined],
    ['http://tracker.example', { ...both, NO_PROXY: 'tracker.example' }, undefined],
    ['http://tracker.example:80', { ...both, no_proxy: 'tracker.example:81' }, 'http://a:1/'],
    ['http://tracker.example:81', { ...both, no_proxy: 'tracker.example:81' }, undefined],
    ['http://mytracker.example', { ...both, no_proxy: 'tracker.example' }, 'http://a:1/'],
  ]
  for (const [target, variables, proxy] of cases)
    assert.equal(found(target, variables), proxy, `${target} ${JSON.stringify(variables)}`)
})

async function listenOn(t: TestContext, server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => server.close())
  return (server.address() as AddressInfo).port
}

function setVariable(t: TestContext, name: string, value: string): void {
  const before = process.env[name]
  process.env[name] = value
  t.after(() => {
    if (before === undefined) delete process.env[name]
    else process.env[name] = before
  })
}

test('a run and Api ask an HTTP proxy for the whole address, with its name and password', async (t) => {
  const heard: string[] = []
  const proxy = createServer((request, response) => {
    heard.push(`${request.method} ${request.url} ${request.headers.host} ${request.headers['proxy-authorization']}`)
    request.resume()
    response.writeHead(200, { 'content-type': 'application/json' })
    response.end(JSON.stringify({ name: 'r', next_sequence: 1, runs: [], next_cursor: null }))
  })
  setVariable(t, 'http_proxy', `http://me:p%40ss@127.0.0.1:${await listenOn(t, proxy)}`)
  const dir = mkdtempSync(join(tmpdir(), 'aspara-test-'))
  t.after(() => rmSync(dir, { recursive: true }))
  const run = await init({
    project: 'p',
    name: 'r',
    trackerUri: 'http://tracker.invalid:3142',
    dir,
    settings: { quiet: true },
  })
  run.log({ loss: 1 })
  assert.equal((await run.finish()).isSent, true)
  const api = new Api('http://tracker.invalid/aspara')
  assert.deepEqual(await Array.fromAsync(api.runs('p')), [])
  api.close()
  const end = `Basic ${Buffer.from('me:p@ss').toString('base64')}`
  assert.equal(heard[0], `POST http://tracker.invalid:3142/api/v1/projects/p/runs tracker.invalid:3142 ${end}`)
  assert.equal(heard.at(-1), `GET http://tracker.invalid/aspara/api/v1/projects/p/runs tracker.invalid ${end}`)
})

test('a tracker with TLS is reached through a tunnel, which hears nothing but where it leads', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'aspara-test-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const [keyFile, certFile] = [join(folder, 'key'), join(folder, 'cert')]
  const request = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '1', '-subj', '/CN=tracker.invalid']
  const names = ['-addext', 'subjectAltName=DNS:tracker.invalid', '-keyout', keyFile, '-out', certFile]
  if (spawnSync('openssl', [...request, ...names]).status !== 0) return t.skip('there is no openssl')
  const cert = readFileSync(certFile)
  const tracker = createSecureServer({ key: readFileSync(keyFile), cert }, (_, response) =>
    response.end('{"status":"ok"}'),
  )
  const trackerPort = await listenOn(t, tracker)
  const heard: string[] = []
  const proxy = createServer()
  proxy.on('connect', (asked: IncomingMessage, socket) => {
    heard.push(`${asked.method} ${asked.url} ${asked.headers['proxy-authorization']}`)
    if (asked.url === 'closed.invalid:443') return socket.end('HTTP/1.1 403 Forbidden\r\n\r\n')
    const through = connect(trackerPort, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n')
      socket.pipe(through).pipe(socket)
    })
    for (const one of [through, socket]) one.on('error', () => {})
  })
  setVariable(t, 'HTTPS_PROXY', `http://me:secret@127.0.0.1:${await listenOn(t, proxy)}`)
  const get = async (base: string) => {
    const origin = new HttpOrigin(base)
    t.after(() => origin.close())
    const asked = await origin.request('/api/v1/health', { ca: cert } as object)
    return new Promise<number | undefined>((resolve, reject) => {
      asked.on('response', (answer) => resolve(answer.resume().statusCode)).on('error', reject)
      asked.end()
    })
  }
  assert.equal(await get('https://tracker.invalid'), 200)
  await assert.rejects(get('https://closed.invalid'), /^Error: the proxy 127\.0\.0\.1:\d+ answers 403$/)
  // A certificate of another name does not pass, tunnel or not.
  await assert.rejects(get('https://other.invalid'), { code: 'ERR_TLS_CERT_ALTNAME_INVALID' })
  const me = `Basic ${Buffer.from('me:secret').toString('base64')}`
  assert.deepEqual(heard, [
    `CONNECT tracker.invalid:443 ${me}`,
    `CONNECT closed.invalid:443 ${me}`,
    `CONNECT other.invalid:443 ${me}`,
  ])
})
