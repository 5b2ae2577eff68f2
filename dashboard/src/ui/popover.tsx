import { type ReactElement, type ReactNode, useEffect } from 'react'
import { type TriggerProps, useOpening } from './opening.ts'

let Surface: typeof import('./popover-surface.tsx').PopoverSurface | undefined
/** Opens them without a wait from then on. */
export const loadPopovers = async () => {
  Surface = (await import('./popover-surface.tsx')).PopoverSurface
}

export interface PopoverProps {
  /** One of our buttons. */
  trigger: ReactElement<TriggerProps>
  /** What it is, for a screen reader. */
  label: string
  children: ReactNode
  align?: 'start' | 'center' | 'end'
  className?: string
  /** Where something else than its button opens it too, such as a key. */
  isOpen?: boolean
  onOpenChange?: (isOpen: boolean) => void
}

/** A small surface beside its button, for what is set rather than chosen. Until it is opened it is the button alone. */
export function Popover(props: PopoverProps) {
  const { isOpen = false, onOpenChange } = props
  const { button, opened, open } = useOpening(props.trigger, 'dialog', async () => {
    await loadPopovers()
    onOpenChange?.(true)
  })
  // biome-ignore lint/correctness/useExhaustiveDependencies: opened from elsewhere, once
  useEffect(() => {
    if (isOpen && opened === null) open('keys')
  }, [isOpen])
  return opened === null || !Surface ? button : <Surface {...props} />
}
