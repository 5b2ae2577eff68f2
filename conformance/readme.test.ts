// What README shows is run as it stands there, in the order in which it stands there, on a tracker at its usual address.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { must } from '@aspara/tracker/testing/ask.ts'
import { startTracker, temporaryFolder } from '@aspara/tracker/testing/tracker-process.ts'
import { runPython } from './python.ts'

const root = fileURLToPath(new URL('..', import.meta.url))

/** The blocks of a language, without those that show the two commands and the `aspara` command's words. */
async function blocksOf(path: string): Promise<{ language: string; text: string }[]> {
  const page = await readFile(join(root, path), 'utf8')
  const blocks = Array.from(page.matchAll(/^```(\w+)\n(.*?)^```$/gms), ([, language, text]) => ({ language, text }))
  return blocks.filter(({ language, text }) => language !== 'sh' || text.startsWith('curl'))
}

test('the examples of README run as they stand, and what they logged is there', { timeout: 120_000 }, async (t) => {
  const folder = await temporaryFolder()
  // Packages are found from a file's place: that of a TypeScript example is in the clone.
  const scripts = join(root, '.test-output', 'readme')
  await mkdir(scripts, { recursive: true })
  const tracker = await startTracker({ port: 3142 })
  t.after(async () => {
    await tracker.stop()
    await Promise.all([folder, scripts].map((path) => rm(path, { recursive: true, force: true })))
  })
  const env = { ASPARA_DATA_DIR: folder, PYTHONPATH: join(root, 'python', 'src'), ASPARA_SILENT: '1' }
  const printed: string[] = []
  const blocks = await blocksOf('README.md')
  assert.deepEqual(new Set(blocks.map(({ language }) => language)), new Set(['python', 'ts', 'sh']))
  for (const [index, { language, text }] of blocks.entries()) {
    if (language === 'python') {
      const { exitCode, stdout, stderr } = await runPython(['-c', text], { env, cwd: folder })
      assert.equal(exitCode, 0, stderr)
      printed.push(stdout)
      continue
    }
    const script = join(scripts, `${index}.${language}`)
    await writeFile(
      script,
      language === 'sh' ? text.replaceAll(/^(curl .*\/stream')$/gm, '$1 --max-time 1 || true') : text,
    )
    const [command, args] =
      language === 'ts' ? [process.execPath, [script]] : ['bash', ['-e', '-c', await readFile(script, 'utf8')]]
    const { status, stdout, stderr } = spawnSync(command, args, {
      env: { ...process.env, ...env, NO_PROXY: '127.0.0.1' },
      cwd: folder,
      encoding: 'utf8',
      timeout: 30_000,
    })
    assert.equal(status, 0, stderr)
    printed.push(stdout)
  }

  for (const name of ['experiment_001', 'experiment_002']) {
    const run = await must('GET', `${tracker.api}/projects/my_project/runs/${name}`)
    assert.equal(run.status, 'finished')
    assert.deepEqual(run.config, { learning_rate: 0.001 })
    assert.deepEqual(
      run.metrics.map(({ metric, count, last }: { metric: string; count: number; last: number }) => [
        metric,
        count,
        last,
      ]),
      [
        ['loss', 100, 0.5 - 99 * 0.005],
        ['accuracy', 100, 0.5 + 99 * 0.005],
      ],
    )
  }
  const all = printed.join('')
  assert.match(all, /^experiment_001 0\.001 0\.995$/m)
  assert.match(all, /metric,step,timestamp,value\nloss,1,\d+(\.\d+)?,0\.5$/m)
})
