import { keyLabel } from '../keys/key-label.ts'

/** Keys as they are pressed, one after the other. */
export const Keys = ({ keys }: { keys: string }) => (
  <span className="flex shrink-0 gap-0.5 text-ink-3 text-xs">
    {keys.split(' ').map((key, at) => (
      // biome-ignore lint/suspicious/noArrayIndexKey: the same key may be pressed twice
      <kbd key={at} className="min-w-4 rounded-[3px] border border-line px-1 text-center font-sans leading-4">
        {keyLabel(key)}
      </kbd>
    ))}
  </span>
)
