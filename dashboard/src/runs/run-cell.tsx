import type { Run } from '../api/queries.ts'
import type { Column } from '../data/columns.ts'
import { cellValue } from '../data/run-cells.ts'
import { Moment } from '../ui/moment.tsx'
import { StatusMark } from '../ui/status-mark.tsx'

/** What a column shows of a run. */
export function RunCell({ run, column, isNumber }: { run: Run; column: Column; isNumber: boolean }) {
  if (column.kind === 'own') {
    if (column.own === 'status') return <StatusMark status={run.status} reason={run.finish_reason} hasWord />
    if (column.own === 'created') return <Moment at={run.created_at} />
    if (column.own === 'heard') return <Moment at={run.heard_at} />
    if (column.own === 'finished') return <Moment at={run.finished_at} />
    if (column.own === 'tags') return <Tags tags={run.tags} />
  }
  const { text, number, isFailure } = cellValue(run, column)
  if (text === '') return <span className={`block text-ink-3 ${isNumber ? 'text-right' : ''}`}>–</span>
  const look = isFailure ? 'font-medium text-failed' : ''
  return (
    <span
      className={`block truncate ${number === null ? '' : 'text-right'} ${look}`}
      title={text.length > 10 ? text : undefined}
    >
      {text}
    </span>
  )
}

function Tags({ tags }: { tags: string[] }) {
  if (tags.length === 0) return <span className="text-ink-3">–</span>
  return (
    <span className="flex gap-1 overflow-hidden" title={tags.join(', ')}>
      {tags.map((tag) => (
        <span
          key={tag}
          className="max-w-32 shrink-0 truncate rounded-[3px] border border-line px-1 text-ink-2 text-xs leading-4"
        >
          {tag}
        </span>
      ))}
    </span>
  )
}
