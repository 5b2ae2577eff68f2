import { Columns3, Search as SearchIcon } from 'lucide-react'
import { useDeferredValue, useMemo, useRef, useState } from 'react'
import { useActions } from '../keys/actions.ts'
import { Button } from '../ui/button.tsx'
import { TextField } from '../ui/field.tsx'
import { Menu, MenuCheck } from '../ui/menu.tsx'
import { readIds, useCompareSearch, writeIds } from './compare-search.ts'
import { compareRuns, filterRows, orderRuns, type RowOrder } from './difference.ts'
import { DifferenceGrid } from './difference-grid.tsx'
import { Explanation, Loading } from './explanation.tsx'
import { type Goal, type Stat, stats } from './fields.ts'
import { useComparedRuns } from './use-compared-runs.ts'

const statsDefault: Stat[] = ['best', 'last']

interface Props {
  names: readonly string[]
  onChoose: (names: string[]) => void
}

/** Everything the runs have, line by line, with one column a run. */
export function SideBySide({ names, onChoose }: Props) {
  const [search, change] = useCompareSearch()
  const [text, setText] = useState(search.find ?? '')
  const [order, setOrder] = useState<RowOrder>()
  const field = useRef<HTMLInputElement>(null)
  const { runs, isLoading, error } = useComparedRuns(names, null)
  const onlyDifferent = search.same !== '1'
  const shownStats = useMemo(() => readStats(search.stats), [search.stats])
  const goals = useMemo(() => readGoals(search.goals), [search.goals])
  const rows = useMemo(() => compareRuns(runs, { stats: shownStats, goals }), [runs, shownStats, goals])
  const wanted = useDeferredValue(text)
  const shown = useMemo(() => filterRows(rows, { onlyDifferent, search: wanted }), [rows, onlyDifferent, wanted])
  const places = useMemo(
    () =>
      orderRuns(
        rows.find(({ id }) => id === order?.id),
        runs.length,
        order?.direction ?? 'ascending',
      ),
    [rows, runs.length, order],
  )
  const toggle = () => change({ same: onlyDifferent ? '1' : undefined })
  useActions([
    { id: 'compare-differs', title: 'Show only what differs, or all', section: 'Compare', keys: 'd', run: toggle },
    { id: 'compare-find', title: 'Find a line', section: 'Compare', keys: '/', run: () => field.current?.focus() },
  ])
  const setGoal = (metric: string, goal: Goal) =>
    change({ goals: writeIds(Object.entries({ ...goals, [metric]: goal }).map(([name, one]) => `${one}:${name}`)) })
  const setStat = (stat: Stat, isOn: boolean) => {
    const next = stats.filter((one) => (one === stat ? isOn : shownStats.includes(one)))
    change({ stats: next.length > 0 ? next.join(',') : undefined })
  }

  return (
    <div className="flex h-full min-h-0 flex-col">
      <div className="flex shrink-0 flex-wrap items-center gap-x-3 gap-y-1 px-3 py-2">
        <label className="flex h-7 items-center gap-1.5 text-sm" title="d">
          <input
            type="checkbox"
            role="switch"
            aria-checked={onlyDifferent}
            className="accent-(--accent)"
            checked={onlyDifferent}
            onChange={toggle}
          />
          Only what differs
        </label>
        <TextField
          ref={field}
          label="Find lines"
          icon={<SearchIcon />}
          placeholder="Find a key or a value …"
          className="w-56 max-sm:flex-1"
          value={text}
          onChange={({ target }) => setText(target.value)}
          onBlur={() => change({ find: text || undefined })}
        />
        <Menu
          trigger={
            <Button look="outline" className="[&_svg]:size-3.5">
              <Columns3 aria-hidden /> Metrics by {shownStats.join(', ')}
            </Button>
          }
        >
          {stats.map((stat) => (
            <MenuCheck key={stat} isChecked={shownStats.includes(stat)} onChange={(isOn) => setStat(stat, isOn)}>
              {stat}
            </MenuCheck>
          ))}
        </Menu>
        <span className="text-ink-3 text-sm" role="status">
          {shown.length === rows.length ? `${rows.length} lines` : `${shown.length} of ${rows.length} lines`}
          {order && (
            <Button className="ml-1" onClick={() => setOrder(undefined)}>
              Runs in their own order again
            </Button>
          )}
        </span>
      </div>
      {runs.length === 0 ? (
        isLoading ? (
          <Loading />
        ) : (
          <Explanation>
            {error ? `The runs can't be read: ${error.message}` : 'None of these runs is there.'}
          </Explanation>
        )
      ) : shown.length === 0 ? (
        <Explanation>
          {wanted === ''
            ? 'These runs are the same in everything. Switch “Only what differs” off to see it.'
            : `No line has “${wanted}” in its name or in a value${onlyDifferent ? ' among those that differ' : ''}.`}
        </Explanation>
      ) : (
        <DifferenceGrid
          runs={places.map((at) => runs[at]!)}
          places={places}
          rows={shown}
          order={order}
          onOrder={setOrder}
          onGoal={setGoal}
          onChoose={onChoose}
        />
      )}
    </div>
  )
}

function readStats(text: string | undefined): Stat[] {
  const found = stats.filter((stat) => text?.split(',').includes(stat))
  return found.length > 0 ? found : statsDefault
}

/** `min:reward,max:loss`: what a person has said of metrics. */
const readGoals = (text: string | undefined): Record<string, Goal> =>
  Object.fromEntries(
    (readIds(text) ?? []).flatMap((one): [string, Goal][] => {
      const [, goal, metric] = /^(min|max):(.+)$/s.exec(one) ?? []
      return goal && metric ? [[metric, goal as Goal]] : []
    }),
  )
