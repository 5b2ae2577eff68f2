import type { ButtonHTMLAttributes, ReactNode, Ref } from 'react'

interface Props extends ButtonHTMLAttributes<HTMLButtonElement> {
  /** `plain` is quiet until pointed at; `accent` is the one thing to do; `danger` can't be taken back lightly. */
  look?: 'plain' | 'outline' | 'accent' | 'danger'
  ref?: Ref<HTMLButtonElement>
}

const looks = {
  plain:
    'text-ink-2 enabled:hover:bg-hover enabled:hover:text-ink data-[state=open]:bg-hover aria-pressed:bg-chosen aria-pressed:text-ink',
  outline:
    'border border-line-strong text-ink enabled:hover:bg-hover data-[state=open]:bg-hover aria-pressed:bg-chosen',
  accent: 'bg-accent text-on-accent enabled:hover:opacity-90',
  danger: 'border border-line-strong text-failed enabled:hover:bg-hover',
}

/** A button with words, 28 px high. */
export function Button({ look = 'plain', className = '', ref, ...rest }: Props) {
  return (
    <button
      ref={ref}
      type="button"
      className={`inline-flex h-7 shrink-0 items-center gap-1.5 whitespace-nowrap rounded-(--radius) px-2 text-sm disabled:opacity-50 ${looks[look]} ${className}`}
      {...rest}
    />
  )
}

/** A button that is a sign alone; `label` is its name for those who do not see it, and on hover. */
export function IconButton({
  label,
  children,
  className = '',
  look = 'plain',
  ref,
  ...rest
}: Props & { label: string; children: ReactNode }) {
  return (
    <button
      ref={ref}
      type="button"
      aria-label={label}
      title={label}
      className={`inline-flex size-7 shrink-0 items-center justify-center rounded-(--radius) disabled:opacity-50 [&_svg]:size-4 ${looks[look]} ${className}`}
      {...rest}
    >
      {children}
    </button>
  )
}
