import { parseArgs } from 'node:util'
import type { Run, RunDetails } from '@aspara/protocol/runs.ts'
import { clientSettings, SettingError } from '../config.ts'
import { ago, askPages, askTracker, clientFlags, clientFlagsHelp, shown } from './ask-tracker.ts'
import { printJson, table } from './print.ts'
import { writerTables } from './writer-tables.ts'

const help = `aspara runs PROJECT [RUN]: lists the runs of a project, newest first, or shows one
aspara runs show PROJECT RUN: the same

${clientFlagsHelp}`

const glyphs = { running: '●', lost: '○', finished: '✓', failed: '✕' }

export async function runsCommand(args: string[]): Promise<void> {
  const { values, positionals } = parseArgs({ args, options: clientFlags, allowPositionals: true })
  if (values.help) return void process.stdout.write(help)
  // A project may be called show: the word is one only where a project and a run follow it.
  const [project, name, ...more] =
    positionals.length === 3 && positionals[0] === 'show' ? positionals.slice(1) : positionals
  if (project === undefined || more.length > 0) throw new SettingError('expected aspara runs PROJECT [RUN]')
  const settings = clientSettings(values)
  const path = `/projects/${encodeURIComponent(project)}/runs`

  if (name !== undefined) {
    const run = await askTracker<RunDetails>(settings, `${path}/${encodeURIComponent(name)}`)
    return void (values.json ? printJson(run) : process.stdout.write(shown(settings, () => describe(run))))
  }
  const runs = await askPages<Run>(settings, path, 'runs')
  if (values.json) return void printJson({ runs })
  const rows = shown(settings, () =>
    runs.map((run) => [
      `${glyphs[run.status]} ${run.name}`,
      run.status,
      ago(run.heard_at, Date.now()),
      String(run.metrics.reduce((sum, metric) => sum + metric.count, 0)),
      run.tags.join(', '),
    ]),
  )
  process.stdout.write(rows.length === 0 ? 'No runs yet.\n' : table(['RUN', 'STATUS', 'HEARD', 'POINTS', 'TAGS'], rows))
}

function describe(run: RunDetails): string {
  const facts = [
    ['status', `${glyphs[run.status]} ${run.status}${run.exit_code === null ? '' : ` (exit code ${run.exit_code})`}`],
    ...(run.finish_reason === null ? [] : [['reason', run.finish_reason]]),
    ['created', run.created_at],
    ['heard', run.heard_at],
    ...(run.finished_at === null ? [] : [['finished', run.finished_at]]),
    ...(run.display_name === null ? [] : [['shown as', run.display_name]]),
    ...(run.group === null ? [] : [['group', run.group]]),
    ...(run.job_type === null ? [] : [['job type', run.job_type]]),
    ...(run.tags.length === 0 ? [] : [['tags', run.tags.join(', ')]]),
    ...(run.notes === '' ? [] : [['notes', run.notes]]),
    ...documentRows('config', run.config),
    ...documentRows('summary', run.summary),
  ]
  const metrics = run.metrics.map((metric) =>
    [metric.metric, metric.count, metric.last_step, metric.last, metric.min ?? '', metric.max ?? ''].map(String),
  )
  const heading = ['METRIC', 'POINTS', 'LAST STEP', 'LAST', 'MIN', 'MAX']
  return `${table([`${run.project}/${run.name}`, ''], facts)}${metrics.length === 0 ? '' : `\n${table(heading, metrics)}`}${writerTables(run.writers, Date.now())}`
}

const documentRows = (part: string, document: Record<string, unknown>) =>
  Object.entries(document).map(([key, value]) => [
    `${part}.${key}`,
    typeof value === 'string' ? value : JSON.stringify(value),
  ])
