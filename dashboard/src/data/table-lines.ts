import type { Run } from '../api/queries.ts'
import type { View } from '../view/view.ts'
import { groupName } from './run-groups.ts'

/** What stands under each other in the run table. */
export type TableLine = GroupLine | RunLine

export interface GroupLine {
  kind: 'group'
  id: string
  name: string
  /** The same in short: of `optimizer.name: adam` the last piece, `name: adam`. */
  label: string
  members: RunPlace[]
  isClosed: boolean
}

export interface RunLine extends RunPlace {
  kind: 'run'
  id: string
  isPinned: boolean
  /** Under the line of its group. */
  isIndented: boolean
}

/** A run and where it stands in the list of the tracker, from 0: the eyes go by that. */
export interface RunPlace {
  run: Run
  at: number
}

/**
 * The lines of the table: pinned runs first, in the order in which they were pinned; then the groups, each where the first
 * of its runs stands in the list, so that the order of runs is one of groups as well.
 */
export function tableLines(
  runs: readonly Run[],
  { group, pinnedRuns, closedGroups }: Pick<View, 'group' | 'pinnedRuns' | 'closedGroups'>,
): TableLine[] {
  const pinned = new Map(pinnedRuns.map((name, at) => [name, at]))
  const top: RunLine[] = []
  const rest: RunPlace[] = []
  runs.forEach((run, at) => {
    if (pinned.has(run.name)) top.push({ kind: 'run', id: run.name, run, at, isPinned: true, isIndented: false })
    else rest.push({ run, at })
  })
  top.sort((one, other) => pinned.get(one.run.name)! - pinned.get(other.run.name)!)
  if (group.length === 0) return [...top, ...rest.map((place) => asLine(place, false))]

  const groups = Map.groupBy(rest, ({ run }) => groupName(run, group)!)
  const closed = new Set(closedGroups)
  return [
    ...top,
    ...[...groups].flatMap(([name, members]): TableLine[] => {
      const isClosed = closed.has(name)
      const label = shortName(members[0]!.run, group)
      const line: GroupLine = { kind: 'group', id: groupId(name), name, label, members, isClosed }
      return isClosed ? [line] : [line, ...members.map((place) => asLine(place, true))]
    }),
  ]
}

function shortName(run: Run, keys: string[]): string {
  return keys
    .map((key) => {
      const name = groupName(run, [key])!
      const path = key.replace(/^(config|summary)\./, '')
      return path.slice(path.lastIndexOf('.') + 1) + name.slice(path.length)
    })
    .join(' · ')
}

/** No run's name has a colon. */
const groupId = (name: string) => `group:${name}`

const asLine = ({ run, at }: RunPlace, isIndented: boolean): RunLine => ({
  kind: 'run',
  id: run.name,
  run,
  at,
  isPinned: false,
  isIndented,
})

/** The names of the runs from one line to another, both included, whichever comes first. */
export function runsBetween(lines: readonly TableLine[], from: string, to: string): string[] {
  const ends = [from, to].map((id) => lines.findIndex((line) => line.id === id)).sort((one, other) => one - other)
  if (ends[0]! < 0) return [to]
  return lines.slice(ends[0], ends[1]! + 1).flatMap((line) => (line.kind === 'run' ? [line.run.name] : []))
}
