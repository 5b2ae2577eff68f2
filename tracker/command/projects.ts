import { parseArgs } from 'node:util'
import type { Project } from '@aspara/protocol/projects.ts'
import { clientSettings } from '../config.ts'
import { ago, askPages, clientFlags, clientFlagsHelp, shown } from './ask-tracker.ts'
import { printJson, table } from './print.ts'

const help = `aspara projects: lists the projects of a tracker

${clientFlagsHelp}`

export async function projectsCommand(args: string[]): Promise<void> {
  const { values } = parseArgs({ args, options: clientFlags })
  if (values.help) return void process.stdout.write(help)
  const settings = clientSettings(values)
  const projects = await askPages<Project>(settings, '/projects', 'projects')
  if (values.json) return void printJson({ projects })
  const rows = shown(settings, () =>
    projects.map((project) => [
      project.name,
      String(project.runs),
      ago(project.heard_at, Date.now()),
      project.tags.join(', '),
    ]),
  )
  process.stdout.write(rows.length === 0 ? 'No projects yet.\n' : table(['PROJECT', 'RUNS', 'HEARD', 'TAGS'], rows))
}
