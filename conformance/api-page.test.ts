import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { startTracker, type TrackerProcess, temporaryFolder } from '@aspara/tracker/testing/tracker-process.ts'
import { runPython } from './python.ts'
import { downloadArtifact, exportPoints, exportSeries, getJson, getRun, type Json } from './read-back.ts'

/**
 * The Python on the API page is run as it stands there, block after block, against a tracker; what it prints has to be
 * what the page says it prints, and what it sent has to be there afterwards.
 */

interface Page {
  path: URL
  /** Whether an answer may hold more than the page prints. Our own page prints the whole of it. */
  mayHoldMore: boolean
  /** What its blocks leave in the run experiment_001. */
  loss: [number, number][]
  accuracy: [number, number][]
  status: string
  summary: Json
}

const ownPage: Page = {
  path: new URL('../docs/api/tracker.md', import.meta.url),
  mayHoldMore: false,
  loss: [
    [100, 0.5],
    [101, 0.4],
    [102, 0.3],
    [103, Number.NaN],
  ],
  accuracy: [
    [100, 0.85],
    [101, 0.9],
    [103, 0.1],
  ],
  status: 'finished',
  summary: { best_accuracy: 0.9 },
}

/** The page that defined the product. It stands beside a checkout, not in it. */
const definingPage: Page = {
  path: new URL('../../shared/tracker-api.md', import.meta.url),
  mayHoldMore: true,
  loss: [[100, 0.5]],
  accuracy: [[100, 0.85]],
  status: 'running',
  summary: {},
}

/** The examples on both pages name it, and they are run as they stand. */
const port = 3142

/** Any 12,345 bytes in which no two neighbouring KiB are the same. */
const model = Buffer.from(Array.from({ length: 12_345 }, (_, index) => (index * 31 + (index >> 8)) % 256))

for (const page of [ownPage, definingPage]) {
  const title = page === ownPage ? 'docs/api/tracker.md' : 'the page that defines the product'
  const missing = existsSync(page.path) ? false : '../shared/tracker-api.md is not here'

  test(`the HTTP examples of ${title} print what it says, and what they sent is there`, {
    skip: missing,
  }, async (t) => {
    const blocks = (await pythonBlocks(page)).filter((block) => !block.includes('import aspara'))
    assert.ok(blocks.length >= 4)
    const tracker = await trackerOfThePage(t)
    const folder = await emptyFolder(t)
    await writeFile(join(folder, 'model.pt'), model)
    const startedAt = Date.now()
    for (const block of blocks) {
      const printed = (await runBlock(block, folder)).map(parsePython)
      const expected = expectedLines(block).map(parsePython)
      assert.equal(printed.length, expected.length, `${block}\nprinted ${printed.join('\n')}`)
      for (const [index, answer] of printed.entries()) {
        const promised = expected[index]
        const compared = page.mayHoldMore && isObject(promised) ? pick(answer, Object.keys(promised)) : answer
        assert.deepEqual(compared, promised, block)
      }
    }
    await readExperiment(tracker, page, startedAt)
  })

  for (const suffix of ['', '/tracker']) {
    const uri = `http://localhost:${port}${suffix}`
    test(`the RemoteRun example of ${title} arrives whole with ${uri}`, { skip: missing }, async (t) => {
      const [block, ...more] = (await pythonBlocks(page)).filter((block) => block.includes('import aspara'))
      assert.ok(block && more.length === 0)
      // It creates a run that an earlier example may have created: it gets a tracker with nothing in it.
      const tracker = await trackerOfThePage(t)
      await runBlock(block.replace(`http://localhost:${port}`, uri), await emptyFolder(t))
      await readRemoteRun(tracker, page === ownPage ? 'experiment_002' : 'experiment_001')
    })
  }
}

test('all examples of docs/api/tracker.md can be run in order against one tracker', async (t) => {
  const tracker = await trackerOfThePage(t)
  const folder = await emptyFolder(t)
  await writeFile(join(folder, 'model.pt'), model)
  const startedAt = Date.now()
  for (const block of await pythonBlocks(ownPage)) await runBlock(block, folder)
  await readExperiment(tracker, ownPage, startedAt)
  await readRemoteRun(tracker, 'experiment_002')
})

async function pythonBlocks(page: Page): Promise<string[]> {
  const markdown = await readFile(fileURLToPath(page.path), 'utf8')
  return [...markdown.matchAll(/^```python\n(.*?)^```$/gms)].map((match) => match[1]!)
}

