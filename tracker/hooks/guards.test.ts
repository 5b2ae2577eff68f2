// Who may ask: sent as bytes, because a client library sets Host and Origin as it thinks right.

import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import { ask, must } from '../testing/ask.ts'
import { exchange, type RawAnswer } from '../testing/raw-connection.ts'
import { startTracker, type TrackerProcess } from '../testing/tracker-process.ts'

let tracker: TrackerProcess
before(async () => {
  tracker = await startTracker()
})
after(() => tracker.stop())

type Headers = Record<string, string>

function get(headers: Headers, path = '/tracker/api/v1/projects', version = '1.1'): Promise<RawAnswer> {
  const lines = Object.entries({ ...headers, Connection: 'close' }).map(([name, value]) => `${name}: ${value}`)
  return exchange(tracker.port, [`GET ${path} HTTP/${version}`, ...lines])
}

function write(
  headers: Headers,
  method = 'POST',
  path = '/tracker/api/v1/projects/p/runs/r/metrics',
): Promise<RawAnswer> {
  const body = '{"metrics":{"loss":1}}'
  const all: Headers = {
    Host: `127.0.0.1:${tracker.port}`,
    'Content-Type': 'application/json',
    'Content-Length': String(body.length),
    Connection: 'close',
    ...headers,
  }
  return exchange(
    tracker.port,
    [`${method} ${path} HTTP/1.1`, ...Object.entries(all).map((pair) => pair.join(': '))],
    body,
  )
}

suite('on a loopback address a page cannot reach the tracker by a name of its own', () => {
  const ours = ['localhost', '127.0.0.1', '[::1]', 'LocalHost', '127.1.2.3', 'aspara.localhost']
  for (const name of ours) {
    test(`Host ${name} is this machine, with any port or none`, async () => {
      for (const host of [name, `${name}:${tracker.port}`, `${name}:80`, `${name}:`]) {
        assert.equal((await get({ Host: host })).status, 200, host)
        assert.equal((await write({ Host: host })).status, 200, host)
      }
    })
  }

  const foreign = [
    'evil.example',
    '127.0.0.1.evil.example',
    'localhost.evil.example',
    'evillocalhost',
    'notlocalhost:3142',
    '192.168.0.7',
    '0.0.0.0',
    '[::2]',
    '[fe80::1]',
    '::1',
    'evil.example:3142',
    'evil.example, localhost',
    'localhost@evil.example',
    'localhost/evil.example',
  ]
  test('a request with two hosts is malformed, whichever comes first', async () => {
    const hosts = [`Host: 127.0.0.1:${tracker.port}`, 'host: evil.example']
    for (const two of [hosts, hosts.toReversed()]) {
      const { status, body } = await exchange(tracker.port, [
        'GET /tracker/api/v1/projects HTTP/1.1',
        ...two,
        'Connection: close',
      ])
      assert.equal(status, 400)
      assert.match(JSON.parse(body).detail, /several Host headers/)
    }
  })

  for (const name of foreign) {
    test(`Host ${name} is refused, for reading, writing, pages and addresses that are not there`, async () => {
      for (const path of [
        '/tracker/api/v1/projects',
        '/api/v1/health',
        '/',
        '/tracker/docs/tracker',
        '/metrics',
        '/no',
      ]) {
        const { status, body } = await get({ Host: name }, path)
        assert.equal(status, 403, path)
        assert.match(JSON.parse(body).detail, /^Host not allowed: .*localhost, 127\.0\.0\.1 and \[::1\]$/)
      }
      assert.equal((await write({ Host: name })).status, 403)
    })
  }

  test('a tool of old that sends no Host gets through over HTTP/1.0; HTTP/1.1 demands one', async () => {
    assert.equal((await get({}, '/tracker/api/v1/projects', '1.0')).status, 200)
    assert.equal((await get({})).status, 400)
    assert.equal((await get({ Host: '' })).status, 403)
  })
})

test('on any other address the name is not asked for: a token guards it, or whoever said --no-auth', async (t) => {
  const open = await startTracker({ args: ['--host', '0.0.0.0', '--no-auth'] })
  t.after(() => open.stop())
  const lines = ['GET /api/v1/projects HTTP/1.1', 'Host: tracker.example', 'Connection: close']
  assert.equal((await exchange(open.port, lines)).status, 200)
})

