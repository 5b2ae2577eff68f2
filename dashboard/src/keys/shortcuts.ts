import { currentActions } from './actions.ts'
import { isApple } from './key-label.ts'

/** How long the second key of a sequence is waited for, ms. */
const sequenceMs = 1200

/** A key as actions name it: `Mod+k`, `Shift+Enter`, `?`. */
export function keyName(event: Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey'>): string {
  const isMod = isApple() ? event.metaKey : event.ctrlKey
  const isLetter = event.key.length === 1
  // A sign such as ? needs Shift on some keyboards and not on others: the sign itself counts.
  const isShifted = event.shiftKey && (!isLetter || /[a-z]/i.test(event.key))
  const key = event.key === ' ' ? 'Space' : isLetter ? event.key.toLowerCase() : event.key
  return `${isMod ? 'Mod+' : ''}${event.altKey && !isLetter ? 'Alt+' : ''}${isShifted ? 'Shift+' : ''}${key}`
}

/** Where letters are text, only keys with Mod are ours. */
function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable ||
      /^(TEXTAREA|SELECT)$/.test(target.tagName) ||
      (target instanceof HTMLInputElement && !/^(checkbox|radio|range|button)$/.test(target.type)))
  )
}

/** Inside of menus and dialogs keys belong to them. */
const isInOverlay = (target: EventTarget | null) =>
  target instanceof Element && target.closest('[role="menu"],[role="dialog"],[role="listbox"]') !== null

/** Listens until the answered function is called. */
export function listenForShortcuts(): () => void {
  let pending = ''
  let pendingAt = 0
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.defaultPrevented || event.isComposing || ['Shift', 'Control', 'Alt', 'Meta'].includes(event.key)) return
    const name = keyName(event)
    const isMod = name.startsWith('Mod+')
    if (!isMod && (event.ctrlKey || event.metaKey || isTyping(event.target) || isInOverlay(event.target))) return
    if (event.timeStamp - pendingAt > sequenceMs) pending = ''
    const wanted = pending === '' ? name : `${pending} ${name}`
    // The innermost is registered last, and wins.
    const actions = currentActions().filter(({ keys }) => keys !== undefined)
    const found =
      actions.findLast(({ keys }) => keys === wanted) ??
      (pending === '' ? undefined : actions.findLast(({ keys }) => keys === name))
    if (found) {
      pending = ''
      event.preventDefault()
      found.run()
    } else if (actions.some(({ keys }) => keys?.startsWith(`${name} `))) {
      pending = name
      pendingAt = event.timeStamp
      event.preventDefault()
    } else {
      pending = ''
    }
  }
  document.addEventListener('keydown', onKeyDown)
  return () => document.removeEventListener('keydown', onKeyDown)
}
