import { Group } from 'lucide-react'
import { useMemo } from 'react'
import type { Known } from '../data/known-keys.ts'
import { Button, IconButton } from '../ui/button.tsx'
import { Popover } from '../ui/popover.tsx'
import { useView, useViewStore } from '../view/use-view.ts'
import { ChoiceList, type ListedChoice } from './choice-list.tsx'

interface Props {
  known: () => Known
  isOpen: boolean
  onOpenChange: (isOpen: boolean) => void
}

/** By what the runs are grouped, here and in the charts: by one key or several. */
export function GroupChooser({ known, isOpen, onOpenChange }: Props) {
  const isGrouped = useView(({ group }) => group.length > 0)
  return (
    <Popover
      label="Group by"
      align="end"
      className="w-72 max-w-[calc(100vw-16px)] overflow-hidden"
      isOpen={isOpen}
      onOpenChange={onOpenChange}
      trigger={
        <IconButton label="Group by (g)" aria-pressed={isGrouped}>
          <Group />
        </IconButton>
      }
    >
      <Choices known={known} />
    </Popover>
  )
}

function Choices({ known }: Pick<Props, 'known'>) {
  const store = useViewStore()
  const { group, colourBy } = useView(({ group, colourBy }) => ({ group, colourBy }))
  // biome-ignore lint/correctness/useExhaustiveDependencies: the order is that of the opening
  const choices = useMemo(() => listKeys(group, known()), [])
  const toggle = (key: string) =>
    store.change('group the runs', ({ group: before }) => ({
      group: before.includes(key) ? before.filter((one) => one !== key) : [...before, key],
      closedGroups: [],
    }))
  return (
    <>
      <ChoiceList
        label="Search keys to group by"
        placeholder="Group by …"
        choices={choices}
        chosen={group}
        onToggle={toggle}
      />
      <div className="flex items-center justify-between border-line border-t p-1">
        <Button
          disabled={group.length === 0}
          onClick={() => store.change('group no longer', { group: [], closedGroups: [] })}
        >
          No groups
        </Button>
        <fieldset className="flex items-center gap-0.5 text-ink-3 text-sm" disabled={group.length === 0}>
          <legend className="sr-only">Colour by</legend>
          <span aria-hidden="true" className="pr-1">
            Colour by
          </span>
          {(['run', 'group'] as const).map((by) => (
            <Button
              key={by}
              aria-pressed={colourBy === by}
              onClick={() => store.change('colour by run or by group', { colourBy: by })}
            >
              {by}
            </Button>
          ))}
        </fieldset>
      </div>
    </>
  )
}

function listKeys(group: readonly string[], known: Known): ListedChoice[] {
  const own: [id: string, label: string][] = [
    ['tags', 'Tags'],
    ['group', 'Group'],
    ['job_type', 'Job type'],
    ['status', 'Status'],
  ]
  const keys = [
    ...own.map(([id, label]) => ({ id, label, detail: '' })),
    ...known.config.map(({ path }) => ({ id: `config.${path}`, label: path, detail: 'config' })),
    ...known.summary.map(({ path }) => ({ id: `summary.${path}`, label: path, detail: 'summary' })),
  ]
  const chosen = group.map(
    (id) => keys.find((key) => key.id === id) ?? { id, label: id.replace(/^(config|summary)\./, ''), detail: '' },
  )
  return [...chosen, ...keys.filter(({ id }) => !group.includes(id))]
}
