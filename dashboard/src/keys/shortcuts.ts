import { currentActions } from './actions.ts'
import { isApple } from './key-label.ts'
import { currentOverlay } from './overlays.ts'

/** How long the second key of a sequence is waited for, ms. */
const sequenceMs = 1200
/** A key that does something by itself and begins a sequence too waits so long for the second one, ms. */
const secondKeyMs = 350

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

/** Inside of menus and dialogs keys belong to them; those of the keyboard may not have the focus yet. */
const isInOverlay = (target: EventTarget | null) =>
  currentOverlay() !== null ||
  (target instanceof Element && target.closest('[role="menu"],[role="dialog"],[role="listbox"]') !== null)

/** Enter and Space press what has the focus, if that can be pressed. */
const isPress = (name: string, target: EventTarget | null) =>
  (name === 'Enter' || name === 'Space') &&
  target instanceof Element &&
  target.closest('a,button,summary,input,[role="button"],[role="tab"],[role="slider"],[role="separator"]') !== null

/** Listens until the answered function is called. */
export function listenForShortcuts(): () => void {
  let pending = ''
  let alone: { timer: ReturnType<typeof setTimeout>; run: () => void } | null = null
  let pendingAt = 0
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.defaultPrevented || event.isComposing || ['Shift', 'Control', 'Alt', 'Meta'].includes(event.key)) return
    const name = keyName(event)
    const isMod = name.startsWith('Mod+')
    if (!isMod && (event.ctrlKey || event.metaKey || isTyping(event.target) || isInOverlay(event.target))) return
    if (isPress(name, event.target)) return
    if (event.timeStamp - pendingAt > sequenceMs) pending = ''
    const first = alone
    alone = null
    clearTimeout(first?.timer)
    const wanted = pending === '' ? name : `${pending} ${name}`
    // The innermost is registered last, and wins.
    const actions = currentActions().filter(({ keys }) => keys !== undefined)
    const whole = actions.findLast(({ keys }) => keys === wanted)
    if (pending !== '' && !whole) first?.run()
    const found = whole ?? (pending === '' ? undefined : actions.findLast(({ keys }) => keys === name))
    const isBeginning = (pending === '' || !whole) && actions.some(({ keys }) => keys?.startsWith(`${name} `))
    if (isBeginning) {
      pending = name
      pendingAt = event.timeStamp
      event.preventDefault()
      if (!found) return
      const run = () => {
        pending = ''
        alone = null
        found.run()
      }
      alone = { timer: setTimeout(run, secondKeyMs), run }
    } else {
      pending = ''
      if (!found) return
      event.preventDefault()
      found.run()
    }
  }
  document.addEventListener('keydown', onKeyDown)
  return () => {
    clearTimeout(alone?.timer)
    document.removeEventListener('keydown', onKeyDown)
  }
}
