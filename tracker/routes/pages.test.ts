import assert from 'node:assert/strict'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import Fastify from 'fastify'
import { addSafeHeaders } from '../hooks/headers.ts'
import { answerProblem } from '../hooks/problems.ts'
import { ask } from '../testing/ask.ts'
import { exchange } from '../testing/raw-connection.ts'
import { temporaryFolder } from '../testing/tracker-process.ts'
import { pageRoutes } from './pages.ts'
import type { App } from './route.ts'

const index = `<!doctype html><meta property="csp-nonce" nonce="CSP_NONCE">
<link rel="stylesheet" nonce="CSP_NONCE" href="/assets/main-Ab1_-x.css"><script type="module" nonce="CSP_NONCE" src="/assets/main-Zz9.js"></script>`
const script = `console.log(${JSON.stringify('long '.repeat(1000))})`
const icon = '<svg xmlns="http://www.w3.org/2000/svg"/>'

let folder: string
const apps: App[] = []

/** The routes of the page alone, on a socket, with what a build left in a folder. */
async function serve(from: string): Promise<{ url: string; port: number }> {
  const app = Fastify() as unknown as App
  app.setErrorHandler(answerProblem)
  addSafeHeaders(app)
  pageRoutes(app, from)
  apps.push(app)
  const url = await app.listen({ port: 0, host: '127.0.0.1' })
  return { url, port: (app.server.address() as AddressInfo).port }
}

let page: { url: string; port: number }
before(async () => {
  folder = await temporaryFolder()
  await mkdir(join(folder, 'dist', 'assets'), { recursive: true })
  await mkdir(join(folder, 'empty'))
  const files: Record<string, string | Buffer> = {
    'secret.js': 'secret-of-twenty-signs',
    'dist/index.html': index,
    'dist/icon.svg': icon,
    'dist/early.js': 'theme()',
    'dist/assets/main-Zz9.js': script,
    'dist/assets/main-Zz9.js.br': brotliCompressSync(script),
    'dist/assets/main-Zz9.js.gz': gzipSync(script),
    'dist/assets/main-Ab1_-x.css': 'a{}',
    'dist/assets/inter-0.woff2': Buffer.from([0x77, 0x4f, 0x46, 0x32]),
  }
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content)
  page = await serve(join(folder, 'dist'))
})
after(async () => {
  await Promise.all(apps.map((app) => app.close()))
  await rm(folder, { recursive: true, force: true })
})

/** The bytes as they went over the wire; fetch would expand them. */
const raw = (path: string, encoding?: string, method = 'GET') =>
  exchange(page.port, [
    `${method} ${path} HTTP/1.1`,
    'Host: localhost',
    'Connection: close',
    ...(encoding === undefined ? [] : [`Accept-Encoding: ${encoding}`]),
  ])

suite('the page', () => {
  test('is at every address that shows something of it, and is asked for each time', async () => {
    for (const path of [
      '/',
      '/projects',
      '/projects/',
      '/projects/p',
      '/projects/p/runs/r?x=time',
      '/projects/a/b/c',
    ]) {
      const { status, headers, body } = await ask('GET', page.url + path)
      assert.equal(status, 200, path)
      assert.equal(headers.get('content-type'), 'text/html; charset=utf-8')
      assert.equal(headers.get('cache-control'), 'no-cache')
      assert.match(body, /<script type="module" nonce="[\w-]+" src="\/assets\/main-Zz9\.js">/)
    }
    assert.equal((await ask('GET', `${page.url}/project`)).status, 404)
  })

  test('says at any other address that there is nothing: in words to browsers, in JSON to everybody else', async () => {
    const visit = { headers: { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' } }
    const answer = await fetch(`${page.url}/anything?at=all`, visit)
    assert.equal(answer.status, 404)
    assert.match(await answer.text(), /<script type="module"/)
    for (const path of ['/anything', '/tracker/anything', '/api/v1/anything']) {
      const { status, headers } = await fetch(page.url + path, path === '/anything' ? {} : visit)
      assert.deepEqual([status, headers.get('content-type')], [404, 'application/json; charset=utf-8'], path)
    }
  })

  test('bears a nonce of its own in each answer, the one that the policy names', async () => {
    const nonces = new Set<string>()
    for (let time = 0; time < 20; time++) {
      const { headers, body } = await ask('GET', `${page.url}/projects/p`)
      const written = [...body.matchAll(/nonce="([^"]*)"/g)].map(([, nonce]) => nonce)
      assert.equal(written.length, 3)
      const [, named] = /style-src 'self' 'nonce-([^']+)'/.exec(headers.get('content-security-policy') ?? '') ?? []
      assert.deepEqual(new Set(written), new Set([named]))
      assert.ok(named!.length >= 22)
      nonces.add(named!)
    }
    assert.equal(nonces.size, 20)
  })

  test('may load nothing from elsewhere, run no script written into it, and be framed by nobody', async () => {
    const { headers } = await ask('GET', page.url)
    const policy = (headers.get('content-security-policy') ?? '').split('; ')
    for (const rule of [
      "default-src 'self'",
      "script-src 'self'",
      "connect-src 'self'",
      "base-uri 'none'",
      "object-src 'none'",
      "frame-ancestors 'none'",
    ]) {
      assert.ok(policy.includes(rule), rule)
    }
    assert.doesNotMatch(policy.join(), /unsafe|https?:|\*/)
    assert.equal(headers.get('x-content-type-options'), 'nosniff')
    assert.equal(headers.get('referrer-policy'), 'no-referrer')
  })

  test('has an icon, and a script that sets its colours before anything is drawn', async () => {
    const files = { 'icon.svg': ['image/svg+xml', icon], 'early.js': ['text/javascript; charset=utf-8', 'theme()'] }
    for (const [name, expected] of Object.entries(files)) {
      const { status, headers, body } = await ask('GET', `${page.url}/${name}`)
      assert.deepEqual([status, [headers.get('content-type'), body]], [200, expected])
      assert.equal(headers.get('cache-control'), 'no-cache')
    }
  })

  test('answers HEAD as GET, without a body', async () => {
    for (const path of ['/', '/projects/p/runs/r', '/icon.svg', '/assets/main-Zz9.js']) {
      const [head, got] = [await raw(path, 'br', 'HEAD'), await raw(path, 'br')]
      assert.deepEqual([head.status, head.body], [200, ''], path)
      for (const header of ['content-type', 'content-length', 'content-encoding', 'cache-control']) {
        assert.equal(head.headers.get(header), got.headers.get(header), `${header} of ${path}`)
      }
    }
  })

  test('that nobody has built is a 503 that says what builds it', async () => {
    const empty = await serve(join(folder, 'empty'))
    for (const path of ['/', '/projects/p', '/icon.svg']) {
      const { status, body } = await ask('GET', empty.url + path)
      assert.equal(status, 503, path)
      assert.match(body.detail, /not been built.*npm start/)
    }
  })
})

