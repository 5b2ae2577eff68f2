import { Tabs } from 'radix-ui'
import type { ReactNode } from 'react'

/** One of several views of the same place: the one that is open is underlined. Inside of Radix's `Tabs.List`. */
export const Tab = ({ value, className, children }: { value: string; className: string; children: ReactNode }) => (
  <Tabs.Trigger
    value={value}
    className={`border-transparent border-b-2 px-2 text-ink-2 text-sm hover:text-ink data-[state=active]:border-accent data-[state=active]:text-ink ${className}`}
  >
    {children}
  </Tabs.Trigger>
)
