import { X } from 'lucide-react'
import { useSyncExternalStore } from 'react'
import { Button, IconButton } from './button.tsx'

/** A sentence that comes and goes, with what can be done about it: "Deleted 3 runs · Undo". */
export interface Toast {
  text: string
  action?: { label: string; run: () => void }
  isProblem?: boolean
  /** One of a kind is shown at a time: undo after undo. */
  kind?: string
}

interface Shown extends Toast {
  id: number
}

let shown: Shown[] = []
let nextId = 1
const listeners = new Set<() => void>()

/** Shows it for ten seconds; problems stay until they are closed. */
export function toast(one: Toast): void {
  const id = nextId++
  const others = shown.filter(({ kind }) => kind === undefined || kind !== one.kind)
  set([...others.slice(-3), { ...one, id }])
  if (!one.isProblem) setTimeout(() => dismiss(id), 10_000)
}

/** The same for what went wrong with something a person asked for. */
export const toastProblem = (what: string, error: unknown): void =>
  toast({ text: `${what}: ${error instanceof Error ? error.message : String(error)}`, isProblem: true })

function dismiss(id: number): void {
  set(shown.filter((one) => one.id !== id))
}

function set(next: Shown[]): void {
  shown = next
  for (const listener of listeners) listener()
}

const subscribe = (listener: () => void) => {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

export function Toasts() {
  const toasts = useSyncExternalStore(subscribe, () => shown)
  return (
    <div aria-live="polite" className="-translate-x-1/2 fixed bottom-4 left-1/2 z-60 flex flex-col items-center gap-2">
      {toasts.map(({ id, text, action, isProblem }) => (
        <div
          key={id}
          role={isProblem ? 'alert' : 'status'}
          className="flex max-w-[calc(100vw-16px)] items-center gap-2 rounded-(--radius) border border-line-strong bg-raised py-1 pr-1 pl-3 text-sm shadow-black/15 shadow-lg"
        >
          <span className={`min-w-0 break-words ${isProblem ? 'text-failed' : ''}`}>{text}</span>
          {action && (
            <Button
              look="outline"
              onClick={() => {
                dismiss(id)
                action.run()
              }}
            >
              {action.label}
            </Button>
          )}
          <IconButton label="Dismiss" onClick={() => dismiss(id)}>
            <X />
          </IconButton>
        </div>
      ))}
    </div>
  )
}
