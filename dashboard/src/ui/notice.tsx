import type { ReactNode } from 'react'

/** In the place of a page, when there is none to show: what it is, what it means, and the ways on. */
export function Notice({ title, children, ways }: { title: string; children?: ReactNode; ways?: ReactNode }) {
  return (
    <main className="grid min-h-0 flex-1 place-content-center justify-items-center gap-2 overflow-y-auto p-4 text-center">
      <h1 className="max-w-140 break-words font-medium text-xl">{title}</h1>
      <div className="max-w-140 text-ink-2">{children}</div>
      {ways && <div className="mt-2 flex flex-wrap justify-center gap-2">{ways}</div>}
    </main>
  )
}