suite('a page of another site cannot write', () => {
  const own = () => `http://127.0.0.1:${tracker.port}`
  const cases: [string, () => Headers, number][] = [
    ['a tool, which sends neither Origin nor Sec-Fetch-Site', () => ({}), 200],
    ['the page of the tracker', () => ({ Origin: own(), 'Sec-Fetch-Site': 'same-origin' }), 200],
    ['the page of the tracker in a browser without Sec-Fetch-Site', () => ({ Origin: own() }), 200],
    [
      'the page of the tracker under another name of this machine',
      () => {
        const host = `localhost:${tracker.port}`
        return { Host: host, Origin: `http://${host}`, 'Sec-Fetch-Site': 'same-origin' }
      },
      200,
    ],
    [
      'the page of the tracker behind a proxy that speaks TLS',
      () => ({
        Origin: own().replace('http:', 'https:'),
        'Sec-Fetch-Site': 'same-origin',
      }),
      200,
    ],
    [
      'a page whose development server forwards to the tracker',
      () => ({ Origin: 'http://localhost:5173', 'Sec-Fetch-Site': 'same-origin' }),
      200,
    ],
    [
      'a page that had its name pointed at such a server',
      () => ({ Origin: 'http://evil.example:5173', 'Sec-Fetch-Site': 'same-origin' }),
      403,
    ],
    [
      'a hidden Origin that Sec-Fetch-Site calls ours',
      () => ({ Origin: 'null', 'Sec-Fetch-Site': 'same-origin' }),
      403,
    ],
    ['an address that was typed', () => ({ 'Sec-Fetch-Site': 'none' }), 200],
    ['another site', () => ({ Origin: 'https://evil.example', 'Sec-Fetch-Site': 'cross-site' }), 403],
    ['another site in a browser without Sec-Fetch-Site', () => ({ Origin: 'https://evil.example' }), 403],
    ['another site whose Origin is hidden', () => ({ Origin: 'null' }), 403],
    ['a sandboxed frame', () => ({ Origin: 'null', 'Sec-Fetch-Site': 'cross-site' }), 403],
    ['another port of this machine', () => ({ Origin: 'http://127.0.0.1:8888', 'Sec-Fetch-Site': 'same-site' }), 403],
    ['another port in a browser without Sec-Fetch-Site', () => ({ Origin: 'http://127.0.0.1:8888' }), 403],
    ['another name of this machine', () => ({ Origin: `http://localhost:${tracker.port}` }), 403],
    ['a name that begins like ours', () => ({ Origin: `http://127.0.0.1:${tracker.port}.evil.example` }), 403],
    ['an Origin of ours that Sec-Fetch-Site belies', () => ({ Origin: own(), 'Sec-Fetch-Site': 'cross-site' }), 403],
    ['a Sec-Fetch-Site that is not known yet', () => ({ Origin: own(), 'Sec-Fetch-Site': 'someday' }), 403],
  ]
  for (const [name, headers, expected] of cases) {
    test(`${name}: ${expected}`, async () => {
      const before = await must('GET', `${tracker.api}/projects/p/runs/r/metrics`).catch(() => undefined)
      const { status, body } = await write(headers())
      assert.equal(status, expected, body)
      if (expected === 200) return
      assert.equal(JSON.parse(body).detail, 'Requests from a page of another site are refused')
      assert.deepEqual(await must('GET', `${tracker.api}/projects/p/runs/r/metrics`), before)
    })
  }

  test('nor by any other method or call', async () => {
    const headers = { Origin: 'https://evil.example' }
    for (const method of ['POST', 'PATCH', 'DELETE', 'PUT']) {
      for (const path of ['/tracker/api/v1/projects/p/runs/r', '/api/v1/projects/p', '/api/v1/projects/p/runs']) {
        assert.equal((await write(headers, method, path)).status, 403, `${method} ${path}`)
      }
    }
  })

  test('nor without a Host to compare its Origin with', async () => {
    const lines = ['DELETE /api/v1/projects/p HTTP/1.0', 'Origin: null']
    assert.equal((await exchange(tracker.port, lines)).status, 403)
  })

  test('nor as a form, which a browser sends without asking', async () => {
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=b']) {
      const { status } = await write({ Origin: 'https://evil.example', 'Content-Type': type })
      assert.equal(status, 403, type)
      // Had the browser said nothing: no JSON comes in under these types either.
      assert.equal((await write({ 'Content-Type': type })).status, 415, type)
    }
  })
})

