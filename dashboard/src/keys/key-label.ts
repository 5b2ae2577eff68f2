/** Whether keys are named as Apple names them. */
export const isApple = (): boolean => /Mac|iPhone|iPad/.test(globalThis.navigator?.platform ?? '')

const signs: Record<string, string> = {
  ArrowLeft: '←',
  ArrowRight: '→',
  ArrowUp: '↑',
  ArrowDown: '↓',
  Escape: 'Esc',
}

/** One key, or several that are pressed together, as it stands on the keyboard: `Mod+k` → ⌘K or Ctrl K, `Shift+z` → ⇧Z. */
export function keyLabel(key: string, apple = isApple()): string {
  const pieces = key.split(/\+(?!$)/)
  const last = pieces.pop()!
  const label = signs[last] ?? (pieces.length > 0 && last.length === 1 ? last.toUpperCase() : last)
  const before = pieces.map((piece) => {
    if (piece === 'Mod') return apple ? '⌘' : 'Ctrl '
    if (piece === 'Alt') return apple ? '⌥' : 'Alt '
    return piece === 'Shift' ? '⇧' : `${piece} `
  })
  return before.join('') + label
}
