import { createElement, type FunctionComponent, type ReactElement, type ReactNode } from 'react'
import { type TriggerProps, useOpening } from './opening.ts'

type Parts = typeof import('./menu-parts.tsx')

let parts: Parts | undefined
/** Opens them without a wait from then on. */
export const loadMenus = async () => {
  parts = await import('./menu-parts.tsx')
}

/**
 * A button's menu: arrows, letters and Escape work as everywhere. The trigger is one of our buttons. A page has dozens of
 * menus, of which few are opened: until then they are their buttons alone.
 */
export function Menu({
  trigger,
  children,
  align = 'start',
}: {
  trigger: ReactElement<TriggerProps>
  children: ReactNode
  align?: 'start' | 'end'
}) {
  const { button, opened } = useOpening(trigger, 'menu', loadMenus)
  if (opened === null || !parts) return button
  return (
    <parts.MenuSurface trigger={trigger} align={align} isByKeys={opened === 'keys'}>
      {children}
    </parts.MenuSurface>
  )
}

/** A part of a menu, which is there when the menu is open. */
function part<Name extends keyof Parts>(name: Name): Parts[Name] {
  const Part = (props: object) => createElement(parts![name] as FunctionComponent<object>, props)
  return Part as Parts[Name]
}

export const MenuItem = part('MenuItem')
export const MenuLink = part('MenuLink')
export const MenuRadio = part('MenuRadio')
export const MenuCheck = part('MenuCheck')
export const MenuChoice = part('MenuChoice')
export const MenuLine = part('MenuLine')
export const MenuTitle = part('MenuTitle')
