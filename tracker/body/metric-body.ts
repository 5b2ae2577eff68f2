import { invalidField } from '@aspara/protocol/errors.ts'
import { limits } from '@aspara/protocol/limits.ts'
import type { MetricBatch, MetricRecord, MetricValue } from '@aspara/protocol/metrics.ts'
import { metricKeyFault } from '@aspara/protocol/names.ts'
import type { RunAddress } from '@aspara/store/catalog/write-catalog.ts'
import type { BatchAppend, RecordAppend } from '@aspara/store/journal/appends.ts'
import type { Column } from '@aspara/store/journal/entry.ts'
import { checkDocument, checkTexts } from './text.ts'
import { checkTime, checkTimeIfAny } from './time.ts'

/*
 * Bodies that fit their schema, turned into what the journal takes. What no schema can say is checked here.
 */

/** @throws invalidField */
export function recordAppend({ project, run }: RunAddress, body: MetricRecord, nowMs: number): RecordAppend {
  const timestamp = checkTimeIfAny(['body', 'timestamp'], body.timestamp) ?? nowMs
  const metrics = Object.keys(body.metrics)
  const values = metrics.map((metric) => {
    checkKey(metric)
    return numberOf(body.metrics[metric])
  })
  return { project, run, step: body.step ?? null, timestamp, metrics, values }
}

/** @throws invalidField */
export function batchAppend({ project, run }: RunAddress, body: MetricBatch, nowMs: number): BatchAppend {
  const names = Object.keys(body.metrics)
  const rowCount = (body.steps ?? body.timestamps ?? body.metrics[names[0]] ?? []).length
  const columnCount = names.length + 2
  if (rowCount * columnCount > limits.batchCellsMax) {
    throw invalidField(
      ['body', 'metrics'],
      `a batch has at most ${limits.batchCellsMax} cells, this one ${rowCount * columnCount}`,
    )
  }
  const checkLength = (loc: string[], length: number) => {
    if (length === rowCount) return
    throw invalidField(
      ['body', ...loc],
      `columns must be of equal length: this one has ${length}, the first ${rowCount}`,
    )
  }
  if (body.timestamps) checkLength(['timestamps'], body.timestamps.length)

  const steps = new Float64Array(rowCount)
  const timestamps = new Float64Array(rowCount)
  for (let row = 0; row < rowCount; row++) {
    steps[row] = body.steps?.[row] ?? Number.NaN
    timestamps[row] = checkTime(['body', 'timestamps', row], body.timestamps?.[row] ?? nowMs, 'milliseconds')
  }
  const columns: Column[] = []
  for (const metric of names) {
    checkKey(metric)
    const cells = body.metrics[metric]
    checkLength(['metrics', metric], cells.length)
    const column = columnOf(metric, cells)
    if (column.values.length > 0) columns.push(column)
  }
  const { label } = checkTexts({ label: body.label })
  return {
    project,
    run,
    writer: body.writer.toLowerCase(),
    sequence: body.sequence,
    steps,
    timestamps,
    columns,
    ...(typeof label === 'string' && { label }),
    ...(body.client && { client: clientText(body.client) }),
  }
}

/** @throws invalidField */
function clientText(client: Record<string, unknown>): string {
  const text = JSON.stringify(checkDocument('client', client))
  if (Buffer.byteLength(text) > limits.clientBytesMax) {
    throw invalidField(['body', 'client'], `has at most ${limits.clientBytesMax} bytes as JSON`)
  }
  return text
}

/** A column without its nulls. */
function columnOf(metric: string, cells: (MetricValue | null)[]): Column {
  const values = new Float64Array(cells.length)
  let count = 0
  let rows: Uint32Array | undefined
  for (let row = 0; row < cells.length; row++) {
    const cell = cells[row]
    if (cell === null) {
      // The first gap: until here every row had a value.
      rows ??= firstRows(cells.length)
      continue
    }
    if (rows) rows[count] = row
    values[count++] = typeof cell === 'number' ? cell : Number(cell)
  }
  return rows ? { metric, values: values.slice(0, count), rows: rows.slice(0, count) } : { metric, values, rows }
}

function firstRows(count: number): Uint32Array {
  const rows = new Uint32Array(count)
  for (let row = 0; row < count; row++) rows[row] = row
  return rows
}

const numberOf = (value: MetricValue): number => (typeof value === 'number' ? value : Number(value))

function checkKey(metric: string): void {
  const fault = metricKeyFault(metric)
  if (fault) throw invalidField(['body', 'metrics', metric.toWellFormed().slice(0, limits.metricKeyBytesMax)], fault)
}
