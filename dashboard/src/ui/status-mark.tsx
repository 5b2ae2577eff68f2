const marks = {
  running: ['●', 'text-running', 'running'],
  finished: ['✓', 'text-ink-3', 'finished'],
  failed: ['✕', 'text-failed', 'failed'],
  lost: ['!', 'text-lost font-bold', 'lost contact'],
} as const

/** What state a run is in, by a sign and a word, never by colour alone. */
export function StatusMark({ status, hasWord = false }: { status: keyof typeof marks; hasWord?: boolean }) {
  const [sign, look, word] = marks[status]
  return (
    <span className="inline-flex items-center gap-1.5 whitespace-nowrap" title={hasWord ? undefined : word}>
      <span aria-hidden className={`inline-block w-3 text-center ${look}`}>
        {sign}
      </span>
      {hasWord ? word : <span className="sr-only">{word}</span>}
    </span>
  )
}
