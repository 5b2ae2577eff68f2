import { isViewName } from '@aspara/protocol/names.ts'
import { type FormEvent, useState } from 'react'
import { Button } from './button.tsx'
import { Dialog } from './dialog.tsx'
import { TextField } from './field.tsx'

interface Props {
  title: string
  isOpen: boolean
  first: string
  /** Names of other views, which this one would replace. */
  taken: string[]
  /** What it throws is shown, and the dialog stays. */
  onName: (name: string) => Promise<void>
  onClose: () => void
}

/** Asks what a view is to be called. */
export function ViewNameDialog({ title, isOpen, onClose, ...rest }: Props) {
  return (
    <Dialog title={title} isOpen={isOpen} onClose={onClose} width="w-96">
      <NameForm {...rest} onClose={onClose} />
    </Dialog>
  )
}

function NameForm({ first, taken, onName, onClose }: Omit<Props, 'title' | 'isOpen'>) {
  const [typed, setTyped] = useState(first)
  const [fault, setFault] = useState('')
  const name = typed.trim()
  const isTaken = taken.includes(name)
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    if (!isViewName(name)) return setFault('A name has 1 to 100 characters, and none that can’t be seen.')
    try {
      await onName(name)
      onClose()
    } catch (error) {
      setFault((error as Error).message)
    }
  }
  return (
    <form onSubmit={submit} className="grid gap-3">
      <TextField
        label="Name of the view"
        placeholder="Name"
        autoFocus
        value={typed}
        hasError={fault !== ''}
        aria-describedby="view-name-fault"
        onChange={({ target }) => {
          setTyped(target.value)
          setFault('')
        }}
      />
      <p id="view-name-fault" role="alert" className={`min-h-5 ${fault === '' ? 'text-ink-2' : 'text-failed'}`}>
        {fault || (isTaken ? 'There is a view of this name; it is replaced.' : '')}
      </p>
      <div className="flex justify-end gap-2">
        <Button look="outline" onClick={onClose}>
          Cancel
        </Button>
        <Button look="accent" type="submit" disabled={name === ''}>
          {isTaken ? 'Replace' : 'Save'}
        </Button>
      </div>
    </form>
  )
}
