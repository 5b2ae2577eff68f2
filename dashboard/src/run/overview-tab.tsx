import { useQuery } from '@tanstack/react-query'
import { type RunDetails, writersQuery } from '../api/queries.ts'
import { DocumentTree } from './document-tree.tsx'
import { Facts } from './facts.tsx'
import { MetricsTable } from './metrics-table.tsx'
import { Notes } from './notes.tsx'
import { Section } from './section.tsx'
import { TagsEditor } from './tags-editor.tsx'
import { useFreshWith } from './use-fresh-with.ts'
import { Writers } from './writers.tsx'

/** What a run is and what came of it, on one page. */
export function OverviewTab({ run }: { run: RunDetails }) {
  const { data: writers } = useQuery(writersQuery(run.project, run.name))
  useFreshWith(run, 'writers')
  return (
    <div className="grid gap-x-8 gap-y-6 p-4 lg:grid-cols-[280px_minmax(0,1fr)]">
      <div className="flex min-w-0 flex-col gap-6">
        <Facts run={run} />
        <TagsEditor run={run} />
      </div>
      <div className="flex min-w-0 flex-col gap-6">
        <Notes run={run} />
        <MetricsTable metrics={run.metrics} isRunning={run.status === 'running'} />
        <div className="grid gap-x-8 gap-y-6 xl:grid-cols-2">
          <Section title="Config">
            <DocumentTree document={run.config} label="Config" prefix="config" />
          </Section>
          <Section title="Summary">
            <DocumentTree document={run.summary} label="Summary" prefix="summary" />
          </Section>
        </div>
        <Writers writers={writers ?? run.writers} createdAt={run.created_at} />
      </div>
    </div>
  )
}
