import { useQuery } from '@tanstack/react-query'
import { Tabs } from 'radix-ui'
import { useState } from 'react'
import { currentToken } from '../api/ask.ts'
import { aboutQuery } from '../api/queries.ts'
import { useMayWrite } from '../api/use-may-write.ts'
import { firstLines, type Language } from '../data/snippets.ts'
import { CopyButton } from '../ui/copy-button.tsx'
import { LiveDot } from '../ui/live-dot.tsx'
import { Tab } from '../ui/tab.tsx'

const languages: [Language, string][] = [
  ['python', 'Python'],
  ['typescript', 'TypeScript'],
]

/** The three lines to paste into a training, with the address of this tracker. */
export function FirstLines({ project }: { project: string }) {
  const { data } = useQuery(aboutQuery())
  const { mayWrite, why } = useMayWrite()
  const [language, setLanguage] = useState<Language>('python')
  const address = data?.address ?? location.origin
  if (!mayWrite) return <p className="text-ink-2">{why}, so nothing new can come in.</p>
  return (
    <Tabs.Root
      value={language}
      onValueChange={(next) => setLanguage(next as Language)}
      className="w-full overflow-hidden rounded-(--radius) border border-line bg-sunken text-left"
    >
      <div className="flex items-center justify-between border-line border-b pr-1.5 pl-2">
        <Tabs.List aria-label="Language" className="flex">
          {languages.map(([value, label]) => (
            <Tab key={value} value={value} className="-mb-px h-9">
              {label}
            </Tab>
          ))}
        </Tabs.List>
        <CopyButton text={firstLines(language, address, project)} />
      </div>
      {languages.map(([value]) => (
        <Tabs.Content key={value} value={value} className="overflow-x-auto p-3">
          <pre className="font-mono text-sm leading-5">{firstLines(value, address, project)}</pre>
        </Tabs.Content>
      ))}
      {currentToken() !== null && (
        <p className="border-line border-t px-3 py-2 text-ink-2 text-sm">
          This tracker asks for a token: set <code className="font-mono">ASPARA_TOKEN</code> where the training runs.
        </p>
      )}
    </Tabs.Root>
  )
}

/** Says that the page goes on by itself. */
export const WaitingForRun = () => (
  <p role="status" className="flex items-center gap-2 text-ink-2">
    <LiveDot className="motion-safe:animate-pulse" />
    Waiting for the first run; its charts open here by themselves.
  </p>
)
