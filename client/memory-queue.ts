import type { Item, Keeper, Row, Shape, Source } from './keeper.ts'
import type { SpoolDocument } from './spool-format.ts'

/** Values, steps and times: with what holds them some 50 MB. */
const cellsMax = 2_000_000
const documentCells = 100

/**
 * A bounded queue in memory, for browsers and for processes that can write no file. What does not fit is counted as lost,
 * and what is not sent when the tab or the process ends is lost, too.
 */
export class MemoryQueue implements Keeper, Source {
  readonly values = new Float64Array(10_000)
  position = 0
  rows = 0
  lost = 0
  acknowledged = 0
  acknowledgedRow = 0
  refusedRows = 0
  refusedReason = ''
  #items: Item[] = []
  #cells = 0
  #next = 0
  /** How many more rows have left the queue than the tracker has stored: those that it refused, or has lost. */
  #apart = 0
  #onLoss: (() => void) | undefined

  /** Without somebody to tell, nothing is kept: the run is disabled. */
  constructor(onLoss: (() => void) | undefined) {
    this.#onLoss = onLoss
  }

  get lossReason(): string {
    return this.lost > 0 ? 'the queue in memory was full' : ''
  }

  shapeOf(keys: readonly string[]): Shape {
    return { keys, number: 0, segment: 0 }
  }

  keepRow({ keys }: Shape, step: number, time: number): void {
    this.#keep({ keys, step, time, values: this.values.slice(0, keys.length), at: 0 })
  }

  keepDocument(document: SpoolDocument): boolean {
    return this.#keep({ document })
  }

  #keep(item: Item): boolean {
    if (!this.#onLoss) return true
    // The last word finds room: whoever sends must hear of it.
    if (this.#cells > cellsMax && item.document?.type !== 'finish') {
      if (this.lost++ === 0) this.#onLoss()
      return false
    }
    this.#items.push(item)
    this.#cells += sizeOf(item)
    this.position++
    if (!item.document) this.rows++
    return true
  }

  peek(): Item | undefined {
    return this.#items[this.#next]
  }

  pass(): void {
    this.#next++
  }

  acknowledge(): void {
    for (const item of this.#items.splice(0, this.#next)) this.#drop(item)
    this.#next = 0
  }

  rewind(): void {
    this.#next = 0
  }

  refuse(reason: string): void {
    this.refusedRows++
    this.refusedReason = reason
    this.#apart++
    this.pass()
    this.acknowledge()
  }

  seek(storedRows = 0): boolean {
    let isStored = storedRows + this.#apart - this.acknowledgedRow
    this.#next = 0
    if (isStored < 0) {
      this.#apart -= isStored
      return true
    }
    this.#items = this.#items.filter((item) => item.document || isStored-- <= 0 || this.#drop(item))
    return false
  }

  #drop(item: Item): void {
    this.#cells -= sizeOf(item)
    this.acknowledged++
    if (!item.document) this.acknowledgedRow++
  }
}

const sizeOf = (item: Item) => (item.document ? documentCells : (item as Row).keys.length + 10)
