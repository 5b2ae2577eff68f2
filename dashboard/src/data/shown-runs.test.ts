import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  type EyeState,
  isShown,
  setEyes,
  showFirst,
  shownRuns,
  toggleEye,
  toggleEyes,
  toggleSolo,
} from './shown-runs.ts'
import { testRun } from './test-run.ts'

const runs = Array.from({ length: 6 }, (_, at) => testRun(at + 1))
const looks = { group: [], colourBy: 'run' as const }
const names = (eyes: EyeState) => shownRuns(runs, { ...eyes, ...looks }).map(({ name }) => name)
const two = showFirst(2)

test('an eye that is toggled twice is as it was, of a run that is shown by itself and of one that is not', () => {
  for (const at of [0, 4]) {
    const { name } = runs[at]!
    const once = toggleEye(name, at, two)
    assert.notEqual(isShown(name, at, once), isShown(name, at, two))
    assert.deepEqual(names(toggleEye(name, at, once)), names(two))
  }
})

test('a run that was hidden stays hidden when the list moves it', () => {
  const eyes = toggleEye('run-1', 0, two)
  assert.equal(isShown('run-1', 5, eyes), false)
  assert.equal(isShown('run-1', 5, toggleEye('run-1', 5, eyes)), true)
})

test('while some runs are alone, an eye adds to them or takes from them', () => {
  const alone = { ...two, ...toggleSolo(['run-4'], two) }
  assert.deepEqual(names(alone), ['run-4'])
  assert.deepEqual(names(toggleEye('run-1', 0, alone)), ['run-1', 'run-4'])
  assert.deepEqual(names({ ...alone, ...toggleSolo(['run-4'], alone) }), ['run-1', 'run-2'])
})

test('the eye of a group opens all of it, and closes it when all are open', () => {
  const members = [0, 3, 5].map((at) => ({ run: runs[at]!, at }))
  const opened = toggleEyes(members, two)
  assert.deepEqual(names(opened), ['run-1', 'run-2', 'run-4', 'run-6'])
  assert.deepEqual(names(toggleEyes(members, opened)), ['run-2'])
})

test('eyes are set whichever way they come to be on or off', () => {
  const places = runs.map(({ name }, at) => ({ name, at }))
  assert.deepEqual(names(setEyes(places, true, toggleEye('run-1', 0, two))).length, 6)
  assert.deepEqual(names(setEyes(places, false, two)), [])
})

test('a run has the colour of its number, or of its group', () => {
  const grouped = runs.map((run, at) => ({ ...run, group: at % 2 === 0 ? 'a' : 'b' }))
  const byGroup = shownRuns(grouped, { ...showFirst(3), group: ['group'], colourBy: 'group' })
  assert.deepEqual(byGroup[0]?.style, byGroup[2]?.style)
  assert.notDeepEqual(byGroup[0]?.style, byGroup[1]?.style)
  assert.equal(byGroup[0]?.group, 'group: a')
  const byRun = shownRuns(grouped, { ...showFirst(3), group: ['group'], colourBy: 'run' })
  assert.notDeepEqual(byRun[0]?.style, byRun[2]?.style)
})
