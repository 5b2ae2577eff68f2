import { X } from 'lucide-react'
import { Dialog as Radix } from 'radix-ui'
import type { ReactNode } from 'react'
import { IconButton } from './button.tsx'
import { surface } from './surface.ts'

interface Props {
  title: string
  isOpen: boolean
  onClose: () => void
  children: ReactNode
  /** Tailwind's width; a phone's width is never exceeded. */
  width?: string
}

/** A window over the page: focus stays in it, Escape closes it, and focus goes back to where it was. */
export function Dialog({ title, isOpen, onClose, children, width = 'w-120' }: Props) {
  return (
    <Radix.Root open={isOpen} onOpenChange={(open) => !open && onClose()}>
      <Radix.Portal>
        <Radix.Overlay className="fixed inset-0 z-40 bg-black/30" />
        <Radix.Content
          aria-describedby={undefined}
          className={`${surface} fixed top-[12vh] left-1/2 z-50 flex max-h-[80vh] ${width} max-w-[calc(100vw-16px)] -translate-x-1/2 flex-col`}
        >
          <div className="flex items-center justify-between border-line border-b py-2 pr-2 pl-4">
            <Radix.Title className="truncate font-medium text-lg">{title}</Radix.Title>
            <Radix.Close asChild>
              <IconButton label="Close">
                <X />
              </IconButton>
            </Radix.Close>
          </div>
          <div className="min-h-0 overflow-y-auto p-4">{children}</div>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  )
}
