import { Outlet } from '@tanstack/react-router'
import { useEffect } from 'react'
import { listenForShortcuts } from '../keys/shortcuts.ts'
import { Toasts } from '../ui/toasts.tsx'

/** What stands around every page. */
export function RootLayout() {
  useEffect(listenForShortcuts, [])
  return (
    <>
      <Outlet />
      <Toasts />
    </>
  )
}
