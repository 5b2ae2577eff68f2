import { DropdownMenu } from 'radix-ui'
import type { Run } from '../api/queries.ts'
import { titleOf } from '../data/shown-runs.ts'
import { copyText } from '../ui/clipboard.ts'
import { MenuItem, MenuLine } from '../ui/menu-parts.tsx'
import { surface } from '../ui/surface.ts'
import { toast, toastProblem } from '../ui/toasts.tsx'
import type { RunDeeds } from './use-run-deeds.ts'

export interface MenuPlace {
  run: Run
  x: number
  y: number
}

interface Props {
  place: MenuPlace
  deeds: RunDeeds
  isPinned: boolean
  isChosen: boolean
  isSolo: boolean
  mayWrite: boolean
  onChoose: (name: string) => void
  onClose: () => void
}

/** What can be done with one run: one menu for all rows, where it was asked for. */
export function RunMenu({ place, deeds, isPinned, isChosen, isSolo, mayWrite, onChoose, onClose }: Props) {
  const { run, x, y } = place
  return (
    <DropdownMenu.Root open modal={false} onOpenChange={(isOpen) => !isOpen && onClose()}>
      <DropdownMenu.Trigger asChild>
        <span aria-hidden="true" className="pointer-events-none fixed size-0" style={{ left: x, top: y }} />
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          align="start"
          sideOffset={2}
          collisionPadding={8}
          aria-label={`Run ${titleOf(run)}`}
          onCloseAutoFocus={(event) => {
            event.preventDefault()
            document.querySelector<HTMLElement>('[data-run-table]')?.focus({ preventScroll: true })
          }}
          className={`${surface} min-w-48 max-w-80 p-1`}
        >
          <MenuItem keys="Enter" onSelect={() => deeds.open(run.name)}>
            Open
          </MenuItem>
          <MenuItem keys="s" onSelect={() => deeds.solo([run.name])}>
            {isSolo ? 'Show the others again' : 'Show alone in charts'}
          </MenuItem>
          <MenuItem keys="p" onSelect={() => deeds.pin(run)}>
            {isPinned ? 'Unpin from the top' : 'Pin to the top'}
          </MenuItem>
          <MenuItem keys="⇧ x" onSelect={() => onChoose(run.name)}>
            {isChosen ? 'Choose no longer' : 'Choose'}
          </MenuItem>
          <MenuItem onSelect={() => copy(run.name)}>Copy name</MenuItem>
          {mayWrite && (
            <>
              <MenuLine />
              <MenuItem isDanger onSelect={() => void deeds.remove([run.name])}>
                Delete
              </MenuItem>
            </>
          )}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  )
}

function copy(name: string): void {
  copyText(name)
    .then(() => toast({ text: `Copied ${name}` }))
    .catch((error) => toastProblem('Not copied', error))
}
