import assert from 'node:assert/strict'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { test } from 'node:test'
import { clientSettings, type Environment, SettingError, type TrackerFlags, trackerSettings } from './config.ts'

test('with nothing said a tracker listens on port 3142 of this machine alone, open and writable', () => {
  assert.deepEqual(trackerSettings({}, {}), {
    host: '127.0.0.1',
    port: 3142,
    dataDir: join(homedir(), '.local', 'share', 'aspara'),
    logLevel: 'info',
    readOnly: false,
    groupReadable: false,
    token: undefined,
  })
})

test('flags go before the environment, and the environment before what is usual', () => {
  const environment = {
    ASPARA_HOST: '::1',
    ASPARA_PORT: '4001',
    ASPARA_DATA_DIR: '/from/environment',
    ASPARA_LOG_LEVEL: 'warn',
    ASPARA_TOKEN: 'from-environment',
  }
  assert.deepEqual(trackerSettings({}, environment), {
    host: '::1',
    port: 4001,
    dataDir: '/from/environment',
    logLevel: 'warn',
    readOnly: false,
    groupReadable: false,
    token: 'from-environment',
  })
  const flags = {
    host: 'localhost',
    port: '0',
    'data-dir': '/from/flag',
    'log-level': 'debug',
    token: 'from-flag-of-the-command',
    'read-only': true,
  }
  assert.deepEqual(trackerSettings(flags, environment), {
    host: 'localhost',
    port: 0,
    dataDir: '/from/flag',
    logLevel: 'debug',
    readOnly: true,
    groupReadable: false,
    token: 'from-flag-of-the-command',
  })
})

test('a variable that is set to nothing is not set', () => {
  const environment = {
    ASPARA_HOST: '',
    ASPARA_PORT: '',
    ASPARA_DATA_DIR: '',
    ASPARA_LOG_LEVEL: '',
    ASPARA_TOKEN: '',
    ASPARA_TRACKER_URI: '',
    XDG_DATA_HOME: '',
  }
  assert.deepEqual(trackerSettings({}, environment), trackerSettings({}, {}))
  assert.deepEqual(clientSettings({}, environment), clientSettings({}, {}))
})

test('the data directory is --data-dir, else ASPARA_DATA_DIR, else XDG_DATA_HOME/aspara, else ~/.local/share/aspara', () => {
  const usual = join(homedir(), '.local', 'share', 'aspara')
  const cases: [TrackerFlags, Environment, string][] = [
    [{ 'data-dir': '/a' }, { ASPARA_DATA_DIR: '/b', XDG_DATA_HOME: '/c' }, '/a'],
    [{}, { ASPARA_DATA_DIR: '/b', XDG_DATA_HOME: '/c' }, '/b'],
    [{}, { XDG_DATA_HOME: '/c' }, '/c/aspara'],
    [{}, {}, usual],
    // The XDG specification: a relative path is to be ignored. Ours are from where the command is called.
    [{}, { XDG_DATA_HOME: 'relative' }, usual],
    [{ 'data-dir': 'relative' }, {}, resolve('relative')],
    [{}, { ASPARA_DATA_DIR: 'relative' }, resolve('relative')],
  ]
  for (const [flags, environment, expected] of cases) {
    assert.equal(trackerSettings(flags, environment).dataDir, expected)
  }
})

const badSettings: [TrackerFlags, Environment, RegExp][] = [
  [{ port: 'http' }, {}, /^--port=http: expected a port/],
  [{ port: '65536' }, {}, /^--port=65536: /],
  [{ port: '-1' }, {}, /^--port=-1: /],
  [{ port: '3142.5' }, {}, /^--port=3142\.5: /],
  [{ port: '' }, {}, /^--port is empty$/],
  [{}, { ASPARA_PORT: '99999' }, /^ASPARA_PORT=99999: /],
  [{ 'log-level': 'loud' }, {}, /^--log-level=loud: expected one of error, warn, info, debug$/],
  [{}, { ASPARA_LOG_LEVEL: 'trace' }, /^ASPARA_LOG_LEVEL=trace: /],
  [{ 'log-level': '' }, {}, /^--log-level is empty$/],
  [{ host: '' }, {}, /^--host is empty$/],
  [{ 'data-dir': '' }, {}, /^--data-dir is empty$/],
  [{ token: '' }, {}, /^--token is empty$/],
  [{ token: 'two words' }, {}, /^--token: /],
  [{ token: 'schlüssel' }, {}, /^--token: /],
  [{}, { ASPARA_TOKEN: 'line\n' }, /^ASPARA_TOKEN: /],
  [{ token: 'secret-of-twenty-signs', 'no-auth': true }, {}, /^--no-auth and --token exclude each other$/],
  [{ token: 'fifteen-letters' }, {}, /^The token has 15 characters, .* at least 16, such as [\w-]{24}$/],
  [{}, { ASPARA_TOKEN: 'hunter2' }, /^The token has 7 characters, /],
  [{ host: '0.0.0.0' }, {}, /^On 0\.0\.0\.0 others can reach the tracker: .*--token.*ASPARA_TOKEN.*--no-auth/],
]
for (const [flags, environment, sentence] of badSettings) {
  test(`${JSON.stringify({ ...flags, ...environment })} is refused by name, in one sentence`, () => {
    assert.throws(
      () => trackerSettings(flags, environment),
      (error) => {
        assert.ok(error instanceof SettingError)
        assert.match(error.message, sentence)
        assert.doesNotMatch(error.message, /\n/)
        return true
      },
    )
  })
}

