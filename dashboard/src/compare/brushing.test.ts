import assert from 'node:assert/strict'
import { test } from 'node:test'
import { axisOf } from './axes.ts'
import { type Brush, brushBetween, brushed, brushParts, nudged, readBrushes, writeBrushes } from './brushing.ts'
import type { PlotValue } from './fields.ts'

const lr: PlotValue[] = [0.001, 0.01, 0.1, Number.NaN, undefined]
const optimizer: PlotValue[] = ['adam', 'sgd', 'adam', 'lion', 'sgd']
const axes = [axisOf('lr', lr, 'log'), axisOf('optimizer', optimizer, 'auto')]
const kept = (brushes: Record<string, Brush>) => brushed(axes, [lr, optimizer], brushes, 5)

test('a run has to pass the brushes of all axes', () => {
  assert.deepEqual(kept({}), [true, true, true, true, true])
  assert.deepEqual(kept({ lr: { from: 0.005, to: 1 } }), [false, true, true, false, false])
  assert.deepEqual(kept({ lr: { from: 0.005, to: 1 }, optimizer: { categories: ['adam'] } }), [
    false,
    false,
    true,
    false,
    false,
  ])
})

test('NaN and what is not set pass no range, but a brush on their mark', () => {
  assert.deepEqual(kept({ lr: { mark: 'off' } }), [false, false, false, true, false])
  assert.deepEqual(kept({ lr: { mark: 'unset' } }), [false, false, false, false, true])
})

test('a brush of an axis that is not there lets everything through', () => {
  assert.deepEqual(kept({ other: { from: 1, to: 2 } }), [true, true, true, true, true])
})

test('what is drawn between two places of an axis is a range in its values, whichever way it was dragged', () => {
  const brush = brushBetween(axes[0]!, 0.75, 0.25) as { from: number; to: number }
  assert.deepEqual(brush, { from: 0.00316, to: 0.0316 }, 'with as many digits as a pixel knows')
  assert.deepEqual(
    brushParts(axes[0]!, brush).map((part) => part.map((at) => Number(at.toFixed(2)))),
    [[0.25, 0.75]],
  )
  assert.deepEqual(brushBetween(axes[1]!, 0.4, 1.2), { categories: ['lion', 'sgd'] })
  assert.equal(brushBetween(axes[0]!, 0.5, 0.5), undefined)
})

test('arrow keys make a brush, move it up to the ends, and make it wider and narrower', () => {
  const axis = axisOf('x', [0, 10], 'linear')
  const first = nudged(axis, undefined, 'move', 0.1)
  assert.deepEqual(first, { from: 5, to: 10 })
  assert.deepEqual(nudged(axis, first, 'move', 0.1), { from: 5, to: 10 })
  assert.deepEqual(nudged(axis, first, 'move', -0.1), { from: 4, to: 9 })
  assert.deepEqual(nudged(axis, { from: 4, to: 6 }, 'grow', 0.1), { from: 3, to: 7 })
  assert.deepEqual(nudged(axis, { from: 4, to: 6 }, 'grow', -0.1), { from: 4, to: 6 })
  assert.deepEqual(nudged(axes[1]!, undefined, 'move', 0.1), { categories: ['sgd'] })
  assert.deepEqual(nudged(axes[1]!, { categories: ['sgd'] }, 'move', -0.1), { categories: ['lion'] })
  assert.deepEqual(nudged(axes[1]!, { categories: ['adam'] }, 'grow', 0.1), { categories: ['adam', 'lion'] })
})

test('brushes come back from an address as they went in, and nonsense is left out', () => {
  const brushes = {
    'config.lr': { from: 0.001, to: 0.1 },
    'config.optimizer': { categories: ['adam', 'sgd, nesterov'] },
    'metric:loss:min': { mark: 'off' as const },
  }
  assert.deepEqual(readBrushes(writeBrushes(brushes)), brushes)
  assert.equal(writeBrushes({}), undefined)
  for (const text of [undefined, '', '{"a":[1', 'null', '[]', '{"a":[2,1],"b":[],"c":["x",1],"d":"e"}'])
    assert.deepEqual(readBrushes(text), {}, String(text))
})
