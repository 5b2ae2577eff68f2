import { type ReactNode, useId } from 'react'

/** A part of a tab under its heading, with what can be done beside it. */
export function Section({
  title,
  note,
  tools,
  children,
  className = '',
}: {
  title: string
  /** How many, or of what. */
  note?: string
  tools?: ReactNode
  children: ReactNode
  className?: string
}) {
  const id = useId()
  return (
    <section aria-labelledby={id} className={`min-w-0 ${className}`}>
      <div className="mb-1 flex min-h-7 flex-wrap items-center gap-2">
        <h2 id={id} className="font-medium text-base">
          {title}
        </h2>
        {note && <span className="text-ink-3 text-sm">{note}</span>}
        {tools && <div className="ml-auto flex min-w-0 items-center gap-1">{tools}</div>}
      </div>
      {children}
    </section>
  )
}

/** In the place of what is not there. */
export const Nothing = ({ children }: { children: ReactNode }) => <p className="text-ink-3 text-sm">{children}</p>
