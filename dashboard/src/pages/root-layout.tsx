import { Outlet } from '@tanstack/react-router'
import { lazy, Suspense, useEffect } from 'react'
import { useTokenNeed } from '../api/token-need.ts'
import { useGlobalActions } from '../keys/global-actions.ts'
import { openOverlay, useOverlay } from '../keys/overlays.ts'
import { listenForShortcuts } from '../keys/shortcuts.ts'
import { loadMenus } from '../ui/menu.tsx'
import { loadPopovers } from '../ui/popover.tsx'
import { Toasts } from '../ui/toasts.tsx'
import { WaitingBar } from '../ui/waiting-bar.tsx'

const loadPalette = () => import('../keys/palette.tsx')
const Palette = lazy(async () => ({ default: (await loadPalette()).Palette }))
const loadHelp = () => import('../keys/help-sheet.tsx')
const HelpSheet = lazy(async () => ({ default: (await loadHelp()).HelpSheet }))

const TokenDialog = lazy(async () => ({ default: (await import('../ui/token-dialog.tsx')).TokenDialog }))

/** When the first view is done with, ms. */
const preloadMs = 2_000

/** What stands around every page. */
export function RootLayout() {
  useEffect(listenForShortcuts, [])
  // Whoever presses its keys types on at once, also while the tracker is away.
  useEffect(() => {
    const timer = setTimeout(() => {
      // It is asked for again when it is wanted.
      Promise.all([loadPalette(), loadHelp(), loadMenus(), loadPopovers()]).catch(() => {})
    }, preloadMs)
    return () => clearTimeout(timer)
  }, [])
  useGlobalActions()
  const overlay = useOverlay()
  const tokenNeed = useTokenNeed()
  return (
    <>
      <WaitingBar />
      <Outlet />
      <Toasts />
      <Suspense>{tokenNeed === 'yes' && <TokenDialog />}</Suspense>
      <Suspense>
        {overlay === 'palette' && <Palette onClose={() => openOverlay(null)} />}
        {overlay === 'help' && <HelpSheet onClose={() => openOverlay(null)} />}
      </Suspense>
    </>
  )
}
