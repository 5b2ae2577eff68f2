import type { Run } from '../api/queries.ts'
import { bestOf, type Column } from './columns.ts'
import { formatDocumentValue, formatDuration, formatValue, readValue } from './format.ts'
import { documentValue } from './run-groups.ts'

/** What a column holds of a run: a number where it can be averaged, and the text that is shown. */
export interface CellValue {
  number: number | null
  text: string
  /** NaN or infinite: in the colour of failure. */
  isFailure: boolean
}

export const emptyCell: CellValue = { number: null, text: '', isFailure: false }

/** Of tags, status and moments, which are drawn in their own way, the text is for reading and counting alone. */
export function cellValue(run: Run, column: Column): CellValue {
  switch (column.kind) {
    case 'metric': {
      const summary = run.metrics.find(({ metric }) => metric === column.metric)
      if (!summary) return emptyCell
      const stat = column.stat === 'best' ? bestOf(column.metric) : column.stat
      const value = readValue(summary[stat])
      // A metric that was never finite has no min, max or mean.
      if (value === null) return summary.nonfinite > 0 ? ofNumber(Number.NaN) : emptyCell
      return ofNumber(value)
    }
    case 'config':
    case 'summary':
      return ofDocument(documentValue(run[column.kind], column.path))
    case 'own':
      return ofRun(run, column.own)
  }
}

function ofRun(run: Run, own: Extract<Column, { kind: 'own' }>['own']): CellValue {
  switch (own) {
    case 'status':
      return ofText(run.status)
    case 'created':
      return ofText(run.created_at)
    case 'finished':
      return ofText(run.finished_at ?? '')
    case 'heard':
      return ofText(run.heard_at)
    case 'duration': {
      const ms = durationMs(run)
      return { number: ms, text: formatDuration(ms), isFailure: false }
    }
    case 'tags':
      return ofText(run.tags.join(', '))
    case 'group':
      return ofText(run.group ?? '')
    case 'job_type':
      return ofText(run.job_type ?? '')
    case 'notes':
      return ofText(run.notes.split('\n', 1)[0]!)
    case 'exit_code':
      return { ...ofText(run.exit_code === null ? '' : String(run.exit_code)), isFailure: (run.exit_code ?? 0) !== 0 }
    case 'run':
      return ofText(run.name)
  }
}

/** Whether a column is one of numbers, by the first runs that have something in it: its header stands over them. */
export function isNumeric(column: Column, runs: readonly Run[]): boolean {
  if (column.kind === 'metric') return true
  const first = runs.slice(0, 50).map((run) => cellValue(run, column))
  return first.find(({ text }) => text !== '')?.number !== null && first.some(({ text }) => text !== '')
}

/** From when it began to its end; to the last sign of life of one that has none yet. */
export const durationMs = ({ duration }: Pick<Run, 'duration'>): number => Math.max(0, duration * 1_000)

const ofText = (text: string): CellValue => ({ number: null, text, isFailure: false })
const ofNumber = (number: number): CellValue => ({
  number,
  text: formatValue(number),
  isFailure: !Number.isFinite(number),
})

function ofDocument(value: unknown): CellValue {
  if (value === undefined || value === null) return emptyCell
  if (typeof value === 'number') return ofNumber(value)
  if (value === 'NaN' || value === 'Infinity' || value === '-Infinity') return ofNumber(Number(value))
  return ofText(formatDocumentValue(value))
}

/** What a column comes to in a group of runs. */
export interface GroupCell {
  text: string
  /** All of it, for whoever points at it. */
  title: string
}

/** Mean ± sample standard deviation of the finite numbers; for texts the one they share, or how many there are. */
export function groupCell(cells: readonly CellValue[]): GroupCell {
  const present = cells.filter(({ text }) => text !== '')
  if (present.length === 0) return { text: '', title: '' }
  const numbers = present.flatMap(({ number }) => (number !== null && Number.isFinite(number) ? [number] : []))
  if (present.every(({ number }) => number !== null)) {
    const nonfinite = present.length - numbers.length
    const besides = nonfinite > 0 ? `, ${nonfinite} NaN or ∞` : ''
    if (numbers.length === 0) return { text: present[0]!.text, title: `${nonfinite} NaN or ∞` }
    const { mean, std } = meanAndStd(numbers)
    const spread = numbers.length > 1 && std > 0 ? ` ± ${formatValue(std, 2)}` : ''
    return {
      text: formatValue(mean) + spread,
      title: `mean ${formatValue(mean)}${spread} of ${numbers.length}${besides}`,
    }
  }
  const texts = new Set(present.map(({ text }) => text))
  if (texts.size === 1) return { text: present[0]!.text, title: present[0]!.text }
  const listed = [...texts].slice(0, 12).join(', ') + (texts.size > 12 ? ', …' : '')
  return { text: `${texts.size} values`, title: listed }
}

/** By Welford's recurrence, which does not lose digits where the mean is large beside the spread. */
export function meanAndStd(numbers: readonly number[]): { mean: number; std: number } {
  let mean = 0
  let squares = 0
  numbers.forEach((number, at) => {
    const off = number - mean
    mean += off / (at + 1)
    squares += off * (number - mean)
  })
  return { mean, std: numbers.length > 1 ? Math.sqrt(squares / (numbers.length - 1)) : 0 }
}
