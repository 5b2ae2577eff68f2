import { Popover as Radix } from 'radix-ui'
import type { ReactNode } from 'react'
import { surface } from './menu.tsx'

/** A small surface beside its button, for what is set rather than chosen. */
export function Popover({
  trigger,
  label,
  children,
  align = 'start',
  className = 'w-72 p-3',
  isOpen,
  onOpenChange,
}: {
  trigger: ReactNode
  /** What it is, for a screen reader. */
  label: string
  children: ReactNode
  align?: 'start' | 'center' | 'end'
  className?: string
  /** Where something else than its button opens it too, such as a key. */
  isOpen?: boolean
  onOpenChange?: (isOpen: boolean) => void
}) {
  return (
    <Radix.Root open={isOpen} onOpenChange={onOpenChange}>
      <Radix.Trigger asChild>{trigger}</Radix.Trigger>
      <Radix.Portal>
        <Radix.Content
          aria-label={label}
          align={align}
          sideOffset={4}
          collisionPadding={8}
          className={`${surface} ${className}`}
        >
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  )
}
