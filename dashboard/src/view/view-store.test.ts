import assert from 'node:assert/strict'
import { test } from 'node:test'
import { defaultView } from './view.ts'
import { ViewStore } from './view-store.ts'

function openStore() {
  const clock = { now: 0 }
  return { clock, store: new ViewStore({}, () => clock.now) }
}

test('changes are taken back and made again, in order', () => {
  const { store } = openStore()
  store.change('filter', { filter: 'a = 1' })
  store.change('smooth', { smoothing: { kind: 'ema', amount: 0.5 } })
  assert.equal(store.undo(), 'smooth')
  assert.equal(store.view.smoothing.amount, 0)
  assert.equal(store.undo(), 'filter')
  assert.deepEqual(store.view, defaultView)
  assert.equal(store.undo(), undefined)
  assert.equal(store.redo(), 'filter')
  assert.equal(store.redo(), 'smooth')
  assert.equal(store.redo(), undefined)
  assert.deepEqual([store.view.filter, store.view.smoothing.amount], ['a = 1', 0.5])
})

test('a slider that is dragged is one step, and two drags are two', () => {
  const { store, clock } = openStore()
  const drag = () => {
    for (let step = 1; step <= 5; step++) {
      clock.now += 50
      store.change('smooth', ({ smoothing }) => ({ smoothing: { ...smoothing, amount: smoothing.amount + 0.01 } }))
    }
  }
  drag()
  clock.now += 5000
  drag()
  store.undo()
  assert.ok(Math.abs(store.view.smoothing.amount - 0.05) < 1e-9)
  store.undo()
  assert.equal(store.view.smoothing.amount, 0)
})

test('a change after an undo forgets what was undone', () => {
  const { store } = openStore()
  store.change('x', { x: 'time' })
  store.undo()
  store.change('filter', { filter: 'a = 1' })
  assert.equal(store.redo(), undefined)
})

test('a change to what is there already is none', () => {
  const { store } = openStore()
  let told = 0
  store.subscribe(() => told++)
  store.change('x', { x: 'step' })
  assert.equal(told, 0)
  assert.equal(store.undo(), undefined)
})

test('the address of a saved view says what differs from it', () => {
  const { store } = openStore()
  const saved = { ...defaultView, x: 'time', closed: ['system'] }
  store.open({ name: 'mine', view: saved }, { x: 'relative' })
  assert.equal(store.isChanged, true)
  assert.deepEqual(store.fields, { x: 'relative' })
  assert.deepEqual(store.view.closed, ['system'])
  store.saved('mine')
  assert.equal(store.isChanged, false)
})

test('a saved view that is called otherwise stays what it was, and one that is gone leaves what is shown', () => {
  const { store } = openStore()
  store.open({ name: 'mine', view: { ...defaultView, x: 'time' } })
  store.change('smooth', { smoothing: { kind: 'ema', amount: 0.5 } })
  store.rename('ours')
  assert.deepEqual([store.base.name, Object.keys(store.fields)], ['ours', ['sm']])
  store.rename(null)
  assert.deepEqual([store.base.name, store.view.x, Object.keys(store.fields)], [null, 'time', ['x', 'sm']])
  assert.equal(store.undo(), 'smooth')
})
