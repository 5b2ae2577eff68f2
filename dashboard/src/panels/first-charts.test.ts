import assert from 'node:assert/strict'
import { test } from 'node:test'
import { chartsInSight } from './first-charts.ts'

const look = { closed: [], perRow: 0, panelHeight: 220 }
const section = (prefix: string, count: number) => ({
  prefix,
  metrics: Array.from({ length: count }, (_, at) => `${prefix}/${at}`),
})

test('charts in sight are those whose rows begin above the lower edge', () => {
  const sections = [section('train', 5), section('val', 5), section('grad', 5)]
  const sight = chartsInSight(sections, look, { width: 1440, height: 900, left: 360 })
  assert.deepEqual(sight, { metrics: [...sections[0]!.metrics, ...sections[1]!.metrics], width: 360 })
})

test('closed sections take a line, and one column is enough for a phone', () => {
  const sections = [section('train', 9), section('val', 9)]
  const sight = chartsInSight(sections, { ...look, closed: ['train'] }, { width: 390, height: 600, left: 0 })
  assert.deepEqual(sight, { metrics: ['val/0', 'val/1', 'val/2'], width: 390 })
})

test('as many a row as one has chosen', () => {
  const sight = chartsInSight([section('', 20)], { ...look, perRow: 4 }, { width: 1000, height: 300, left: 200 })
  assert.deepEqual([sight.metrics.length, sight.width], [4, 200])
})
