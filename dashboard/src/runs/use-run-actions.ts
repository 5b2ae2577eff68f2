import type { TableLine } from '../data/table-lines.ts'
import { type Action, useActions } from '../keys/actions.ts'
import type { RunDeeds } from './use-run-deeds.ts'

interface Hands {
  current: TableLine | undefined
  /** Names. */
  chosen: string[]
  deeds: RunDeeds
  mayWrite: boolean
  move: (by: number) => void
  choose: (name: string) => void
  focusFilter: () => void
  openGroups: () => void
  openColumns: () => void
  widen: (() => void) | undefined
}

/** What the keys do in the run table, and the palette offers. */
export function useRunActions({ current, chosen, deeds, mayWrite, ...hands }: Hands): void {
  const section = 'Runs'
  const onRun = (deed: (line: Extract<TableLine, { kind: 'run' }>) => void) => () => {
    if (current?.kind === 'run') deed(current)
  }
  const toggleEye = () => {
    if (current?.kind === 'run') deeds.toggleEye(current)
    else if (current) deeds.toggleEyes(current.name, current.members)
  }
  const openCurrent = () => {
    if (current?.kind === 'run') deeds.open(current.run.name)
    else if (current) deeds.toggleGroup(current.name)
  }
  const solo = () => {
    if (chosen.length > 0) deeds.solo(chosen)
    else if (current?.kind === 'run') deeds.solo([current.run.name])
    else if (current) deeds.solo(current.members.map(({ run }) => run.name))
  }
  const actions: Action[] = [
    { id: 'run-next', title: 'Next run', section, keys: 'j', run: () => hands.move(1) },
    { id: 'run-previous', title: 'Previous run', section, keys: 'k', run: () => hands.move(-1) },
    { id: 'run-eye', title: 'Show or hide the run in charts', section, keys: 'x', words: 'eye toggle', run: toggleEye },
    { id: 'run-eye-space', title: 'Show or hide the run in charts', section, keys: 'Space', run: toggleEye },
    { id: 'run-open', title: 'Open the run', section, keys: 'Enter', run: openCurrent },
    { id: 'run-solo', title: 'Show the run alone in charts', section, keys: 's', words: 'solo only', run: solo },
    { id: 'run-pin', title: 'Pin the run to the top', section, keys: 'p', run: onRun(({ run }) => deeds.pin(run)) },
    {
      id: 'run-choose',
      title: 'Choose the run',
      section,
      keys: 'Shift+x',
      words: 'select',
      run: onRun(({ run }) => hands.choose(run.name)),
    },
    { id: 'runs-compare', title: 'Compare the chosen runs', section, keys: 'c', run: () => deeds.compare(chosen) },
    { id: 'runs-filter', title: 'Filter runs', section, keys: '/', words: 'search', run: hands.focusFilter },
    { id: 'runs-group', title: 'Group runs by …', section, keys: 'g', run: hands.openGroups },
    { id: 'runs-columns', title: 'Choose columns', section, run: hands.openColumns },
  ]
  if (hands.widen)
    actions.push({ id: 'runs-widen', title: 'Run table alone, or beside the charts', section, run: hands.widen })
  if (mayWrite && chosen.length > 0) {
    actions.push({ id: 'runs-delete', title: 'Delete the chosen runs', section, run: () => void deeds.remove(chosen) })
  }
  useActions(actions)
}
