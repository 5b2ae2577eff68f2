import { isRunName } from '@aspara/protocol/names.ts'
import { type FormEvent, useState } from 'react'
import type { TrashedRun } from '../api/queries.ts'
import { Button } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { TextField } from '../ui/field.tsx'
import { toastProblem } from '../ui/toasts.tsx'

interface RestoreProps {
  run: TrashedRun | null
  /** What it throws is shown, and the dialog stays. */
  onName: (run: TrashedRun, name: string) => Promise<void>
  onClose: () => void
}

/** A run whose name has been given to another since comes back under a name of its own. */
export function RestoreAsDialog({ run, onName, onClose }: RestoreProps) {
  return (
    <Dialog title="Restore under another name" isOpen={run !== null} onClose={onClose}>
      {run && <RestoreForm run={run} onName={onName} onClose={onClose} />}
    </Dialog>
  )
}

function RestoreForm({ run, onName, onClose }: RestoreProps & { run: TrashedRun }) {
  const [name, setName] = useState(`${run.name}-restored`)
  const [fault, setFault] = useState('')
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    if (!isRunName(name)) return setFault('A name has 1 to 255 letters, digits, _ and -.')
    try {
      await onName(run, name)
      onClose()
    } catch (error) {
      setFault((error as Error).message)
    }
  }
  return (
    <form onSubmit={submit} className="grid gap-3">
      <p>
        By now there is another run named <strong className="break-all font-medium">{run.name}</strong>.
      </p>
      <TextField
        label="Name of the restored run"
        autoFocus
        value={name}
        hasError={fault !== ''}
        aria-describedby="restore-fault"
        onChange={({ target }) => setName(target.value)}
      />
      <p id="restore-fault" role="alert" className="min-h-5 text-failed">
        {fault}
      </p>
      <div className="flex justify-end gap-2">
        <Button look="outline" onClick={onClose}>
          Cancel
        </Button>
        <Button look="accent" type="submit">
          Restore
        </Button>
      </div>
    </form>
  )
}

interface ForgetProps {
  what: TrashedRun | 'all' | null
  /** How many runs are in the trash. */
  count: number
  onForget: (trashId: string | undefined) => Promise<void>
  onClose: () => void
}

/** The one way to lose a run: it is asked for. */
export function ForgetDialog({ what, count, onForget, onClose }: ForgetProps) {
  const forget = async () => {
    onClose()
    try {
      await onForget(what === 'all' || what === null ? undefined : what.trash_id)
    } catch (error) {
      toastProblem('Not deleted', error)
    }
  }
  return (
    <Dialog title={what === 'all' ? 'Empty the trash' : 'Delete for good'} isOpen={what !== null} onClose={onClose}>
      <div className="grid gap-4">
        <p>
          {what === 'all' ? (
            `${count === 1 ? 'One run goes' : `${count.toLocaleString('en')} runs go`} for good`
          ) : (
            <>
              <strong className="break-all font-medium">{what?.display_name || what?.name}</strong> goes for good
            </>
          )}
          , with all metrics and artifacts. This can’t be undone.
        </p>
        <div className="flex justify-end gap-2">
          <Button look="outline" onClick={onClose}>
            Cancel
          </Button>
          <Button look="danger" onClick={() => void forget()}>
            {what === 'all' ? 'Empty the trash' : 'Delete for good'}
          </Button>
        </div>
      </div>
    </Dialog>
  )
}
