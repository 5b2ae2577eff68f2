import { Problem, type ProblemMessage, problem } from '@aspara/protocol/errors.ts'
import type { Engine } from '../engines/engine.ts'
import { EntryCorrupt } from '../journal/entry.ts'
import { ChunkCorrupt } from '../series/columns.ts'

/** How a deed or a question went, as it crosses threads. null: well, and there is nothing to tell, as for most. */
export type Outcome = null | { value: unknown } | { problem: ProblemMessage; cause?: string }

export const done = (value: unknown): Outcome => (value === undefined ? null : { value })

/** What is on the disk can't be read, or is not what was written; undefined when the error is something else. */
export function diskFaultOf(error: unknown, engine: Engine): string | undefined {
  const isDamage = error instanceof ChunkCorrupt || error instanceof EntryCorrupt
  return isDamage ? `${engine.place}: ${error.message}` : engine.diskFaultOf(error)
}

/** What an error means to the caller; undefined when it is a mistake of ours. */
const problemOf = (error: unknown, engine: Engine) =>
  diskFaultOf(error, engine) === undefined ? engine.problemOf(error) : problem('diskUnreadable')

/** Faults of the disk that this thread has logged: whoever asks for the same meets the same. */
const logged = new Set<string>()
/** A disk that has more of them needs no list. */
const loggedMax = 100

/** Whether an error is a fault of the world, not of ours. That the disk could not be read is logged, the first time. */
export function isOutsideFault(error: unknown, engine: Engine): boolean {
  const fault = diskFaultOf(error, engine)
  if (fault !== undefined && !logged.has(fault) && logged.size < loggedMax) {
    logged.add(fault)
    console.error(`The disk could not be read: ${fault}. Requests that need what is there are answered with status 500`)
  }
  return problemOf(error, engine) !== undefined
}

/** What is thrown becomes a problem: the caller's, the world's, or a bug of ours with its stack. */
export function failure(error: unknown, engine: Engine): Outcome {
  if (error instanceof Problem) return { problem: error.toMessage() }
  isOutsideFault(error, engine)
  const cause = error instanceof Error ? (error.stack ?? error.message) : String(error)
  return { problem: (problemOf(error, engine) ?? problem('internal')).toMessage(), cause }
}

/** The value of an outcome, or its problem thrown. */
export function unwrap(outcome: Outcome): unknown {
  if (outcome === null) return undefined
  if ('value' in outcome) return outcome.value
  const error = new Problem(outcome.problem)
  if (outcome.cause !== undefined) error.cause = outcome.cause
  throw error
}
