import { Columns3 } from 'lucide-react'
import { useMemo } from 'react'
import { bestOf, type ColumnStat, columnLabel, metricColumn, ownColumns, readColumn } from '../data/columns.ts'
import type { Known } from '../data/known-keys.ts'
import { Button, IconButton } from '../ui/button.tsx'
import { Popover } from '../ui/popover.tsx'
import { useViewStore } from '../view/use-view.ts'
import { defaultView } from '../view/view.ts'
import { ChoiceList, type ListedChoice } from './choice-list.tsx'

interface Props {
  shown: string[]
  /** Read only while it is open: it may take long with ten thousand runs. */
  known: () => Known
  isOpen: boolean
  onOpenChange: (isOpen: boolean) => void
  onToggle: (id: string) => void
}

/** Which columns there are: those of the runs themselves, every key of their config and summary, every metric. */
export function ColumnPicker({ shown, known, isOpen, onOpenChange, onToggle }: Props) {
  return (
    <Popover
      label="Columns"
      align="end"
      className="w-80 max-w-[calc(100vw-16px)] overflow-hidden"
      isOpen={isOpen}
      onOpenChange={onOpenChange}
      trigger={
        <IconButton label="Columns">
          <Columns3 />
        </IconButton>
      }
    >
      <Choices shown={shown} known={known} onToggle={onToggle} />
    </Popover>
  )
}

function Choices({ shown, known, onToggle }: Pick<Props, 'shown' | 'known' | 'onToggle'>) {
  const store = useViewStore()
  // The order is that of the opening: a choice does not jump away from under the pointer.
  // biome-ignore lint/correctness/useExhaustiveDependencies: as the comment says
  const choices = useMemo(() => listColumns(shown, known()), [])
  return (
    <>
      <ChoiceList
        label="Search columns"
        placeholder={`Search ${choices.length.toLocaleString('en')} columns`}
        choices={choices}
        chosen={shown}
        onToggle={onToggle}
      />
      <div className="flex justify-between border-line border-t p-1">
        <Button onClick={() => store.change('hide all columns', { columns: [], pinned: [] })}>None</Button>
        <Button onClick={() => store.change('choose the usual columns', { columns: defaultView.columns, pinned: [] })}>
          As usual
        </Button>
      </div>
    </>
  )
}

const pickedStats: ColumnStat[] = ['last', 'best', 'min', 'max', 'mean']

/** Those that are shown first, then the runs' own, config, metrics and summary. */
function listColumns(shown: readonly string[], known: Known): ListedChoice[] {
  const isShown = new Set(shown)
  const ids = [
    ...shown,
    ...Object.keys(ownColumns),
    ...known.config.map(({ path }) => `config.${path}`),
    ...known.metrics.flatMap((metric) =>
      pickedStats.flatMap((stat) => (stat === bestOf(metric) ? [] : [metricColumn(metric, stat)])),
    ),
    ...known.summary.map(({ path }) => `summary.${path}`),
  ]
  return ids.flatMap((id, at) => {
    const column = at >= shown.length && isShown.has(id) ? undefined : readColumn(id)
    return column ? [{ id, ...columnLabel(column) }] : []
  })
}
