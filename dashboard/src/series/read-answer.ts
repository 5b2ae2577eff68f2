import { Line } from './line.ts'

type Cell = number | 'NaN' | 'Infinity' | '-Infinity' | null

/** A line as GET …/series answers it. */
export interface AnsweredLine {
  run: string
  metric: string
  count: number
  exact: boolean
  x: number[]
  y: Cell[]
  min?: Cell[]
  max?: Cell[]
  nonfinite?: number[]
  finite?: number[]
  /** Along anything but steps: the step of each point, or the first of each bucket's span. */
  step?: number[]
  start?: number
}

export interface SeriesAnswer {
  cursor: string
  bucket: number
  series: AnsweredLine[]
}

/** Columns that a chart can draw and fold into. */
export function readLine(answer: AnsweredLine, bucket: number, cursor: number): Line {
  const { run, exact, x, y } = answer
  const line = new Line(run, { exact, bucket: exact ? 1 : bucket, cursor, capacity: x.length })
  const { length } = x
  line.length = length
  line.count = answer.count
  line.start = answer.start ?? 0
  fill(line.step, answer.step ?? x)
  if (answer.step) {
    line.x = new Float64Array(length)
    fill(line.x, x)
  } else if (!exact) {
    // The first bucket begins where its first point is; the grid goes by multiples.
    for (let row = 0; row < length; row++) line.step[row] = Math.floor(line.step[row]! / bucket) * bucket
  }
  if (length > 0) line.lastStep = line.step[length - 1]!
  fill(line.y, y)
  if (!exact) {
    fill(line.min, answer.min!)
    fill(line.max, answer.max!)
    fill(line.nonfinite, answer.nonfinite!)
    fill(line.finite, answer.finite!)
  }
  return line
}

/** Words of non-finite numbers become the numbers, null NaN. */
function fill(column: Float64Array, cells: Cell[]): void {
  for (let row = 0; row < cells.length; row++) {
    const cell = cells[row]!
    column[row] = typeof cell === 'number' ? cell : cell === null ? Number.NaN : Number(cell)
  }
}
