import type { Run } from '../api/queries.ts'
import type { View } from '../view/view.ts'
import { groupStyles } from './group-styles.ts'
import { groupName } from './run-groups.ts'
import { type RunStyle, runStyle } from './run-style.ts'
import type { RunPlace } from './table-lines.ts'

/** A run as charts draw it. */
export interface ShownRun {
  name: string
  /** What people call it. */
  title: string
  style: RunStyle
  /** Its group's name, when the view groups. */
  group: string | undefined
  groupStyle: RunStyle | undefined
  createdMs: number
}

/** What opens and closes eyes. */
export type EyeState = Pick<View, 'shown' | 'eyesOn' | 'eyesOff' | 'solo'>
export type Eyes = EyeState & Pick<View, 'group' | 'colourBy'>

/** The part of the view that decides which runs are drawn, and how. */
export const eyesOf = ({ shown, eyesOn, eyesOff, solo, group, colourBy }: View): Eyes => ({
  shown,
  eyesOn,
  eyesOff,
  solo,
  group,
  colourBy,
})

/** A test of whether a run is drawn that stands at `at` in the list (0 is the first). */
export function eyeTest({ shown, eyesOn, eyesOff, solo }: EyeState): (name: string, at: number) => boolean {
  const on = new Set(eyesOn)
  const off = new Set(eyesOff)
  const only = new Set(solo)
  return (name, at) => (only.size > 0 ? only.has(name) : !off.has(name) && (at < shown || on.has(name)))
}

export const isShown = (name: string, at: number, eyes: EyeState): boolean => eyeTest(eyes)(name, at)

/** The runs that are drawn, in the order of the list. */
export function shownRuns(runs: readonly Run[], eyes: Eyes): ShownRun[] {
  const isOn = eyeTest(eyes)
  return asShown(runs, eyes, isOn)
}

/** These runs as they are drawn; `isOn` leaves some of them out, which count for the styles of groups all the same. */
export function asShown(
  runs: readonly Run[],
  { group, colourBy }: Pick<Eyes, 'group' | 'colourBy'>,
  isOn: (name: string, at: number) => boolean = () => true,
): ShownRun[] {
  const styles = groupStyles(runs, group)
  return runs.filter(({ name }, at) => isOn(name, at)).map((run) => shownRun(run, group, colourBy, styles))
}

function shownRun(
  run: Run,
  keys: string[],
  colourBy: View['colourBy'],
  styles: ReadonlyMap<string, RunStyle>,
): ShownRun {
  const group = groupName(run, keys)
  const groupStyle = group === undefined ? undefined : styles.get(group)
  return {
    name: run.name,
    title: titleOf(run),
    style: (colourBy === 'group' ? groupStyle : undefined) ?? runStyle(run.number),
    group,
    groupStyle,
    createdMs: Date.parse(run.created_at),
  }
}

/** What people call a run. */
export const titleOf = (run: Pick<Run, 'name' | 'display_name'>): string => run.display_name || run.name

/** Opens or closes the eyes of runs, whichever way they come to be on or off now. */
export function setEyes(places: readonly { name: string; at: number }[], isOn: boolean, eyes: EyeState): EyeState {
  const names = new Set(places.map(({ name }) => name))
  const without = (list: readonly string[]) => list.filter((name) => !names.has(name))
  if (eyes.solo.length > 0) {
    const solo = without(eyes.solo)
    return { ...eyes, solo: isOn ? [...solo, ...names] : solo }
  }
  const isFirst = ({ at }: { at: number }) => at < eyes.shown
  const eyesOn = without(eyes.eyesOn)
  const eyesOff = without(eyes.eyesOff)
  if (isOn) {
    return { ...eyes, eyesOn: [...eyesOn, ...places.filter((one) => !isFirst(one)).map(({ name }) => name)], eyesOff }
  }
  return { ...eyes, eyesOn, eyesOff: [...eyesOff, ...places.filter(isFirst).map(({ name }) => name)] }
}

export const toggleEye = (name: string, at: number, eyes: EyeState): EyeState =>
  setEyes([{ name, at }], !isShown(name, at, eyes), eyes)

/** All of a group at once: on when some of them are off. */
export function toggleEyes(members: readonly RunPlace[], eyes: EyeState): EyeState {
  const isOn = eyeTest(eyes)
  const places = members.map(({ run, at }) => ({ name: run.name, at }))
  return setEyes(places, !places.every(({ name, at }) => isOn(name, at)), eyes)
}

/** Only these; when it is exactly these already, all as before. */
export function toggleSolo(names: readonly string[], { solo }: Pick<EyeState, 'solo'>): Pick<EyeState, 'solo'> {
  const isSame = solo.length === names.length && names.every((name) => solo.includes(name))
  return { solo: isSame ? [] : [...names] }
}

/** The first `shown` of the list, and none besides. */
export const showFirst = (shown: number): EyeState => ({ shown, eyesOn: [], eyesOff: [], solo: [] })
