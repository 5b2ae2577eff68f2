import { type ReactNode, useEffect, useState } from 'react'
import type { RunDetails } from '../api/queries.ts'
import { formatDuration, formatMoment } from '../data/format.ts'
import { durationMs } from '../data/run-cells.ts'
import { Moment } from '../ui/moment.tsx'
import { StatusMark } from '../ui/status-mark.tsx'
import { CopySign } from './copy-sign.tsx'
import { Section } from './section.tsx'

/** What state a run is in, when it was there, and what it belongs to. */
export function Facts({ run }: { run: RunDetails }) {
  const points = run.metrics.reduce((sum, { count }) => sum + count, 0)
  const lastStep = run.metrics.reduce((most, { last_step }) => Math.max(most, last_step), Number.NEGATIVE_INFINITY)
  return (
    <Section title="Run">
      <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-1 text-sm">
        <Fact name="Status">
          <StatusMark status={run.status} hasWord />
          {run.finish_reason !== null && <span className="ml-2 text-ink-2">{run.finish_reason}</span>}
        </Fact>
        {run.exit_code !== null && (
          <Fact name="Exit code">
            <span className={run.exit_code === 0 ? '' : 'text-failed'}>{run.exit_code}</span>
          </Fact>
        )}
        <Fact name="Duration">
          <Duration run={run} />
        </Fact>
        <Fact name="Created">
          <When at={run.created_at} />
        </Fact>
        <Fact name="Last heard">
          <When at={run.heard_at} />
        </Fact>
        {run.finished_at && (
          <Fact name="Finished">
            <When at={run.finished_at} />
          </Fact>
        )}
        {Number.isFinite(lastStep) && (
          <>
            <Fact name="Last step">{lastStep.toLocaleString('en')}</Fact>
            <Fact name="Points">{points.toLocaleString('en')}</Fact>
          </>
        )}
        <Fact name="Number">{run.number}</Fact>
        {run.group !== null && <Fact name="Group">{run.group}</Fact>}
        {run.job_type !== null && <Fact name="Job type">{run.job_type}</Fact>}
        <Fact name="Name">
          <Copied text={run.name} what="Copy the name" />
        </Fact>
        {run.id !== null && (
          <Fact name="Id">
            <Copied text={run.id} what="Copy the id" />
          </Fact>
        )}
      </dl>
    </Section>
  )
}

const Fact = ({ name, children }: { name: string; children: ReactNode }) => (
  <>
    <dt className="text-ink-2">{name}</dt>
    <dd className="min-w-0 break-words">{children}</dd>
  </>
)

const Copied = ({ text, what }: { text: string; what: string }) => (
  <span className="flex h-4 items-center gap-1">
    <span title={text} className="truncate font-mono">
      {text}
    </span>
    <CopySign text={() => text} what={what} />
  </span>
)

const When = ({ at }: { at: string }) => (
  <>
    <Moment at={at} /> <span className="whitespace-nowrap text-ink-3">{formatMoment(Date.parse(at))}</span>
  </>
)

/** How long the run took, or has been at it: of one that is silent, until it was heard of last. */
function Duration({ run }: { run: RunDetails }) {
  const isRunning = run.status === 'running'
  const [now, setNow] = useState(() => Date.now())
  useEffect(() => {
    if (!isRunning) return
    const timer = setInterval(() => !document.hidden && setNow(Date.now()), 1_000)
    return () => clearInterval(timer)
  }, [isRunning])
  // Its points may have times of their own: what passes since it was heard of last does so by the clock on the wall.
  const sinceMs = isRunning ? Math.max(0, now - Date.parse(run.heard_at)) : 0
  return formatDuration(durationMs(run) + sinceMs)
}
