import { Command } from 'cmdk'
import { ChevronsUpDown } from 'lucide-react'
import { type ReactElement, useState } from 'react'
import { Button } from '../ui/button.tsx'
import type { TriggerProps } from '../ui/opening.ts'
import { Popover } from '../ui/popover.tsx'
import { type Field, type FieldSection, fieldLabel } from './fields.ts'

/** More than this nobody reads through: who types finds the field. */
const offeredMax = 80
const sections: FieldSection[] = ['Config', 'Metrics', 'Summary', 'Run']

interface Props {
  /** What is chosen by it: "Colour by". */
  label: string
  fields: readonly Field[]
  onChoose: (id: string) => void
  /** The field that holds now; '' for none. */
  value?: string
  /** Choices beside the fields, such as none at all. */
  others?: readonly { id: string; label: string }[]
  /** In the place of the button that shows the value. */
  trigger?: ReactElement<TriggerProps>
}

/** One field out of hundreds, found by typing. */
export function FieldChoice({ label, fields, onChoose, value = '', others = [], trigger }: Props) {
  const [isOpen, setOpen] = useState(false)
  const shown = others.find(({ id }) => id === value)?.label ?? fieldLabel(value)
  const choose = (id: string) => {
    setOpen(false)
    onChoose(id)
  }
  return (
    <Popover
      label={label}
      isOpen={isOpen}
      onOpenChange={setOpen}
      className="w-72 max-w-[calc(100vw-16px)]"
      trigger={
        trigger ?? (
          <Button look="outline" className="min-w-0 max-w-56">
            <span className="text-ink-3">{label} </span>
            <span className="truncate" title={shown}>
              {shown}
            </span>
            <ChevronsUpDown aria-hidden className="size-3 shrink-0 text-ink-3" />
          </Button>
        )
      }
    >
      <Choice label={label} fields={fields} others={others} value={value} onChoose={choose} />
    </Popover>
  )
}

function Choice({ label, fields, others, value, onChoose }: Required<Omit<Props, 'trigger'>>) {
  const [text, setText] = useState('')
  const words = text.toLowerCase().split(/\s+/).filter(Boolean)
  const isFound = (name: string) => words.every((word) => name.toLowerCase().includes(word))
  const found = fields.filter((field) => isFound(`${field.section} ${field.label}`))
  const offered = found.slice(0, offeredMax)
  const item = (id: string, name: string) => (
    <Command.Item
      key={id}
      value={id}
      onSelect={() => onChoose(id)}
      className="flex h-7 items-center rounded-[4px] px-2 text-sm data-[selected=true]:bg-hover"
    >
      <span className={`min-w-0 flex-1 truncate ${id === value ? 'font-medium' : ''}`} title={name}>
        {name}
      </span>
      {id === value && <span className="text-ink-3 text-xs">chosen</span>}
    </Command.Item>
  )
  return (
    <Command shouldFilter={false} label={label} loop>
      <Command.Input
        value={text}
        onValueChange={setText}
        placeholder={`${label} …`}
        className="h-9 w-full border-line border-b bg-transparent px-3 text-sm outline-none"
      />
      <Command.List label={label} className="max-h-72 overflow-y-auto p-1">
        {others.filter((one) => isFound(one.label)).map((one) => item(one.id, one.label))}
        {sections.map((section) => {
          const its = offered.filter((field) => field.section === section)
          return (
            its.length > 0 && (
              <Command.Group
                key={section}
                heading={section}
                className="[&_[cmdk-group-heading]]:px-2 [&_[cmdk-group-heading]]:pt-1.5 [&_[cmdk-group-heading]]:text-ink-3 [&_[cmdk-group-heading]]:text-xs"
              >
                {its.map((field) => item(field.id, field.label))}
              </Command.Group>
            )
          )
        })}
      </Command.List>
      {found.length === 0 && <p className="px-3 pb-3 text-ink-3 text-sm">No field is called that.</p>}
      {found.length > offeredMax && (
        <p className="border-line border-t px-3 py-1 text-ink-3 text-xs">
          {(found.length - offeredMax).toLocaleString('en')} more: type to find them
        </p>
      )}
    </Command>
  )
}
