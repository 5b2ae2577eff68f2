import { Check } from 'lucide-react'
import { DropdownMenu } from 'radix-ui'
import { cloneElement, type ReactElement, type ReactNode } from 'react'
import { keyLabel } from '../keys/key-label.ts'

export const surface =
  'z-50 rounded-(--radius) border border-line bg-raised text-ink shadow-lg shadow-black/10 dark:shadow-black/40 outline-none'
const itemLook =
  'flex min-h-7 items-center gap-2 rounded-[4px] px-2 py-0.5 text-sm outline-none data-[highlighted]:bg-hover data-[disabled]:opacity-50'

/** A button's menu: arrows, letters and Escape work as everywhere. The trigger is one of our buttons. */
export function Menu({
  trigger,
  children,
  align = 'start',
}: {
  trigger: ReactNode
  children: ReactNode
  align?: 'start' | 'end'
}) {
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger asChild>{trigger}</DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          align={align}
          sideOffset={4}
          collisionPadding={8}
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

/** Keys as they are pressed, one after the other. */
export const Keys = ({ keys }: { keys: string }) => (
  <span className="flex shrink-0 gap-0.5 text-ink-3 text-xs">
    {keys.split(' ').map((key, at) => (
      // biome-ignore lint/suspicious/noArrayIndexKey: the same key may be pressed twice
      <kbd key={at} className="min-w-4 rounded-[3px] border border-line px-1 text-center font-sans leading-4">
        {keyLabel(key)}
      </kbd>
    ))}
  </span>
)
