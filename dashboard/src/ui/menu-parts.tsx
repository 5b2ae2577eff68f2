import { Check } from 'lucide-react'
import { DropdownMenu } from 'radix-ui'
import { cloneElement, type FocusEvent, type ReactElement, type ReactNode, useRef } from 'react'
import { Keys } from './keys.tsx'
import { surface } from './surface.ts'

const itemLook =
  'flex min-h-7 items-center gap-2 rounded-[4px] px-2 py-0.5 text-sm outline-none data-[highlighted]:bg-hover data-[disabled]:opacity-50'

/** A menu with its button, open to begin with. `isByKeys`: its first item has the focus then. */
export function MenuSurface({
  trigger,
  children,
  align,
  isByKeys,
}: {
  trigger: ReactNode
  children: ReactNode
  align: 'start' | 'end'
  isByKeys: boolean
}) {
  const isFirstFocus = useRef(isByKeys)
  const onFocus = ({ target, currentTarget }: FocusEvent<HTMLElement>) => {
    if (!isFirstFocus.current || target !== currentTarget) return
    isFirstFocus.current = false
    currentTarget.querySelector<HTMLElement>('[role^="menuitem"]:not([data-disabled])')?.focus()
  }
  return (
    <DropdownMenu.Root modal={false} defaultOpen>
      <DropdownMenu.Trigger asChild>{trigger}</DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          align={align}
          sideOffset={4}
          collisionPadding={8}
          onFocus={onFocus}
          className={`${surface} max-h-(--radix-dropdown-menu-content-available-height) min-w-44 max-w-80 overflow-y-auto p-1`}
        >
          {children}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  )
}

interface ItemProps {
  children: ReactNode
  onSelect: () => void
  /** As it is pressed: `f`, `g p`. */
  keys?: string
  isDisabled?: boolean
  isDanger?: boolean
  /** Why it can't be done, or what it does. */
  title?: string
}

export function MenuItem({ children, onSelect, keys, isDisabled, isDanger, title }: ItemProps) {
  return (
    <DropdownMenu.Item
      disabled={isDisabled}
      title={title}
      onSelect={onSelect}
      className={`${itemLook} ${isDanger ? 'text-failed' : ''}`}
    >
      <span className="min-w-0 flex-1">{children}</span>
      {keys && <Keys keys={keys} />}
    </DropdownMenu.Item>
  )
}

/** A place to go: the child is a link, so that it opens in another tab as links do. */
export function MenuLink({ children, keys }: { children: ReactElement<{ children?: ReactNode }>; keys?: string }) {
  return (
    <DropdownMenu.Item asChild className={`${itemLook} aria-[current=page]:font-medium`}>
      {cloneElement(
        children,
        undefined,
        <>
          <span className="min-w-0 flex-1 truncate">{children.props.children}</span>
          {keys && <Keys keys={keys} />}
        </>,
      )}
    </DropdownMenu.Item>
  )
}

/** One of which exactly one holds, where choosing does more than setting a value. */
export function MenuRadio({
  children,
  isChosen,
  onSelect,
}: {
  children: ReactNode
  isChosen: boolean
  onSelect: () => void
}) {
  return (
    <DropdownMenu.CheckboxItem role="menuitemradio" checked={isChosen} onSelect={onSelect} className={itemLook}>
      <Mark />
      <span className="min-w-0 flex-1">{children}</span>
    </DropdownMenu.CheckboxItem>
  )
}

/** One of several that hold; the menu stays open so that more can be set. */
export function MenuCheck({
  children,
  isChecked,
  onChange,
}: {
  children: ReactNode
  isChecked: boolean
  onChange: (isChecked: boolean) => void
}) {
  return (
    <DropdownMenu.CheckboxItem
      checked={isChecked}
      onCheckedChange={onChange}
      onSelect={(event) => event.preventDefault()}
      className={itemLook}
    >
      <Mark />
      <span className="min-w-0 flex-1">{children}</span>
    </DropdownMenu.CheckboxItem>
  )
}

/** One of which exactly one holds. */
export function MenuChoice<Value extends string>({
  value,
  options,
  onChange,
}: {
  value: Value
  options: readonly (readonly [value: Value, label: string])[]
  onChange: (value: Value) => void
}) {
  return (
    <DropdownMenu.RadioGroup value={value} onValueChange={(next) => onChange(next as Value)}>
      {options.map(([option, label]) => (
        <DropdownMenu.RadioItem key={option} value={option} className={itemLook}>
          <Mark />
          <span className="min-w-0 flex-1">{label}</span>
        </DropdownMenu.RadioItem>
      ))}
    </DropdownMenu.RadioGroup>
  )
}

const Mark = () => (
  <span className="inline-flex size-4 items-center justify-center">
    <DropdownMenu.ItemIndicator>
      <Check className="size-3.5" />
    </DropdownMenu.ItemIndicator>
  </span>
)

export const MenuLine = () => <DropdownMenu.Separator className="my-1 h-px bg-line" />
export const MenuTitle = ({ children }: { children: ReactNode }) => (
  <DropdownMenu.Label className="px-2 pt-1 pb-0.5 text-ink-3 text-xs">{children}</DropdownMenu.Label>
)
