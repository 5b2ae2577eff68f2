import { cloneElement, type KeyboardEvent, type MouseEvent, type ReactElement, useState } from 'react'
import { toastProblem } from './toasts.tsx'

/** What a button gets that opens something. */
export interface TriggerProps {
  'aria-haspopup'?: 'menu' | 'dialog'
  'aria-expanded'?: boolean
  'data-state'?: 'open' | 'closed'
  onClick?: (event: MouseEvent) => void
  onKeyDown?: (event: KeyboardEvent) => void
}

/**
 * A button whose surface is fetched when it is pressed for the first time. From then on (`opened` says by what) the
 * surface has the button.
 */
export function useOpening(
  trigger: ReactElement<TriggerProps>,
  kind: 'menu' | 'dialog',
  load: () => Promise<void>,
): { button: ReactElement; opened: 'pointer' | 'keys' | null; open: (by: 'pointer' | 'keys') => void } {
  const [opened, setOpened] = useState<'pointer' | 'keys' | null>(null)
  const open = (by: 'pointer' | 'keys') => {
    load().then(
      () => setOpened(by),
      (error) => toastProblem(`The ${kind === 'menu' ? 'menu' : 'window'} could not be opened`, error),
    )
  }
  const button = cloneElement(trigger, {
    'aria-haspopup': kind,
    'aria-expanded': false,
    'data-state': 'closed',
    // A click by a key has no count.
    onClick: (event) => open(event.detail === 0 ? 'keys' : 'pointer'),
    onKeyDown: (event) => {
      if (kind !== 'menu' || event.key !== 'ArrowDown') return
      event.preventDefault()
      open('keys')
    },
  })
  return { button, opened, open }
}
