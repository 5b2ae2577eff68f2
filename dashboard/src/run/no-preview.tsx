import type { ReactNode } from 'react'

/** In the place of a preview: why there is none, and what can be done. */
export const NoPreview = ({ children, ways }: { children: ReactNode; ways?: ReactNode }) => (
  <div className="grid min-h-40 place-content-center justify-items-center gap-2 rounded-(--radius) border border-line border-dashed p-4 text-center text-ink-2 text-sm">
    <p role="status">{children}</p>
    {ways}
  </div>
)
