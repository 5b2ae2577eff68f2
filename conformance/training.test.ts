import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { startTracker, temporaryFolder } from '@aspara/tracker/testing/tracker-process.ts'
import { runPython } from './python.ts'
import { downloadArtifact, exportPoints, getJson, getRun } from './read-back.ts'

/** A real model is trained on real data by an example that people copy, and all that it reported is there afterwards. */

const example = fileURLToPath(new URL('../examples/train_digits.py', import.meta.url))
const recorder = fileURLToPath(new URL('record_logs.py', import.meta.url))

/** Loads the model that the tracker gives back, and says how well it reads all of the digits. */
const judge = `
import pickle, sys
from sklearn.datasets import load_digits
scaler, model = pickle.load(open(sys.argv[1], "rb"))
images, digits = load_digits(return_X_y=True)
print(model.score(scaler.transform(images), digits))
`

interface Logged {
  step: number
  metrics: Record<string, number>
}

test('what a real training reported is read back equal', async (t) => {
  const tracker = await startTracker()
  const folder = await temporaryFolder()
  t.after(async () => {
    await tracker.stop()
    await rm(folder, { recursive: true, force: true })
  })
  const { api } = tracker
  const epochs = 30
  const record = join(folder, 'logged.jsonl')
  const settings = ['--epochs', String(epochs), '--learning-rate', '0.002', '--seed', '7', '--name', 'digits_001']
  const env = { PYTHONPATH: fileURLToPath(new URL('../python/src', import.meta.url)), ASPARA_DATA_DIR: folder }
  const training = await runPython([recorder, record, example, '--tracker', tracker.url, ...settings], { env })
  assert.equal(training.exitCode, 0, training.stdout + training.stderr)
  assert.match(training.stderr, /run digits_001 of project digits: /)

  const lines = (await readFile(record, 'utf8')).trim().split('\n')
  const logged: Logged[] = lines.map((line) => JSON.parse(line))
  assert.equal(logged.length, epochs)
  const names = ['train/accuracy', 'train/loss', 'val/accuracy', 'val/loss']
  for (const metric of names) {
    assert.deepEqual(
      (await exportPoints(api, 'digits', 'digits_001', metric)).map(({ step, value }) => [step, value]),
      logged.map(({ step, metrics }) => [step, metrics[metric]]),
      metric,
    )
  }
  assert.equal((await exportPoints(api, 'digits', 'digits_001')).length, epochs * names.length)

  const run = await getRun(api, 'digits', 'digits_001')
  assert.equal(run.status, 'finished')
  assert.deepEqual(run.config, { model: 'MLPClassifier', epochs, learning_rate: 0.002, seed: 7 })
  const accuracies = logged.map(({ metrics }) => metrics['val/accuracy']!)
  const best = Math.max(...accuracies)
  assert.deepEqual(run.summary, { best_val_accuracy: best, best_epoch: accuracies.indexOf(best) })
  assert.ok(accuracies.at(-1)! > 0.9, `it has learnt the digits: ${accuracies.at(-1)}`)
  const losses = logged.map(({ metrics }) => metrics['train/loss']!)
  const { mean, ...told } = run.metrics.find(({ metric }: { metric: string }) => metric === 'train/loss')
  assert.ok(Math.abs(mean - losses.reduce((sum, loss) => sum + loss, 0) / epochs) < 1e-12)
  assert.deepEqual(told, {
    metric: 'train/loss',
    count: epochs,
    first_step: 0,
    first: losses[0],
    last_step: epochs - 1,
    last: losses.at(-1),
    min: Math.min(...losses),
    min_step: losses.indexOf(Math.min(...losses)),
    max: Math.max(...losses),
    max_step: losses.indexOf(Math.max(...losses)),
    nonfinite: 0,
  })

  const { artifacts } = await getJson(`${api}/projects/digits/runs/digits_001/artifacts`)
  assert.deepEqual(
    artifacts.map(({ name, category }: { name: string; category: string }) => [name, category]),
    [['digits.pkl', 'model']],
  )
  const model = join(folder, 'digits.pkl')
  const bytes = await downloadArtifact(api, 'digits', 'digits_001', 'digits.pkl')
  assert.equal(createHash('sha256').update(bytes).digest('hex'), artifacts[0].sha256)
  await writeFile(model, bytes)
  const judgement = await runPython(['-c', judge, model])
  assert.equal(judgement.exitCode, 0, judgement.stderr)
  assert.ok(Number(judgement.stdout) > 0.9, `the model that came back reads the digits: ${judgement.stdout}`)
})
