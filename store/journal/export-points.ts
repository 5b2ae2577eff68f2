import { problem } from '@aspara/protocol/errors.ts'
import type { ExportFormat } from '@aspara/protocol/metrics.ts'
import { findRunId } from '../catalog/read-catalog.ts'
import type { RunAddress } from '../catalog/write-catalog.ts'
import type { Database } from '../engines/engine.ts'
import type { RunId } from '../tables.ts'
import { decodeEntry, type Entry } from './entry.ts'

export interface ExportRequest extends RunAddress {
  format: ExportFormat
  /** undefined: all metrics. */
  metrics: string[] | undefined
}

/** Entries whose steps are merged at once, and of which the bodies are in memory: so many, and so many bytes. */
const entriesPerPage = 256
const bytesPerPage = 1024 * 1024
/** A piece of text as it leaves: large enough that a million lines are some hundred pieces. */
const pieceChars = 256 * 1024

/**
 * Every point of a run in step order, as text; points of one step in the order in which they came.
 *
 * Entries are read by their lowest step, a page at a time, and a row leaves as soon as no later entry can hold an earlier
 * step. Memory is a page and what overlaps it: two or three entries for a run that logs in order, all of them only if
 * each entry spans the whole run.
 * @throws runNotFound
 */
export async function* exportPoints(db: Database, request: ExportRequest): AsyncGenerator<Uint8Array> {
  const run = await findRunId(db, request)
  // Entries never change, so the ones before this position are a snapshot, with no transaction held open for a slow reader.
  const head = await db.selectFrom('heads').select('next_position').where('run', '=', run).executeTakeFirst()
  if (!head) throw problem('runNotFound')
  const write = request.format === 'csv' ? csvLine : jsonLine
  const encoder = new TextEncoder()
  let text = request.format === 'csv' ? 'metric,step,timestamp,value\n' : ''
  for await (const rows of rowsInOrder(db, run, head.next_position, request.metrics)) {
    for (const { source, row } of rows) {
      const step = source.entry.steps[row]
      const timestamp = source.entry.timestamps[row]
      source.entry.columns.forEach((column, index) => {
        const at = column.rows ? source.sparseIndex(index, row) : row
        if (at !== undefined) text += write(source.labels[index], step, timestamp, column.values[at])
      })
      if (text.length >= pieceChars) {
        yield encoder.encode(text)
        text = ''
      }
    }
  }
  // Had the run been deleted meanwhile, what came so far must not pass for all of it.
  if ((await findRunId(db, request)) !== run) throw problem('runNotFound')
  if (text !== '') yield encoder.encode(text)
}

interface Label {
  json: string
  csv: string
}

function labelOf(metric: string): Label {
  // RFC 4180: quoted when it holds a comma, a quote or a line break; no name of ours holds the last.
  return { json: JSON.stringify(metric), csv: /[",]/.test(metric) ? `"${metric.replaceAll('"', '""')}"` : metric }
}

function jsonLine(label: Label, step: number, timestamp: number, value: number): string {
  const number = Number.isFinite(value) ? (Object.is(value, -0) ? '-0' : value) : `"${value}"`
  return `{"metric":${label.json},"step":${step},"timestamp":${timestamp},"value":${number}}\n`
}

function csvLine(label: Label, step: number, timestamp: number, value: number): string {
  return `${label.csv},${step},${timestamp},${Object.is(value, -0) ? '-0' : value}\n`
}

/** An entry of which rows are still to leave. */
class Source {
  readonly position: number
  readonly entry: Entry
  readonly labels: Label[]
  /** For each sparse column, the index of its value in each row; made when first asked. */
  #indexes = new Map<number, Map<number, number>>()

  constructor(position: number, entry: Entry) {
    this.position = position
    this.entry = entry
    this.labels = entry.columns.map((column) => labelOf(column.metric))
  }

  sparseIndex(column: number, row: number): number | undefined {
    let index = this.#indexes.get(column)
    if (!index) {
      index = new Map()
      const rows = this.entry.columns[column].rows as Uint32Array
      for (let at = 0; at < rows.length; at++) index.set(rows[at], at)
      this.#indexes.set(column, index)
    }
    return index.get(row)
  }
}

interface Row {
  source: Source
  row: number
}

/** The rows of a run's entries in order of step, position, row; in groups. */
async function* rowsInOrder(
  db: Database,
  run: RunId,
  beforePosition: number,
  metrics: string[] | undefined,
): AsyncGenerator<Row[]> {
  const wanted = metrics && new Set(metrics)
  let waiting: Row[] = []
  let after: Place | undefined
  for (;;) {
    const places = await readPlaces(db, run, beforePosition, after)
    const count = countThatFit(places)
    for (const { position, body } of await readBodies(db, run, beforePosition, after, count)) {
      const entry = decodeEntry(body)
      if (wanted) entry.columns = entry.columns.filter((column) => wanted.has(column.metric))
      const source = new Source(position, entry)
      for (let row = 0; row < entry.steps.length; row++) waiting.push({ source, row })
    }
    waiting.sort(
      (a, b) =>
        a.source.entry.steps[a.row] - b.source.entry.steps[b.row] ||
        a.source.position - b.source.position ||
        a.row - b.row,
    )
    const next = places.at(count)
    if (!next) {
      yield waiting
      return
    }
    // A step that the next entry starts with has to wait for it.
    const ready = firstAtOrAfter(waiting, next.step_min)
    yield waiting.slice(0, ready)
    waiting = waiting.slice(ready)
    after = places[count - 1]
  }
}

/** Where an entry stands among those of its run, by step. */
interface Place {
  step_min: number
  position: number
}

/** The places of a page of entries and the one after it, which tells what may leave. */
function readPlaces(db: Database, run: RunId, beforePosition: number, after: Place | undefined) {
  return entriesAfter(db, run, beforePosition, after)
    .select(['step_min', 'position', (eb) => eb.fn<number>('length', ['body']).as('bytes')])
    .limit(entriesPerPage + 1)
    .execute()
}

function readBodies(db: Database, run: RunId, beforePosition: number, after: Place | undefined, count: number) {
  return entriesAfter(db, run, beforePosition, after).select(['position', 'body']).limit(count).execute()
}

function entriesAfter(db: Database, run: RunId, beforePosition: number, after: Place | undefined) {
  const query = db
    .selectFrom('journal')
    .where('run', '=', run)
    .where('position', '<', beforePosition)
    .orderBy('step_min')
    .orderBy('position')
  if (!after) return query
  return query.where((eb) => eb.eb(eb.refTuple('step_min', 'position'), '>', eb.tuple(after.step_min, after.position)))
}

/** How many entries make a page: at least one, whatever its size. */
function countThatFit(places: { bytes: number }[]): number {
  let bytes = 0
  let count = 0
  while (
    count < places.length &&
    count < entriesPerPage &&
    (count === 0 || bytes + places[count].bytes <= bytesPerPage)
  ) {
    bytes += places[count++].bytes
  }
  return count
}

/** How many of the rows, in order, have a lower step. */
function firstAtOrAfter(rows: Row[], step: number): number {
  let low = 0
  let high = rows.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (rows[middle].source.entry.steps[rows[middle].row] < step) low = middle + 1
    else high = middle
  }
  return low
}
