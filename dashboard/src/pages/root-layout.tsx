import { Outlet } from '@tanstack/react-router'
import { lazy, Suspense, useEffect } from 'react'
import { useGlobalActions } from '../keys/global-actions.ts'
import { openOverlay, useOverlay } from '../keys/overlays.ts'
import { listenForShortcuts } from '../keys/shortcuts.ts'
import { Toasts } from '../ui/toasts.tsx'
import { TokenDialog } from '../ui/token-dialog.tsx'
import { WaitingBar } from '../ui/waiting-bar.tsx'

const Palette = lazy(async () => ({ default: (await import('../keys/palette.tsx')).Palette }))
const HelpSheet = lazy(async () => ({ default: (await import('../keys/help-sheet.tsx')).HelpSheet }))

/** What stands around every page. */
export function RootLayout() {
  useEffect(listenForShortcuts, [])
  useGlobalActions()
  const overlay = useOverlay()
  return (
    <>
      <WaitingBar />
      <Outlet />
      <Toasts />
      <TokenDialog />
      <Suspense>
        {overlay === 'palette' && <Palette onClose={() => openOverlay(null)} />}
        {overlay === 'help' && <HelpSheet onClose={() => openOverlay(null)} />}
      </Suspense>
    </>
  )
}