const everywhere = ['/api/v1/projects', '/api/v1/projects/none', '/tracker/docs/tracker/json', '/metrics', '/', '/no']

suite('a page of another site learns nothing', () => {
  const here = () => ({ Host: `127.0.0.1:${tracker.port}` })
  const stream = '/api/v1/projects/p/stream'

  for (const site of ['cross-site', 'same-site', 'someday']) {
    test(`whatever it asks is refused alike: ${site}`, async () => {
      const answers = await Promise.all(
        [...everywhere, stream].map((path) =>
          get({ ...here(), 'Sec-Fetch-Site': site, 'Sec-Fetch-Mode': 'no-cors', 'Sec-Fetch-Dest': 'script' }, path),
        ),
      )
      assert.deepEqual(new Set(answers.map(({ status, body }) => `${status} ${body}`)).size, 1)
      assert.equal(answers[0].status, 403)
    })
  }

  test('it may not put an answer into a frame, and a person may follow its link', async () => {
    const headers = { ...here(), 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'navigate' }
    assert.equal((await get({ ...headers, 'Sec-Fetch-Dest': 'iframe' }, '/')).status, 403)
    assert.equal((await get({ ...headers, 'Sec-Fetch-Dest': 'document' }, '/')).status, 200)
  })

  test('whether there is a tracker, everybody may ask', async () => {
    const headers = { ...here(), 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'no-cors' }
    const { status, headers: sent } = await get(headers, '/api/v1/health')
    assert.equal(status, 200)
    assert.equal(sent.get('cross-origin-resource-policy'), 'cross-origin')
  })

  test('every answer says that it is for nobody else, pages and refusals among them', async () => {
    const answers = [
      ...everywhere,
      '/icon.svg',
      '/tracker/docs/tracker',
      '/tracker/docs/tracker/redoc',
      '/api/v1/%',
    ].map((path) => get(here(), path))
    const broken = exchange(tracker.port, ['no HTTP at all'])
    const unheard = get({ Host: 'evil.example' })
    for (const { status, headers } of await Promise.all([...answers, broken, unheard])) {
      assert.equal(headers.get('x-content-type-options'), 'nosniff', String(status))
      assert.equal(headers.get('cross-origin-resource-policy'), 'same-origin')
      assert.equal(headers.get('referrer-policy'), 'no-referrer')
      assert.match(headers.get('content-security-policy') ?? '', /frame-ancestors 'none'/)
    }
  })
})

test('a token in an address never reaches the log', async (t) => {
  const guarded = await startTracker({ args: ['--token', 'correct-horse-battery', '--log-level', 'debug'] })
  t.after(() => guarded.stop())
  const query = 'limit=x&token=correct-horse-battery&%74oken=correct-horse-battery&api_key=correct-horse-battery'
  const lines = ['Host: 127.0.0.1', 'Referer: http://a/?token=correct-horse-battery', 'Connection: close']
  for (const path of [`/api/v1/projects?${query}`, `/no?${query}`, `/projects/p?${query}`]) {
    for (const authorization of ['', 'correct-horse-battery']) {
      await exchange(guarded.port, [`GET ${path} HTTP/1.1`, ...lines, `Authorization: Bearer ${authorization}`])
    }
  }
  assert.match(await guarded.logged(/limit/), /token=…/)
  assert.doesNotMatch(guarded.log.join('\n'), /correct-horse/)
})

test('a page of another site is not told by CORS that it may ask', async () => {
  const preflight = await exchange(tracker.port, [
    'OPTIONS /api/v1/projects/p HTTP/1.1',
    `Host: 127.0.0.1:${tracker.port}`,
    'Origin: https://evil.example',
    'Access-Control-Request-Method: DELETE',
    'Connection: close',
  ])
  assert.ok(preflight.status >= 400)
  assert.deepEqual(
    [...preflight.headers.keys()].filter((name) => name.startsWith('access-control-')),
    [],
  )
})

test('a page cannot be framed by another site, and loads nothing from one', async () => {
  for (const path of ['/', '/tracker/docs/tracker', '/tracker/docs/tracker/redoc']) {
    const policy = (await ask('GET', `${tracker.url}${path}`)).headers.get('content-security-policy') ?? ''
    assert.match(policy, /default-src 'self'/, path)
    assert.match(policy, /frame-ancestors 'none'/, path)
    assert.doesNotMatch(policy, /https?:|\*|unsafe-eval|script-src[^;]*unsafe-inline/, path)
  }
})
