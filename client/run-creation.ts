import { Backoff } from './backoff.ts'
import { documentText } from './document-text.ts'
import type { RunDocument } from './spool-format.ts'
import type { TrackerLine } from './tracker-line.ts'
import { sentenceOf } from './transport.ts'

/**
 * Makes a run known to the tracker, as often as it takes; the same id makes the same run. Its config, tags and notes go with
 * it only the first time: later ones may have replaced them.
 * @returns what it is called: not `name` when another run is
 * @throws Stopped
 */
export async function createRun(
  line: TrackerLine,
  run: RunDocument & { id: string },
  name: string | undefined,
  isFirst: boolean,
): Promise<string> {
  const { project, id, config, tags, notes, project_tags, group, job_type, display_name } = run
  let details: object = isFirst ? { config, tags, notes, project_tags, group, job_type, display_name } : {}
  const backoff = new Backoff()
  for (let letters = 4; ; ) {
    const body = documentText({ name: name ?? null, id, ...details, resume: run.resume ?? false })
    const answer = await line.ask({ method: 'POST', path: `/projects/${project}/runs`, body })
    if (answer.status < 300) return String(answer.body?.name ?? name)
    if (answer.status === 409 && name !== undefined && letters <= 32) {
      // The letters are the id's, so that whoever sends this run finds the same name.
      const taken = name
      name = `${(run.name ?? name).slice(0, 220)}-${id.replaceAll(/[^0-9A-Za-z]/g, '').slice(-letters)}`
      letters *= 2
      line.warn('name', `there is another run ${taken} in ${project}: this one is called ${name}`)
    } else if (Object.keys(details).length > 0) {
      line.warn('run', `the tracker refused the run's config, tags or notes: ${sentenceOf(answer)}`)
      line.stats.refused++
      details = {}
    } else {
      line.tell(sentenceOf(answer))
      await line.pause(backoff.next(answer.retryAfterMs))
    }
  }
}
