import { Backoff } from './backoff.ts'
import { documentText } from './document-text.ts'
import type { RunDocument } from './spool-format.ts'
import type { TrackerLine } from './tracker-line.ts'
import { sentenceOf } from './transport.ts'

export interface RunMade {
  name: string
  id: string
}

/**
 * Makes a run known to the tracker, as often as it takes; the same id from the same writer makes the same run. The writer
 * of a forked child does what that of the first process does: which of them comes first is chance. Its config, tags and
 * notes go with it only the first time: later ones may have replaced them.
 * @returns what it is called: not `name` when another run is, and not its id when that is another run's
 * @throws when it was stopped
 */
export async function createRun(
  line: TrackerLine,
  run: RunDocument & { id: string },
  writer: string,
  name: string | undefined,
  isFirst: boolean,
): Promise<RunMade> {
  const { project, started } = run
  const maker = run.origin ?? writer
  const wanted = name
  // What is resumed forgets how it ended: a child asks for that only where the first process is not known.
  let resume = maker === writer && run.resume
  let { id } = run
  const backoff = new Backoff()
  for (let letters = 4, conflicts = 0; ; ) {
    const fields = { name, id, resume: resume || undefined, writer: maker, started_at: started ?? undefined }
    const body = documentText({ ...(isFirst && run), ...fields })
    const answer = await line.ask({ method: 'POST', path: `/projects/${project}/runs`, body })
    if (answer.status < 300) {
      const called = answer.body?.name
      const made = { name: typeof called === 'string' ? called : (name ?? id), id }
      if (conflicts > 0) line.warn('name', renamed(run, wanted, made))
      return made
    }
    if (answer.status === 409 && run.resume && !resume) {
      resume = true
    } else if (answer.status === 409 && letters < 64 && (name || id !== maker)) {
      // The name is another run's; if another name does not help, the id is.
      if ((++conflicts > 1 || !name) && id !== maker) id = maker
      else if (conflicts > 1) letters *= 2
      // The letters are the id's, so that whoever sends this run finds the same name.
      name &&= `${(run.name ?? name).slice(0, 200)}-${id.slice(-letters)}`
    } else if (isFirst) {
      line.tellRefused("run's config", answer)
      isFirst = false
    } else {
      line.tell(sentenceOf(answer))
      await line.pause(backoff.next(answer.retryAfter))
    }
  }
}

function renamed(run: RunDocument, wanted: string | undefined, { name, id }: RunMade): string {
  if (id === run.id) return `project ${run.project} already has another run ${wanted}: this one is called ${name}`
  return (
    `project ${run.project} already has a run with the id ${run.id}: this one is kept as ${name}, with the id ${id}; ` +
    `to continue the existing one, begin with resume "allow"`
  )
}
