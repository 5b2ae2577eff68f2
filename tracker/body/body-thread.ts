import { parentPort } from 'node:worker_threads'
import { Problem, type ProblemMessage, problem } from '@aspara/protocol/errors.ts'
import { limits } from '@aspara/protocol/limits.ts'
import type { RunAddress } from '@aspara/store/catalog/write-catalog.ts'
import type { BatchAppend } from '@aspara/store/journal/appends.ts'
import type { Column } from '@aspara/store/journal/entry.ts'
import { settleHeap } from '@aspara/store/threads/settle-heap.ts'
import { readBatch } from './batch-body.ts'
import { type Encoding, expandedPieces } from './expand.ts'
import { batchBounds, StructureScan } from './structure.ts'

/** A large batch that is to be read. */
export interface BodyMessage {
  bytes: Uint8Array
  encoding: Encoding | undefined
  address: RunAddress
  nowMs: number
}

export type BodyAnswer = { batch: BatchAppend } | { problem: ProblemMessage; cause?: string }

parentPort?.on('message', async (message: BodyMessage) => {
  try {
    const batch = packed(await read(message))
    parentPort?.postMessage({ batch } satisfies BodyAnswer, buffersOf(batch))
  } catch (error) {
    parentPort?.postMessage(failure(error))
  }
  if (bytesRead < settleBytes) return
  bytesRead = 0
  settleHeap()
})

/** Once so much has been read, what was made of it is given back: 20 ms of work. */
const settleBytes = 16 * 1024 * 1024
let bytesRead = 0

async function read({ bytes, encoding, address, nowMs }: BodyMessage): Promise<BatchAppend> {
  return readBatch(encoding ? await expanded(encoding, bytes) : scanned(bytes), address, nowMs)
}

/** The same bytes. @throws invalidField when parsing them would take more than a batch does */
function scanned(bytes: Uint8Array): Uint8Array {
  bytesRead += bytes.length
  new StructureScan(batchBounds).add(bytes)
  return bytes
}

/** Looked over as it comes: what is refused never grows to its full size. */
async function expanded(encoding: Encoding, bytes: Uint8Array): Promise<Uint8Array> {
  const scan = new StructureScan(batchBounds)
  const bytesMax = limits.batchBytesExpandedMax
  // A buffer that can grow is given back to the system as soon as it is garbage; others stay with the C library.
  const whole = new Uint8Array(new ArrayBuffer(0, { maxByteLength: bytesMax }))
  for await (const piece of expandedPieces(encoding, bytes)) {
    const size = whole.length
    bytesRead += piece.length
    if (size + piece.length > bytesMax) throw problem('bodyTooLarge', bytesMax)
    scan.add(piece)
    whole.buffer.resize(size + piece.length)
    whole.set(piece, size)
  }
  return whole
}

/** All columns in the same two buffers: ten thousand of their own would each be a move from thread to thread. */
function packed(batch: BatchAppend): BatchAppend {
  const valueCount = batch.columns.reduce((sum, { values }) => sum + values.length, 0)
  const rowCount = batch.columns.reduce((sum, { rows }) => sum + (rows?.length ?? 0), 0)
  const allValues = new Float64Array(valueCount)
  const allRows = new Uint32Array(rowCount)
  let value = 0
  let row = 0
  const columns: Column[] = batch.columns.map(({ metric, values, rows }) => {
    allValues.set(values, value)
    value += values.length
    const moved = { metric, values: allValues.subarray(value - values.length, value), rows: undefined }
    if (!rows) return moved
    allRows.set(rows, row)
    row += rows.length
    return { ...moved, rows: allRows.subarray(row - rows.length, row) }
  })
  return { ...batch, columns }
}

function buffersOf({ steps, timestamps, columns }: BatchAppend): ArrayBuffer[] {
  const rows = columns.find((column) => column.rows)?.rows
  const arrays = [steps, timestamps, columns[0]?.values, rows]
  return [...new Set(arrays.flatMap((array) => (array ? [array.buffer as ArrayBuffer] : [])))]
}

/** What is thrown becomes a problem: the caller's, or a bug of ours with its stack. */
function failure(error: unknown): BodyAnswer {
  if (error instanceof Problem) return { problem: error.toMessage() }
  return { problem: problem('internal').toMessage(), cause: error instanceof Error ? error.stack : String(error) }
}
