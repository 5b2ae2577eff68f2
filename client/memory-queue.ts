import type { Item, Keeper, Row, Shape, Source } from './keeper.ts'
import type { SpoolDocument } from './spool-format.ts'

/** A document, or rows of one shape that came one after the other: step, time and values of each. */
interface Block {
  document?: SpoolDocument
  keys: readonly string[]
  cells: number[]
}

/** A document counts as so many. */
const documentCells = 100

/** What one call may keep: as in the spool. */
const valuesMax = 10_000
/** About 32 MB of doubles. */
const cellsMax = 4_000_000

/** A bounded queue in memory, for browsers. What does not fit is counted as lost: a tab that is closed keeps nothing. */
export class MemoryQueue implements Keeper, Source {
  readonly values = new Float64Array(valuesMax)
  position = 0
  rows = 0
  lost = 0
  acknowledged = 0
  acknowledgedRow = 0
  row = 0
  #blocks: Block[] = []
  #cells = 0
  /** Where `peek` looks, and what is acknowledged: block and cell. */
  #block = 0
  #cell = 0
  #passed = 0
  #ackCell = 0
  #ackPassed = 0
  #onLoss: ((reason: string) => void) | undefined
  #item: Row = { keys: [], step: 0, time: 0, values: new Float64Array(valuesMax), at: 0 }

  constructor(onLoss?: (reason: string) => void) {
    this.#onLoss = onLoss
  }

  shapeOf(keys: readonly string[]): Shape {
    return { keys, number: 0, segment: 0 }
  }

  keepRow({ keys }: Shape, step: number, time: number): boolean {
    if (!this.#hasRoom(keys.length + 2)) return false
    let block = this.#blocks.at(-1)
    // Blocks stay small enough for what is acknowledged to be let go of.
    if (block?.keys !== keys || block.cells.length > 20_000) {
      block = { keys, cells: [] }
      this.#blocks.push(block)
    }
    block.cells.push(step, time)
    for (let index = 0; index < keys.length; index++) block.cells.push(this.values[index])
    this.#cells += keys.length + 2
    this.rows++
    this.position++
    return true
  }

  keepDocument(document: SpoolDocument): boolean {
    // The last word finds room: whoever sends must hear of it.
    if (document.type !== 'finish' && !this.#hasRoom(documentCells)) return false
    this.#blocks.push({ document, keys: [], cells: [] })
    this.#cells += documentCells
    this.position++
    return true
  }

  #hasRoom(cells: number): boolean {
    if (this.#cells + cells <= cellsMax) return true
    if (this.lost++ === 0) this.#onLoss?.(`more than ${cellsMax} values wait`)
    return false
  }

  peek(): Item | undefined {
    let block = this.#blocks[this.#block]
    if (block && !block.document && this.#cell >= block.cells.length && this.#blocks.length > this.#block + 1) {
      block = this.#blocks[++this.#block]
      this.#cell = 0
    }
    if (!block || block.document) return block as Item | undefined
    if (this.#cell >= block.cells.length) return undefined
    const item = this.#item
    item.keys = block.keys
    item.step = block.cells[this.#cell]
    item.time = block.cells[this.#cell + 1]
    for (let index = 0; index < block.keys.length; index++) item.values[index] = block.cells[this.#cell + 2 + index]
    return item
  }

  pass(): void {
    const block = this.#blocks[this.#block]
    if (block.document) {
      this.#block++
      this.#cell = 0
    } else {
      this.#cell += block.keys.length + 2
      this.row++
    }
    this.#passed++
  }

  acknowledge(): void {
    for (const block of this.#blocks.splice(0, this.#block)) {
      this.#cells -= block.document ? documentCells : block.cells.length
    }
    this.#block = 0
    this.#ackCell = this.#cell
    this.acknowledged = this.#ackPassed = this.#passed
    this.acknowledgedRow = this.row
  }

  /** What is acknowledged is gone: it goes back no further. */
  rewind(): void {
    this.#block = 0
    this.#cell = this.#ackCell
    this.#passed = this.#ackPassed
    this.row = this.acknowledgedRow
  }
}
