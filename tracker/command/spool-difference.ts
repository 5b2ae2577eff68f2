import { Api } from 'aspara/api.ts'
import { SpoolReader } from 'aspara/spool-reader.ts'
import type { ClientSettings } from '../config.ts'

/** Points that are held in memory at once, some 100 bytes each. */
const pointsMax = 5_000_000

export interface Compared {
  folder: string
  project: string
  run: string
  /** Of the spool's rows, those that the tracker says it has; refused ones are passed over. */
  rows: number
  isRefused: (row: number) => boolean
}

/**
 * The first point of a spool that its run does not have at the tracker, as the end of a sentence; undefined when all are
 * there, or the run has too many to tell.
 */
export async function findDifference(
  { folder, project, run, rows, isRefused }: Compared,
  { trackerUri, token }: ClientSettings,
): Promise<string | undefined> {
  const stored = await readPoints(new Api(trackerUri, { token }), project, run)
  if (!stored) return undefined
  const reader = new SpoolReader(folder)
  try {
    let seen = 0
    for (let item = reader.peek(); item && seen < rows; item = reader.peek()) {
      if (!item.document && !isRefused(reader.row)) {
        seen++
        for (const [index, key] of item.keys.entries()) {
          const value = item.values[item.at + index]
          const there = stored.get(key)?.get(item.step) ?? []
          const place = there.findIndex((one) => Object.is(one, value))
          const says = there.length === 0 ? 'nothing' : there.join(', ')
          if (place < 0) {
            return `row ${reader.row}, step ${item.step}: ${key} is ${value} in the spool, and the tracker has ${says} there`
          }
          // What two rows have in common must be there twice.
          there.splice(place, 1)
        }
      }
      reader.pass()
    }
    return undefined
  } finally {
    reader.close()
  }
}

async function readPoints(api: Api, project: string, run: string) {
  const stored = new Map<string, Map<number, number[]>>()
  let points = 0
  for await (const { metric, step, value } of (await api.run(project, run)).points()) {
    if (++points > pointsMax) return undefined
    const steps = stored.get(metric) ?? new Map<number, number[]>()
    stored.set(metric, steps)
    const values = steps.get(step)
    if (values) values.push(value)
    else steps.set(step, [value])
  }
  return stored
}
