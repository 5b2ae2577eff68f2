import type { ReactNode, Ref } from 'react'

/** What scrolls by itself within the page, by the keyboard as well: it can be reached, and has a name. */
export const Scroller = ({
  label,
  className,
  children,
  ref,
}: {
  label: string
  className: string
  children: ReactNode
  ref?: Ref<HTMLElement>
}) => (
  // biome-ignore lint/a11y/noNoninteractiveTabindex: without it the arrows could not scroll
  <section ref={ref} tabIndex={0} aria-label={label} className={className}>
    {children}
  </section>
)