test('a token is never part of the sentence that refuses it', () => {
  assert.throws(
    () => trackerSettings({ token: 'my secret' }, {}),
    (error) => !(error as Error).message.includes('my secret'),
  )
  assert.throws(
    () => clientSettings({}, { ASPARA_TOKEN: 'my secret' }),
    (error) => !(error as Error).message.includes('my secret'),
  )
})

test('an address that others can reach needs a token or --no-auth, a loopback one neither', () => {
  for (const host of ['127.0.0.1', '127.3.2.1', 'localhost', '::1']) {
    assert.equal(trackerSettings({ host }, {}).token, undefined)
    assert.equal(trackerSettings({ host, token: 'secret-of-twenty-signs' }, {}).token, 'secret-of-twenty-signs')
  }
  // Not all of these are addresses; none may pass for a loopback one.
  for (const host of [
    '0.0.0.0',
    '::',
    '192.168.0.7',
    'tracker.example',
    '127.0.0.1.example',
    '127.1',
    '::ffff:1.2.3.4',
  ]) {
    assert.throws(() => trackerSettings({ host }, {}), SettingError, host)
    assert.throws(() => trackerSettings({}, { ASPARA_HOST: host }), SettingError, host)
    assert.equal(trackerSettings({ host, token: 'secret-of-twenty-signs' }, {}).token, 'secret-of-twenty-signs')
    assert.equal(trackerSettings({ host }, { ASPARA_TOKEN: 'secret-of-twenty-signs' }).token, 'secret-of-twenty-signs')
    assert.equal(trackerSettings({ host, 'no-auth': true }, {}).token, undefined)
    // The flag goes before the variable.
    assert.equal(
      trackerSettings({ host, 'no-auth': true }, { ASPARA_TOKEN: 'secret-of-twenty-signs' }).token,
      undefined,
    )
  }
})

test('commands find a tracker by its address, with and without /tracker', () => {
  const expected: [string, string][] = [
    ['http://127.0.0.1:3142', 'http://127.0.0.1:3142'],
    ['http://127.0.0.1:3142/', 'http://127.0.0.1:3142'],
    ['http://127.0.0.1:3142/tracker', 'http://127.0.0.1:3142'],
    ['http://127.0.0.1:3142/tracker/', 'http://127.0.0.1:3142'],
    ['https://host.example/behind/a/proxy/tracker', 'https://host.example/behind/a/proxy'],
    ['http://[::1]:3142', 'http://[::1]:3142'],
  ]
  for (const [uri, trackerUri] of expected) {
    assert.equal(clientSettings({ 'tracker-uri': uri }, {}).trackerUri, trackerUri)
    assert.equal(clientSettings({}, { ASPARA_TRACKER_URI: uri }).trackerUri, trackerUri)
  }
  assert.deepEqual(clientSettings({}, {}), { trackerUri: 'http://127.0.0.1:3142', token: undefined })
  const environment = { ASPARA_TRACKER_URI: 'http://other.example', ASPARA_TOKEN: 'other' }
  assert.deepEqual(clientSettings({ 'tracker-uri': 'http://this.example', token: 'this' }, environment), {
    trackerUri: 'http://this.example',
    token: 'this',
  })
})

test('what is no address of a tracker is refused by the name of the setting', () => {
  for (const uri of [
    'localhost:3142',
    'ftp://localhost',
    'http://',
    'http://a b',
    'nonsense',
    'http://me:pw@localhost',
  ]) {
    assert.throws(() => clientSettings({ 'tracker-uri': uri }, {}), /^SettingError: --tracker-uri=.*: expected/, uri)
    assert.throws(() => clientSettings({}, { ASPARA_TRACKER_URI: uri }), /^SettingError: ASPARA_TRACKER_URI=/, uri)
  }
  assert.throws(() => clientSettings({ 'tracker-uri': '' }, {}), /^SettingError: --tracker-uri is empty/)
})
