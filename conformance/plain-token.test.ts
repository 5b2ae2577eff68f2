// A token over plain http to another machine is warned of, once; to this machine, or over https, it is not.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'

const root = join(import.meta.dirname, '..')
const addresses = ['http://tracker.invalid', 'http://tracker.invalid', 'https://other.invalid', 'http://127.0.0.1:9']
const programs = {
  python: [
    join(root, '.venv', 'bin', 'python'),
    '-c',
    `from aspara.api import Api\nfor uri in ${JSON.stringify(addresses)}: Api(uri)`,
  ],
  typescript: [
    ...[process.execPath, '-e'],
    `const { Api } = await import(${JSON.stringify(join(root, 'client', 'aspara.ts'))}); for (const uri of ${JSON.stringify(addresses)}) new Api(uri)`,
  ],
}
const warning = 'aspara: the token travels unencrypted to tracker.invalid: use https\n'

for (const [language, [program, ...args]] of Object.entries(programs)) {
  test(`${language}: a token that others can read is warned of`, () => {
    const env = {
      ...process.env,
      PYTHONPATH: join(root, 'python', 'src'),
      ASPARA_TOKEN: 'a-token-of-twenty-signs',
      HTTP_PROXY: '',
    }
    assert.equal(spawnSync(program, args, { env, encoding: 'utf8' }).stderr, warning)
    const { ASPARA_TOKEN: _, ...without } = env
    assert.equal(spawnSync(program, args, { env: without, encoding: 'utf8' }).stderr, '')
  })
}
