/** The sign of what is running or live; a word stands beside it. */
export const LiveDot = ({ className = '' }: { className?: string }) => (
  <span aria-hidden className={`inline-block size-2 shrink-0 rounded-full bg-running ${className}`} />
)
