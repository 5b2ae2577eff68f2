import { crc32 } from './crc32.ts'
import type { Row } from './keeper.ts'

/** What of a writer's rows has been counted, as docs/format/spool.md § Receipts says. */
export class Receipt {
  rows = 0
  points = 0
  #checksum = 0
  #bytes = Buffer.alloc(64 * 1024)
  #view = new DataView(this.#bytes.buffer, this.#bytes.byteOffset)
  #at = 0
  #orders = new Map<readonly string[], { crc: number; index: number }[]>()

  add({ keys, step, time, values, at }: Row): void {
    const size = 16 + 12 * keys.length
    if (this.#at + size > this.#bytes.length) this.#count(size)
    const view = this.#view
    view.setFloat64(this.#at, step, true)
    view.setFloat64(this.#at + 8, time, true)
    let place = this.#at + 16
    for (const { crc, index } of this.#orderOf(keys)) {
      const value = values[at + index]
      view.setUint32(place, crc, true)
      if (Number.isNaN(value)) {
        view.setUint32(place + 4, 0, true)
        view.setUint32(place + 8, 0x7ff80000, true)
      } else {
        view.setFloat64(place + 4, value, true)
      }
      place += 12
    }
    this.#at = place
    this.rows++
    this.points += keys.length
  }

  /** 8 hex digits, as the tracker writes it. */
  get checksum(): string {
    this.#count(0)
    return this.#checksum.toString(16).padStart(8, '0')
  }

  #count(size: number): void {
    this.#checksum = crc32(this.#bytes.subarray(0, this.#at), this.#checksum)
    this.#at = 0
    if (size <= this.#bytes.length) return
    this.#bytes = Buffer.alloc(size)
    this.#view = new DataView(this.#bytes.buffer, this.#bytes.byteOffset)
  }

  /** Where the values stand, in the order of their names' checksums. */
  #orderOf(keys: readonly string[]): { crc: number; index: number }[] {
    let order = this.#orders.get(keys)
    if (!order) {
      const names = keys.map((key, index) => ({ bytes: Buffer.from(key), crc: crc32(Buffer.from(key)), index }))
      order = names.sort((one, other) => one.crc - other.crc || Buffer.compare(one.bytes, other.bytes))
      this.#orders.set(keys, order)
    }
    return order
  }
}
