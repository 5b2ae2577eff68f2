import { Backoff } from './backoff.ts'
import { documentText } from './document-text.ts'
import type { RunDocument } from './spool-format.ts'
import type { TrackerLine } from './tracker-line.ts'
import { sentenceOf } from './transport.ts'

/**
 * Makes a run known to the tracker, as often as it takes; the same id makes the same run. Its config, tags and notes go with
 * it only the first time: later ones may have replaced them.
 * @returns what it is called: not `name` when another run is
 * @throws when it was stopped
 */
export async function createRun(
  line: TrackerLine,
  run: RunDocument & { id: string },
  name: string | undefined,
  isFirst: boolean,
): Promise<string> {
  const { project, id, resume } = run
  const backoff = new Backoff()
  for (let letters = 4; ; ) {
    const body = documentText({ ...(isFirst && run), name, id, resume })
    const answer = await line.ask({ method: 'POST', path: `/projects/${project}/runs`, body })
    if (answer.status < 300) return String(answer.body?.name)
    if (answer.status === 409 && name && letters < 64) {
      // The letters are the id's, so that whoever sends this run finds the same name.
      const taken = name
      name = `${(run.name ?? name).slice(0, 200)}-${id.slice(-letters)}`
      letters *= 2
      line.warn('name', `${project} has another run ${taken}: this one is called ${name}`)
    } else if (isFirst) {
      line.tellRefused("run's config", answer)
      isFirst = false
    } else {
      line.tell(sentenceOf(answer))
      await line.pause(backoff.next(answer.retryAfter))
    }
  }
}
