import { encodePoints, encodeRollups, pointsPerChunk, rollupsPerChunk } from './chunk.ts'
import { countBelow, type Points, slicePoints } from './points.ts'
import type { Rollups } from './rollups.ts'

/** A chunk that is to be written. */
export interface Piece {
  firstStep: number
  part: number
  body: Uint8Array
}

/**
 * Cuts points into chunks. A step is never cut, so that all of its points are found where it begins; only one that has
 * more of them than a chunk holds has chunks of its own, told apart by their parts.
 *
 * @param part of the first piece: 0, or that of the chunk that is replaced and goes on with a step it shares with others
 * @param isLast fill each chunk; otherwise they are of about equal size, so that the next late point does not cut again
 */
export function cutPoints(points: Points, part: number, isLast: boolean): Piece[] {
  const { steps } = points
  const count = steps.length
  const size = isLast ? pointsPerChunk : Math.ceil(count / Math.ceil(count / pointsPerChunk))
  const pieces: Piece[] = []
  const put = (from: number, to: number, number: number) => {
    pieces.push({ firstStep: steps[from], part: number, body: encodePoints(slicePoints(points, from, to)) })
  }
  const putOneStep = (from: number, to: number, firstPart: number) => {
    let number = firstPart
    for (let start = from; start < to; start += pointsPerChunk) {
      put(start, Math.min(start + pointsPerChunk, to), number++)
    }
  }
  let at = 0
  if (part > 0) {
    at = countBelow(steps, steps[0] + 1)
    putOneStep(0, at, part)
  }
  while (at < count) {
    let end = Math.min(at + size, count)
    if (end < count && steps[end - 1] === steps[end]) {
      const stepStart = countBelow(steps, steps[end], at)
      const stepEnd = countBelow(steps, steps[end] + 1, end)
      if (stepStart === at && stepEnd - at > pointsPerChunk) {
        putOneStep(at, stepEnd, 0)
        at = stepEnd
        continue
      }
      end = stepStart > at ? stepStart : stepEnd
    }
    put(at, end, 0)
    at = end
  }
  return pieces
}

/** The same for rollups, of which no two begin with the same step. */
export function cutRollups(rollups: Rollups, isLast: boolean): Piece[] {
  const { length, start } = rollups
  const size = isLast ? rollupsPerChunk : Math.ceil(length / Math.ceil(length / rollupsPerChunk))
  const pieces: Piece[] = []
  for (let from = 0; from < length; from += size) {
    const part = rollups.slice(from, Math.min(from + size, length))
    // The lowest span of all begins below the lowest step, where an integer is none that every reader of a database can take.
    const firstStep = Math.max(start[from], Number.MIN_SAFE_INTEGER)
    pieces.push({ firstStep, part: 0, body: encodeRollups(part) })
  }
  return pieces
}
