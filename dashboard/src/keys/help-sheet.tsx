import { useSyncExternalStore } from 'react'
import { Dialog } from '../ui/dialog.tsx'
import { Keys } from '../ui/keys.tsx'
import { keysBySection } from './action-sections.ts'
import { currentActions, onActions } from './actions.ts'

/** Every key that does something here, by section. */
export function HelpSheet({ onClose }: { onClose: () => void }) {
  const actions = useSyncExternalStore(onActions, currentActions)
  return (
    <Dialog title="Keys" isOpen onClose={onClose} width="w-180">
      <div className="gap-8 sm:columns-2">
        {keysBySection(actions).map(([section, list]) => (
          <section key={section} className="mb-4 break-inside-avoid">
            <h2 className="mb-1 font-medium">{section}</h2>
            <ul>
              {list.map(({ id, title, keys }) => (
                <li key={id} className="flex min-h-6 items-center justify-between gap-4 text-sm">
                  <span className="min-w-0 text-ink-2">{title}</span>
                  <Keys keys={keys!} />
                </li>
              ))}
            </ul>
          </section>
        ))}
      </div>
      <p className="mt-2 text-ink-3 text-sm">
        Two keys one after the other are pressed within a second. What has no key of its own is in the palette.
      </p>
    </Dialog>
  )
}
