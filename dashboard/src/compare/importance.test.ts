import assert from 'node:assert/strict'
import { test } from 'node:test'
import { chance } from './chance.ts'
import type { PlotValue } from './fields.ts'
import { growForest } from './forest.ts'
import { importanceOf, trustWords } from './importance.ts'

/** Configs drawn by chance: two learning rates' worth of numbers, an optimizer, and a seed that means nothing. */
function sweep(count: number, seed: number) {
  const random = chance(seed)
  return Array.from({ length: count }, (_, at) => ({
    lr: 10 ** (-4 + 3 * random()),
    width: 2 ** Math.ceil(random() * 6),
    optimizer: ['adam', 'sgd', 'lion'][Math.floor(random() * 3)]!,
    warmup: at % 3 === 0 ? undefined : random(),
    seed: Math.floor(random() * 1000),
    noise: random(),
  }))
}

type Config = ReturnType<typeof sweep>[number]

function judge(configs: Config[], target: (config: Config, at: number) => PlotValue, more = {}) {
  const names = ['lr', 'width', 'optimizer', 'warmup', 'seed'] as const
  return importanceOf({
    keys: names.map((key) => ({ key, values: configs.map((config) => config[key]) })),
    target: configs.map(target),
    goal: 'min',
    isNaNWorst: false,
    ...more,
  })
}

test('the key that a metric was made of comes first, by far, and its correlation has the right sign', () => {
  for (const seed of [1, 2, 3]) {
    const { keys, r2, n } = judge(sweep(60, seed), ({ lr, noise }) => -Math.log10(lr) + 0.1 * noise)
    assert.equal(n, 60)
    assert.ok(r2! > 0.8, `R² ${r2}`)
    assert.equal(keys[0]!.key, 'lr')
    assert.ok(keys[0]!.importance > 5 * keys[1]!.importance)
    assert.ok(keys[0]!.correlation!.rho! < -0.95)
  }
})

test('a valley in the middle, which no correlation sees, is important all the same', () => {
  const { keys, r2 } = judge(sweep(120, 4), ({ lr }) => (Math.log10(lr) + 2.5) ** 2)
  assert.equal(keys[0]!.key, 'lr')
  assert.ok(r2! > 0.7, `R² ${r2}`)
  assert.ok(Math.abs(keys[0]!.correlation!.rho!) < 0.4)
})

test('a category, and whether a key is set at all, are found', () => {
  const byOptimizer = judge(sweep(90, 5), ({ optimizer, noise }) => (optimizer === 'sgd' ? 1 : 0) + 0.2 * noise)
  assert.equal(byOptimizer.keys[0]!.key, 'optimizer')
  assert.equal(byOptimizer.keys[0]!.kind, 'category')
  assert.equal(byOptimizer.keys[0]!.correlation, null)
  const bySet = judge(sweep(90, 6), ({ warmup, noise }) => (warmup === undefined ? 1 : 0) + 0.2 * noise)
  assert.equal(bySet.keys[0]!.key, 'warmup')
})

test('of a metric that depends on nothing it says that it can tell nothing', () => {
  const random = chance(7)
  const { r2 } = judge(sweep(80, 8), () => random())
  assert.ok(r2! <= 0.1, `R² ${r2}`)
  assert.match(trustWords(r2!), /noise/)
})

test('one run that went to 1e30 hides nothing, and the same question has the same answer', () => {
  const ask = () => judge(sweep(60, 9), ({ lr }, at) => (at === 7 ? 1e30 : -Math.log10(lr)))
  assert.equal(ask().keys[0]!.key, 'lr')
  assert.deepEqual(ask(), ask())
})

test('runs without a number are counted; NaN may count as the worst of all', () => {
  const configs = sweep(60, 10)
  const target = ({ lr }: Config, at: number) => (at === 0 ? undefined : lr > 1e-2 ? Number.NaN : 0.5)
  const without = judge(configs, target)
  const diverged = configs.filter(({ lr }, at) => at > 0 && lr > 1e-2).length
  assert.deepEqual([without.unset, without.nonFinite, without.n], [1, diverged, 59 - diverged])
  assert.equal(without.r2, null, 'nothing varies among the rest')
  const worst = judge(configs, target, { isNaNWorst: true })
  assert.equal(worst.n, 59)
  assert.equal(worst.keys[0]!.key, 'lr')
  assert.ok(worst.keys[0]!.correlation!.rho! > 0)
})

test('with fewer than eight runs, or nothing that varies, there is no forest', () => {
  assert.equal(judge(sweep(7, 11), ({ lr }) => lr).r2, null)
  const same = sweep(1, 12)[0]!
  const { r2, keys, constant } = judge(
    Array.from({ length: 20 }, () => same),
    (_, at) => at,
  )
  assert.deepEqual([r2, keys, constant], [null, [], 5])
  assert.equal(judge([], () => 1).n, 0)
})

test('a forest of 500 runs and 40 keys is grown while one waits, and finds the two that count', () => {
  const random = chance(13)
  const columns = Array.from({ length: 40 }, () => Float64Array.from({ length: 500 }, random))
  const target = Float64Array.from(columns[3]!, (value, at) => value + columns[11]![at]! ** 2)
  const features = columns.map((_, at) => [at])
  const started = performance.now()
  const { importance, r2 } = growForest({ columns, features, target, seed: 1 })
  const ms = performance.now() - started
  const order = importance.map((_, at) => at).sort((one, other) => importance[other]! - importance[one]!)
  assert.deepEqual(
    order.slice(0, 2).sort((one, other) => one - other),
    [3, 11],
  )
  assert.ok(r2 > 0.8, `R² ${r2}`)
  assert.ok(ms < 20_000, `${ms} ms`)
})
