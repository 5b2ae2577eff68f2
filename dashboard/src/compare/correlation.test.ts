import assert from 'node:assert/strict'
import { test } from 'node:test'
import { chance } from './chance.ts'
import { chanceRho, correlationWords, fitLine, ranks, spearman } from './correlation.ts'

test('ties share the mean of their ranks', () => {
  assert.deepEqual([...ranks(Float64Array.of(10, 20, 10, 5))], [2.5, 4, 2.5, 1])
})

test('a rising curve of any shape is 1, a falling one -1, whatever its size', () => {
  const x = [1, 2, 3, 4, 5]
  const rho = (y: number[]) => Number(spearman(x, y).rho!.toFixed(12))
  assert.equal(rho([1, 10, 1e3, 1e10, 1e300]), 1)
  assert.equal(rho([5, 4, 3, 2, -1e30]), -1)
})

test("the textbook's example: IQ and hours of television", () => {
  const iq = [106, 100, 86, 101, 99, 103, 97, 113, 112, 110]
  const hours = [7, 27, 2, 50, 28, 29, 20, 12, 6, 17]
  assert.ok(Math.abs(spearman(iq, hours).rho! - -29 / 165) < 1e-12)
})

test('only runs with a finite number of both count', () => {
  const { rho, n } = spearman([1, 2, undefined, 4, Number.NaN, 'x', 5], [1, 2, 3, 4, 5, 6, Number.POSITIVE_INFINITY])
  assert.deepEqual([rho!.toFixed(9), n], ['1.000000000', 3])
  assert.deepEqual(spearman([1, 2], [1, 2]), { rho: null, n: 2 })
  assert.equal(spearman([1, 1, 1], [1, 2, 3]).rho, null)
})

test('unrelated numbers rarely go beyond what is said of chance', () => {
  const seed = Math.floor(Math.random() * 2 ** 32)
  const random = chance(seed)
  const numbers = () => Array.from({ length: 40 }, random)
  const beyond = Array.from({ length: 1000 }, () => spearman(numbers(), numbers()).rho!).filter(
    (rho) => Math.abs(rho) > chanceRho(40),
  ).length
  // 50 of 1000 are expected, with a spread of 7.
  assert.ok(beyond > 15 && beyond < 95, `seed ${seed}: ${beyond} of 1000`)
})

test('the line of least squares', () => {
  const line = fitLine(Float64Array.of(0, 1, 2), Float64Array.of(1, 3, 5))!
  assert.ok(Math.abs(line.slope - 2) < 1e-12 && Math.abs(line.intercept - 1) < 1e-12)
  assert.equal(fitLine(Float64Array.of(1, 1), Float64Array.of(1, 2)), null)
})

test('in words: how strong, which way, of how many; and that it may be chance', () => {
  assert.equal(
    correlationWords({ rho: -0.834, n: 48 }, 'lr', 'val/acc'),
    'Strong relation: more lr goes with less val/acc (ρ = −0.83, 48 runs)',
  )
  assert.match(correlationWords({ rho: 0.5, n: 5 }, 'lr', 'loss'), /chance alone would do as much/)
  assert.match(correlationWords({ rho: null, n: 1 }, 'lr', 'loss'), /^1 run .*too few/)
})