/** What a block says that it prints: the comment behind a `print(…)`, or on the lines after it. */
function expectedLines(block: string): string[] {
  const lines = block.split('\n')
  return lines.flatMap((line, index) => {
    if (!/^ *print\(/.test(line)) return []
    const behind = /\) {2}# (.*)$/.exec(line)
    if (behind) return [behind[1]!]
    const after = lines.slice(index + 1)
    const end = after.findIndex((next) => !next.startsWith('# '))
    return after.slice(0, end).map((next) => next.slice(2))
  })
}

/** Runs a block as it stands; answers what it printed. The client's own lines, which begin with its name, do not count. */
async function runBlock(block: string, folder: string): Promise<string[]> {
  const script = join(folder, 'block.py')
  await writeFile(script, block)
  const { exitCode, stdout, stderr } = await runPython([script], {
    cwd: folder,
    env: { ASPARA_DATA_DIR: join(folder, 'client') },
  })
  assert.equal(exitCode, 0, `${block}\n${stdout}${stderr}`)
  return stdout.split('\n').filter((line) => line !== '' && !line.startsWith('aspara: '))
}

/** A printed dict as an object; any other line as it is. The pages' dicts hold no quotes inside their strings. */
function parsePython(line: string): Json {
  if (!line.startsWith('{')) return line
  return JSON.parse(line.replaceAll("'", '"').replaceAll('True', 'true').replaceAll('None', 'null'))
}

const isObject = (value: Json): boolean => typeof value === 'object' && value !== null

const pick = (object: Json, keys: string[]): Json => Object.fromEntries(keys.map((key) => [key, object[key]]))

async function readExperiment(tracker: TrackerProcess, page: Page, startedAt: number): Promise<void> {
  const { api } = tracker
  const run = await getRun(api, 'my_project', 'experiment_001')
  assert.equal(run.project, 'my_project')
  assert.equal(run.name, 'experiment_001')
  assert.equal(run.run_id, 'experiment_001')
  assert.equal(run.status, page.status)
  assert.deepEqual(run.tags, ['baseline', 'v1'])
  assert.equal(run.notes, 'Initial experiment')
  assert.deepEqual(run.config, { learning_rate: 0.001, batch_size: 32 })
  assert.deepEqual(run.summary, page.summary)
  assert.deepEqual((await getJson(`${api}/projects/my_project`)).tags, ['production'])

  assert.deepEqual(await exportSeries(api, 'my_project', 'experiment_001', 'loss'), page.loss)
  assert.deepEqual(await exportSeries(api, 'my_project', 'experiment_001', 'accuracy'), page.accuracy)
  for (const { timestamp } of await exportPoints(api, 'my_project', 'experiment_001')) {
    // The first was the script's local time without an offset, the others the tracker's clock.
    assert.ok(timestamp >= startedAt && timestamp <= Date.now(), `${timestamp} is not between ${startedAt} and now`)
  }

  const { artifacts } = await getJson(`${api}/projects/my_project/runs/experiment_001/artifacts`)
  assert.equal(artifacts.length, 1)
  assert.equal(artifacts[0].name, 'trained_model.pt')
  assert.equal(artifacts[0].description, 'Final trained model')
  assert.equal(artifacts[0].category, 'model')
  assert.equal(artifacts[0].file_size, 12_345)
  const downloaded = await downloadArtifact(api, 'my_project', 'experiment_001', 'trained_model.pt')
  assert.ok(downloaded.equals(model), 'the bytes of the artifact came back otherwise')
}

async function readRemoteRun(tracker: TrackerProcess, name: string): Promise<void> {
  const { api } = tracker
  const run = await getRun(api, 'my_project', name)
  assert.equal(run.status, 'finished')
  assert.equal(run.exit_code, 0)
  assert.deepEqual(run.config, { learning_rate: 0.001 })
  const steps = Array.from({ length: 100 }, (_, step) => step)
  // Computed as the example does: doubles come back bit by bit.
  assert.deepEqual(
    await exportSeries(api, 'my_project', name, 'loss'),
    steps.map((step) => [step, 0.5 - step * 0.005]),
  )
  assert.deepEqual(
    await exportSeries(api, 'my_project', name, 'accuracy'),
    steps.map((step) => [step, 0.5 + step * 0.005]),
  )
  assert.equal((await exportPoints(api, 'my_project', name)).length, 200)
}

async function trackerOfThePage(t: TestContext): Promise<TrackerProcess> {
  assert.ok(
    await isFree(port),
    `Port ${port}, which the page's examples name, is taken: stop the tracker or program that has it, and run the test again`,
  )
  const tracker = await startTracker({ port })
  t.after(() => tracker.stop())
  return tracker
}

async function isFree(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const server = createServer()
  server.once('error', () => resolve(false))
  server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  return promise
}

async function emptyFolder(t: TestContext): Promise<string> {
  const folder = await temporaryFolder()
  t.after(() => rm(folder, { recursive: true, force: true }))
  return folder
}
