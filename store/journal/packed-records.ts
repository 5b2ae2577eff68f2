import type { RecordAppend } from './appends.ts'

/**
 * Records as they cross to the thread that writes: their words once each, and their numbers in one array that moves
 * without a copy. Cloning them as objects took a sixth of the time of the thread that serves requests (bench/README.md).
 */
export interface PackedRecords {
  words: string[]
  /** For each record: project, run (as places in `words`), step or NaN, timestamp, n, and n times metric and value. */
  numbers: Float64Array
}

const fixedNumbers = 5

export function packRecords(records: RecordAppend[]): PackedRecords {
  const words: string[] = []
  const places = new Map<string, number>()
  const placeOf = (word: string) => {
    let place = places.get(word)
    if (place === undefined) {
      place = words.push(word) - 1
      places.set(word, place)
    }
    return place
  }
  const numbers = new Float64Array(records.reduce((sum, { metrics }) => sum + fixedNumbers + metrics.length * 2, 0))
  let at = 0
  for (const { project, run, step, timestamp, metrics, values } of records) {
    numbers[at++] = placeOf(project)
    numbers[at++] = placeOf(run)
    numbers[at++] = step ?? Number.NaN
    numbers[at++] = timestamp
    numbers[at++] = metrics.length
    for (let index = 0; index < metrics.length; index++) {
      numbers[at++] = placeOf(metrics[index])
      numbers[at++] = values[index]
    }
  }
  return { words, numbers }
}

export function unpackRecords({ words, numbers }: PackedRecords): RecordAppend[] {
  const records: RecordAppend[] = []
  for (let at = 0; at < numbers.length; ) {
    const project = words[numbers[at++]]
    const run = words[numbers[at++]]
    const step = numbers[at++]
    const timestamp = numbers[at++]
    const count = numbers[at++]
    const metrics: string[] = []
    const values: number[] = []
    for (let index = 0; index < count; index++) {
      metrics.push(words[numbers[at++]])
      values.push(numbers[at++])
    }
    records.push({ project, run, step: Number.isNaN(step) ? null : step, timestamp, metrics, values })
  }
  return records
}
