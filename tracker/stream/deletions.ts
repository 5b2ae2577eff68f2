import type { Removal } from '@aspara/store/catalog/deletions.ts'
import type { Stamp } from '@aspara/store/tables.ts'

/** Deletions that are remembered, of all projects; who missed more reads everything again. */
const keptMax = 1_000

interface Deletion extends Removal {
  project: string
  run: string
}

/** Which runs were deleted lately: of those nothing is left that could be found later. */
export class Deletions {
  #kept: Deletion[] = []

  note(deletion: Deletion): void {
    this.#kept.push(deletion)
    if (this.#kept.length > keptMax) this.#kept.shift()
  }

  /**
   * The runs of a project that were deleted after one commit and up to another, its last deletion as far as is known.
   * @returns undefined when one is missing
   */
  between(project: string, since: Stamp, removed: Stamp): string[] | undefined {
    if (removed <= since) return []
    const its = this.#kept.filter(
      (deletion) => deletion.project === project && deletion.stamp > since && deletion.stamp <= removed,
    )
    const isWhole = its.length > 0 && its[0].before <= since && its[its.length - 1].stamp === removed
    return isWhole ? its.map(({ run }) => run) : undefined
  }
}
