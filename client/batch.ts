import type { Source } from './keeper.ts'

export const batchRowsMax = 20_000
/** The tracker counts steps and timestamps, too. */
const cellsMax = 1_000_000

export interface Batch {
  rows: number
  points: number
  /** `"steps":[…],"timestamps":[…],"metrics":{…}` */
  text: string
}

/**
 * Rows from where the source stands, as columns of JSON, until `rowsMax`, about `charsMax` of text, a document, or what one request carries well.
 * Rows of other metrics may stand in one batch as long as most of its cells have a value.
 * @returns undefined when what comes next is no row
 */
export function takeBatch(source: Source, rowsMax: number, charsMax = 250_000): Batch | undefined {
  const columns = new Map<string, Column>()
  let steps = ''
  let times = ''
  let rows = 0
  let points = 0
  let chars = 0
  for (;;) {
    const row = source.peek()
    if (!row || row.document) break
    const { keys, values, at } = row
    let added = 0
    for (const key of keys) if (!columns.has(key)) added++
    const cells = (rows + 1) * (columns.size + added + 2)
    const isSparse = cells > 4 * (points + keys.length + 2 * rows) + 10_000
    if (rows > 0 && (rows >= rowsMax || cells > cellsMax || chars > charsMax || isSparse)) break
    const comma = rows === 0 ? '' : ','
    const head = `${comma}${row.step}`
    const time = `${comma}${row.time}`
    steps += head
    times += time
    chars += head.length + time.length
    for (let index = 0; index < keys.length; index++) {
      let column = columns.get(keys[index])
      if (!column) {
        column = { text: '', rows: 0 }
        columns.set(keys[index], column)
      }
      if (column.rows < rows) column.text += 'null,'.repeat(rows - column.rows)
      const text = numberText(values[at + index])
      column.text += `${text},`
      column.rows = rows + 1
      chars += text.length + 1
    }
    rows++
    points += keys.length
    source.pass()
  }
  if (rows === 0) return undefined
  const metrics: string[] = []
  for (const [key, column] of columns) {
    const text = column.text + 'null,'.repeat(rows - column.rows)
    metrics.push(`${JSON.stringify(key)}:[${text.slice(0, -1)}]`)
  }
  return { rows, points, text: `"steps":[${steps}],"timestamps":[${times}],"metrics":{${metrics.join(',')}}` }
}

interface Column {
  text: string
  rows: number
}

/** A double as JSON, -0 and non-finite ones among them. */
function numberText(value: number): string {
  if (value === 0) return Object.is(value, -0) ? '-0' : '0'
  return Number.isFinite(value) ? `${value}` : `"${value}"`
}