suite('assets', () => {
  test('are kept for good, since their names change with them', async () => {
    const types = {
      'main-Zz9.js': 'text/javascript; charset=utf-8',
      'main-Ab1_-x.css': 'text/css; charset=utf-8',
      'inter-0.woff2': 'font/woff2',
    }
    for (const [name, type] of Object.entries(types)) {
      const { status, headers } = await ask('GET', `${page.url}/assets/${name}`)
      assert.deepEqual([status, headers.get('content-type')], [200, type])
      assert.equal(headers.get('cache-control'), 'public, max-age=31536000, immutable')
      assert.equal(headers.get('x-content-type-options'), 'nosniff')
    }
  })

  test('come compressed to whoever takes that, and mean the same', async () => {
    const cases: [string | undefined, string | null][] = [
      ['gzip, deflate, br, zstd', 'br'],
      ['gzip', 'gzip'],
      ['br;q=0, gzip;q=0.5', 'gzip'],
      ['br;q=0.000', null],
      ['BR', 'br'],
      ['identity', null],
      ['', null],
      [undefined, null],
    ]
    for (const [asked, encoding] of cases) {
      const { status, headers } = await raw('/assets/main-Zz9.js', asked)
      assert.deepEqual([status, headers.get('content-encoding') ?? null], [200, encoding], `${asked}`)
      assert.equal(headers.get('vary'), 'accept-encoding')
      if (encoding === null) assert.equal(headers.get('content-length'), String(script.length))
      else assert.ok(Number(headers.get('content-length')) < 200)
    }
    // fetch asks for what it can expand, and does.
    assert.equal((await ask('GET', `${page.url}/assets/main-Zz9.js`)).body, script)
    const small = await raw('/assets/main-Ab1_-x.css', 'br')
    assert.deepEqual([small.headers.get('content-encoding') ?? null, small.body], [null, 'a{}'])
  })

  test('that are not there are a 404 in JSON, and so is what lies elsewhere', async () => {
    const names = [
      'gone-1.js',
      'main-Zz9.js.br',
      'main-Zz9.JS',
      'inter-0',
      '',
      '.',
      '..',
      'main-Zz9.js/x',
      'x'.repeat(99),
    ]
    const ways = ['../index.html', '..%2f..%2fsecret.js', '..%5c..%5csecret.js', '%2e%2e/%2e%2e/secret.js', 'a%00.js']
    ways.push('../../secret.js', '%2e%2e%2f%2e%2e%2fsecret.js', `${'%2e%2e%2f'.repeat(9)}etc%2fpasswd.js`, '.hidden.js')
    for (const name of [...names, ...ways]) {
      const { status, headers, body } = await raw(`/assets/${name}`)
      assert.equal(status, 404, name)
      assert.match(headers.get('content-type') ?? '', /^application\/json/)
      assert.doesNotMatch(body, /secret(?!\.js)|<!doctype/)
      assert.equal(headers.get('cache-control'), undefined)
    }
  })
})
