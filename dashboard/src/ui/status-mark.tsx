const marks = {
  running: ['●', 'text-running', 'running'],
  finished: ['✓', 'text-ink-3', 'finished'],
  failed: ['✕', 'text-failed', 'failed'],
  lost: ['!', 'text-lost font-bold', 'lost contact'],
} as const

interface StatusMarkProps {
  status: keyof typeof marks
  /** Why it ended, for whoever points at it. */
  reason?: string | null
  hasWord?: boolean
}

/** What state a run is in, by a sign and a word, never by colour alone. */
export function StatusMark({ status, reason = null, hasWord = false }: StatusMarkProps) {
  const [sign, look, word] = marks[status]
  const title = reason === null ? (hasWord ? undefined : word) : `${word}: ${reason}`
  return (
    <span className="inline-flex items-center gap-1.5 whitespace-nowrap" title={title}>
      <span aria-hidden className={`inline-block w-3 text-center ${look}`}>
        {sign}
      </span>
      {hasWord ? word : <span className="sr-only">{word}</span>}
    </span>
  )
}
