import { Trash2 } from 'lucide-react'
import type { RunDetails } from '../api/queries.ts'
import { useMayWrite } from '../api/use-may-write.ts'
import { runStyle } from '../data/run-style.ts'
import { useActions } from '../keys/actions.ts'
import { IconButton } from '../ui/button.tsx'
import { RunLine } from '../ui/run-line.tsx'
import { StatusMark } from '../ui/status-mark.tsx'
import { CompareChoice } from './compare-choice.tsx'
import { Neighbours } from './neighbours.tsx'
import { RunTitle } from './run-title.tsx'

/** Which run it is, the way to others, and what can be done with it. */
export function RunHeader({ run, onDelete }: { run: RunDetails; onDelete: () => void }) {
  const { project, name, number, status } = run
  const { mayWrite, why } = useMayWrite()
  useActions(
    mayWrite
      ? [{ id: 'run-delete', title: 'Delete this run', section: 'Run', words: 'trash remove', run: onDelete }]
      : [],
  )
  return (
    <div className="flex flex-wrap items-center gap-x-3 gap-y-1 px-4 pt-2.5 pb-1">
      <div className="flex min-w-0 flex-1 basis-72 items-center gap-2">
        <RunLine style={runStyle(number)} width={20} />
        <StatusMark status={status} reason={run.finish_reason} />
        <RunTitle run={run} />
      </div>
      <div className="flex items-center gap-1">
        <Neighbours project={project} name={name} />
        <CompareChoice project={project} name={name} />
        <IconButton
          label="Delete this run"
          title={why ?? 'Delete this run'}
          look="danger"
          disabled={!mayWrite}
          onClick={onDelete}
        >
          <Trash2 />
        </IconButton>
      </div>
    </div>
  )
}
