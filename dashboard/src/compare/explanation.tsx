import type { ReactNode } from 'react'

/** In the place of what can't be shown: why, and what to do. */
export const Explanation = ({ children }: { children: ReactNode }) => (
  <div className="mx-auto max-w-120 p-6 text-center text-ink-2">{children}</div>
)

/** Lines of the final height, while they come. */
export const Loading = () => (
  <div role="status" aria-label="Reading the runs" className="flex flex-col gap-2 p-3">
    {[72, 56, 64, 48, 60, 40].map((width) => (
      <div
        key={width}
        style={{ width: `${width}%` }}
        className="h-5 rounded-(--radius) bg-hover motion-safe:animate-pulse"
      />
    ))}
  </div>
)
