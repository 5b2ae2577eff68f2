import { Eye } from 'lucide-react'
import { useId } from 'react'
import { showFirst } from '../data/shown-runs.ts'
import { Button } from '../ui/button.tsx'
import { Popover } from '../ui/popover.tsx'
import { useView, useViewStore } from '../view/use-view.ts'
import { defaultView } from '../view/view.ts'

/** "Runs 48/500": how many of them are drawn, and how many are to be. */
export function ShownControl(props: { shown: number; all: number; isLoading: boolean; isPartial: boolean }) {
  const { shown, all, isLoading, isPartial } = props
  const store = useViewStore()
  const first = useView((view) => view.shown)
  const isSolo = useView(({ solo }) => solo.length > 0)
  const id = useId()
  const show = (count: number) => store.change('show so many runs', showFirst(count))
  return (
    <Popover
      label="Runs in charts"
      className="w-64 p-2"
      trigger={
        <Button
          className="-ml-1 text-base"
          title={`${shown} of ${all}${isPartial ? ' and more' : ''} runs are drawn in charts`}
        >
          <span className="font-medium text-ink">Runs</span>
          <span>
            {isLoading ? '…' : `${shown.toLocaleString('en')}/${all.toLocaleString('en')}${isPartial ? '…' : ''}`}
          </span>
          {isSolo && <Eye className="size-3.5 text-accent" aria-label="some alone" />}
        </Button>
      }
    >
      <label htmlFor={id} className="flex items-center justify-between gap-2 px-1 text-sm">
        Show the first
        <input
          id={id}
          type="number"
          min={0}
          max={all}
          defaultValue={first}
          key={first}
          onChange={({ target }) => {
            const count = target.valueAsNumber
            if (Number.isInteger(count) && count >= 0) show(count)
          }}
          className="h-7 w-20 rounded-(--radius) border border-line-strong bg-page px-2 text-right"
        />
      </label>
      <div className="mt-2 flex flex-wrap gap-1">
        {[10, defaultView.shown, 100].map((count) => (
          <Button key={count} look="outline" onClick={() => show(count)}>
            {count}
          </Button>
        ))}
        <Button look="outline" onClick={() => show(all)}>
          All
        </Button>
        <Button look="outline" onClick={() => show(0)}>
          None
        </Button>
      </div>
      {isSolo && (
        <Button
          look="outline"
          className="mt-2 w-full justify-center"
          onClick={() => store.change('show the others again', { solo: [] })}
        >
          Show the others again
        </Button>
      )}
    </Popover>
  )
}
