import { Command } from 'cmdk'
import { Search as SearchIcon } from 'lucide-react'
import { Dialog } from 'radix-ui'
import { useRef, useState } from 'react'
import { Keys } from '../ui/keys.tsx'
import { surface } from '../ui/surface.ts'
import { type PaletteItem, usePaletteGroups } from './palette-items.ts'

/** One line to type in, and everything there is to go to or to do. */
export function Palette({ onClose }: { onClose: () => void }) {
  const [typed, setTyped] = useState('')
  const { groups, isSearching } = usePaletteGroups(typed)
  // What comes in later may fit better: until the person moves, the first is the chosen one.
  const isMoving = useRef(false)
  const [moved, setMoved] = useState<string | null>(null)
  const chosen = moved ?? groups[0]?.items[0]?.id ?? ''
  const choose = (item: PaletteItem) => {
    onClose()
    // After the window has closed and given the focus back: what is done may move it.
    setTimeout(item.run)
  }
  return (
    <Dialog.Root open onOpenChange={(isOpen) => !isOpen && onClose()}>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-40 bg-black/30" />
        <Dialog.Content
          aria-describedby={undefined}
          className={`${surface} fixed top-[10vh] left-1/2 z-50 w-140 max-w-[calc(100vw-16px)] -translate-x-1/2 overflow-hidden`}
        >
          <Dialog.Title className="sr-only">Search or jump</Dialog.Title>
          <Command
            shouldFilter={false}
            loop
            label="Search or jump"
            value={chosen}
            onValueChange={(value) => isMoving.current && setMoved(value)}
            onKeyDownCapture={({ key, ctrlKey }) => {
              if (ctrlKey || /^(Arrow|Home|End)/.test(key)) isMoving.current = true
            }}
            onPointerMoveCapture={() => {
              isMoving.current = true
            }}
            className="flex max-h-[70vh] flex-col"
          >
            <div className="flex items-center gap-2 border-line border-b px-3">
              <SearchIcon aria-hidden className="size-4 shrink-0 text-ink-3" />
              <Command.Input
                autoFocus
                value={typed}
                onValueChange={(next) => {
                  setTyped(next)
                  setMoved(null)
                  isMoving.current = false
                }}
                placeholder="Projects, runs, metrics, actions"
                className="h-11 w-full bg-transparent text-lg outline-none"
              />
            </div>
            <Command.List className="min-h-0 overflow-y-auto p-1">
              <Command.Empty className="px-2 py-6 text-center text-ink-2">
                {isSearching ? 'Searching …' : `Nothing is called “${typed}”`}
              </Command.Empty>
              {groups.map(({ title, items }) => (
                <Command.Group
                  key={title}
                  heading={title}
                  className="[&_[cmdk-group-heading]]:px-2 [&_[cmdk-group-heading]]:pt-2 [&_[cmdk-group-heading]]:pb-0.5 [&_[cmdk-group-heading]]:text-ink-3 [&_[cmdk-group-heading]]:text-xs"
                >
                  {items.map((item) => (
                    <Command.Item
                      key={item.id}
                      value={item.id}
                      onSelect={() => choose(item)}
                      className="flex min-h-8 items-center gap-3 rounded-[4px] px-2 aria-selected:bg-hover"
                    >
                      <span className="min-w-0 flex-1 truncate">{item.title}</span>
                      {item.detail && <span className="max-w-48 truncate text-ink-3 text-sm">{item.detail}</span>}
                      {item.keys && <Keys keys={item.keys} />}
                    </Command.Item>
                  ))}
                </Command.Group>
              ))}
            </Command.List>
          </Command>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  )
}
