import { Popover as Radix } from 'radix-ui'
import type { PopoverProps } from './popover.tsx'
import { surface } from './surface.ts'

/** A popover with its button, open to begin with unless `isOpen` says otherwise. */
export function PopoverSurface({
  trigger,
  label,
  children,
  align = 'start',
  className = 'w-72 p-3',
  isOpen,
  onOpenChange,
}: PopoverProps) {
  return (
    <Radix.Root defaultOpen open={isOpen} onOpenChange={onOpenChange}>
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
