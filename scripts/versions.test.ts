import assert from 'node:assert/strict'
import { test } from 'node:test'
import { version as clientVersion } from 'aspara/version.ts'
import { readText } from './source-files.ts'

const manifests = ['protocol', 'store', 'client', 'tracker', 'dashboard'].map((name) => `${name}/package.json`)

test('clients, tracker and every package have one version', () => {
  const { version }: { version: string } = JSON.parse(readText('tracker/package.json'))
  assert.match(version, /^\d+\.\d+\.\d+$/)
  const found: Record<string, unknown> = {
    'client/version.ts': clientVersion,
    'python/src/aspara/version.py': /^__version__ = "(.*)"$/m.exec(readText('python/src/aspara/version.py'))?.[1],
  }
  for (const path of manifests) {
    const { version, dependencies, devDependencies } = JSON.parse(readText(path))
    found[path] = version
    for (const [name, wanted] of Object.entries({ ...dependencies, ...devDependencies })) {
      if (/^(@aspara\/|aspara$)/.test(name)) found[`${path}: ${name}`] = wanted
    }
  }
  const { packages } = JSON.parse(readText('package-lock.json'))
  for (const path of manifests) found[`package-lock.json: ${path}`] = packages[path.split('/')[0]].version
  assert.deepEqual(found, Object.fromEntries(Object.keys(found).map((place) => [place, version])))
})
