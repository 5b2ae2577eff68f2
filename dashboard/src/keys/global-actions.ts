import { useNavigate } from '@tanstack/react-router'
import { currentTheme, setTheme, themes } from '../ui/theme.ts'
import { toast } from '../ui/toasts.tsx'
import { type Action, useActions } from './actions.ts'
import { openOverlay } from './overlays.ts'

/** What can be done everywhere. */
export function useGlobalActions(): void {
  const navigate = useNavigate()
  const nextTheme = () => {
    const at = themes.findIndex(([theme]) => theme === currentTheme())
    const [theme, label] = themes[(at + 1) % themes.length]!
    setTheme(theme)
    toast({ text: `Theme: ${label.toLowerCase()}`, kind: 'theme' })
  }
  const actions: Action[] = [
    {
      id: 'palette',
      title: 'Search or jump',
      section: 'Everywhere',
      keys: 'Mod+k',
      run: () => openOverlay('palette'),
    },
    { id: 'help', title: 'Show all keys', section: 'Everywhere', keys: '?', run: () => openOverlay('help') },
    {
      id: 'projects',
      title: 'Go to all projects',
      section: 'Everywhere',
      keys: 'g p',
      words: 'home list',
      run: () => void navigate({ to: '/', search: {} }),
    },
    { id: 'theme', title: 'Next theme', section: 'Everywhere', keys: 't', words: 'dark light', run: nextTheme },
  ]
  useActions(actions)
}
