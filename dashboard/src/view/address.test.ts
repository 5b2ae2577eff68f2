import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readSaved, readView, writeView } from './address.ts'
import { defaultView, type View } from './view.ts'

test('a view that is nothing special leaves the address alone', () => {
  assert.deepEqual(writeView(defaultView), {})
  assert.deepEqual(readView({}), defaultView)
})

test('everything that can be set comes back from its address', () => {
  const view: View = {
    filter: 'config.lr < 0.01 and "a,b" in tags',
    sort: '-metric:val/acc:max,name',
    columns: ['config.lr', 'metric:loss, smoothed:min'],
    pinned: ['config.lr'],
    widths: { 'config.lr': 120 },
    group: ['config.optimizer', 'tags'],
    closedGroups: ['optimizer: adam · tags: –'],
    pinnedRuns: ['brave-otter'],
    colourBy: 'group',
    shown: 12,
    eyesOn: ['brave-otter'],
    eyesOff: ['calm-heron', 'dull-newt'],
    solo: ['x'],
    metrics: 'loss|acc',
    x: 'metric:epoch',
    xScale: 'log',
    yScale: 'symlog',
    smoothing: { kind: 'gaussian', amount: 0.6 },
    clipOutliers: true,
    aggregate: { line: 'median', band: 'ci95' },
    panels: { 'train/loss': { yScale: 'log', y: [0, 1], wide: 2, smoothing: { kind: 'ema', amount: 0.9 } } },
    closed: ['system'],
    pinnedPanels: ['val/acc'],
    perRow: 3,
    panelHeight: 300,
    tableWidth: 'full',
    ranges: { train: [100, 2000] },
  }
  for (const name of Object.keys(view) as (keyof View)[]) {
    assert.notDeepEqual(view[name], defaultView[name], `the test has to set ${name}`)
  }
  const search = new URLSearchParams(writeView(view))
  assert.deepEqual(readView(Object.fromEntries(search)), view)
  assert.deepEqual(readSaved(JSON.parse(JSON.stringify(view))), view)
})

test('on a saved view the address says what differs, also back to the default', () => {
  const saved: View = {
    ...defaultView,
    filter: 'config.lr < 1',
    smoothing: { kind: 'ema', amount: 0.5 },
    closed: ['a'],
  }
  const now: View = { ...saved, filter: '', closed: [] }
  const fields = writeView(now, saved)
  assert.deepEqual(Object.keys(fields).sort(), ['closed', 'f'])
  assert.deepEqual(readView(fields, saved), now)
})

test('what an address says that can not be is left out', () => {
  const fields = {
    x: 'nowhere',
    ys: 'cubic',
    sm: '{"kind":"ema","amount":7}',
    agg: '[]',
    h: '-5',
    w: 'wide',
    n: 'many',
    p: '{"loss":{"y":[2,1]}}',
    r: '{"train":[1',
    clip: 'perhaps',
    m: 'loss',
  }
  assert.deepEqual(readView(fields), { ...defaultView, metrics: 'loss' })
  assert.deepEqual(readSaved({ x: 4, columns: 'name', metrics: 'loss' }), { ...defaultView, metrics: 'loss' })
})
