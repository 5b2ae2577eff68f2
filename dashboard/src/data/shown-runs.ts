import type { Run } from '../api/queries.ts'
import type { View } from '../view/view.ts'
import { groupName } from './run-groups.ts'
import { type RunStyle, runStyle, styleOfName } from './run-style.ts'

/** A run as charts draw it. */
export interface ShownRun {
  name: string
  /** What people call it. */
  title: string
  style: RunStyle
  /** Its group's name, when the view groups. */
  group: string | undefined
  createdMs: number
}

export type Eyes = Pick<View, 'shown' | 'eyesOn' | 'eyesOff' | 'solo' | 'group' | 'colourBy'>

/** The part of the view that decides which runs are drawn, and how. */
export const eyesOf = ({ shown, eyesOn, eyesOff, solo, group, colourBy }: View): Eyes => ({
  shown,
  eyesOn,
  eyesOff,
  solo,
  group,
  colourBy,
})

/** Whether a run is drawn that stands at `at` in the list (0 is the first). */
export function isShown(name: string, at: number, { shown, eyesOn, eyesOff, solo }: Eyes): boolean {
  if (solo.length > 0) return solo.includes(name)
  if (eyesOff.includes(name)) return false
  return at < shown || eyesOn.includes(name)
}

/** The runs that are drawn, in the order of the list. */
export function shownRuns(runs: readonly Run[], eyes: Eyes): ShownRun[] {
  const on = new Set(eyes.eyesOn)
  const off = new Set(eyes.eyesOff)
  const solo = new Set(eyes.solo)
  return runs
    .filter(({ name }, at) => (solo.size > 0 ? solo.has(name) : !off.has(name) && (at < eyes.shown || on.has(name))))
    .map((run) => asShown(run, eyes))
}

export function asShown(run: Run, { group, colourBy }: Pick<Eyes, 'group' | 'colourBy'>): ShownRun {
  const groupOf = groupName(run, group)
  return {
    name: run.name,
    title: run.display_name ?? run.name,
    style: groupOf !== undefined && colourBy === 'group' ? styleOfName(groupOf) : runStyle(run.number),
    group: groupOf,
    createdMs: Date.parse(run.created_at),
  }
}

/** Opens or closes the eye of a run, whichever way it comes to be on or off now. */
export function toggleEye(name: string, at: number, eyes: Eyes): Pick<View, 'eyesOn' | 'eyesOff' | 'solo'> {
  const isOn = isShown(name, at, eyes)
  if (eyes.solo.length > 0) {
    const solo = isOn ? eyes.solo.filter((one) => one !== name) : [...eyes.solo, name]
    return { eyesOn: eyes.eyesOn, eyesOff: eyes.eyesOff, solo }
  }
  const eyesOn = eyes.eyesOn.filter((one) => one !== name)
  const eyesOff = eyes.eyesOff.filter((one) => one !== name)
  if (isOn)
    return { eyesOn, eyesOff: at < eyes.shown || eyes.eyesOff.includes(name) ? [...eyesOff, name] : eyesOff, solo: [] }
  return { eyesOn: at < eyes.shown ? eyesOn : [...eyesOn, name], eyesOff, solo: [] }
}
