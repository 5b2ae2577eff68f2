import type { InputHTMLAttributes, ReactNode, Ref } from 'react'

interface Props extends InputHTMLAttributes<HTMLInputElement> {
  /** Its name, shown to screen readers; a placeholder is none. */
  label: string
  icon?: ReactNode
  hasError?: boolean
  ref?: Ref<HTMLInputElement>
}

/** A line of text, 28 px high. */
export function TextField({ label, icon, hasError = false, className = '', ref, ...rest }: Props) {
  return (
    <span
      className={`inline-flex h-7 min-w-0 items-center gap-1.5 rounded-(--radius) border bg-page px-2 focus-within:border-accent ${hasError ? 'border-failed' : 'border-line-strong'} ${className}`}
    >
      {icon && <span className="inline-flex shrink-0 text-ink-3 [&_svg]:size-3.5">{icon}</span>}
      <input
        ref={ref}
        aria-label={label}
        aria-invalid={hasError || undefined}
        spellCheck={false}
        autoComplete="off"
        className="w-full min-w-0 bg-transparent text-sm outline-none"
        {...rest}
      />
    </span>
  )
}
