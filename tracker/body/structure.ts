import { invalidField } from '@aspara/protocol/errors.ts'
import { limits } from '@aspara/protocol/limits.ts'

/** What a body may have at the most: values of which each but the first has a comma before it, levels, bytes of one text. */
export interface Bounds {
  commas: number
  depth: number
  textBytes: number
  /** Of all texts together. */
  textBytesInAll: number
  /** Said of what has too many values. */
  tooMany: string
}

/** Around a document or what a client says of itself stands the rest of the body. */
const depth = limits.documentDepthMax + 2

/** A character can be written as six (`\u0041`). */
const clientBytes = limits.clientBytesMax * 6

/** Cells, names, and what the client says of itself. */
export const batchBounds: Bounds = {
  commas: limits.batchCellsMax + limits.metricsPerRecordMax + limits.clientBytesMax,
  depth,
  textBytes: clientBytes,
  textBytesInAll:
    limits.batchCellsMax * '-Infinity"'.length + limits.metricsPerRecordMax * limits.metricKeyBytesMax + clientBytes,
  tooMany: `a batch has at most ${limits.batchCellsMax} cells, this one has more`,
}

export const documentBounds: Bounds = {
  commas: limits.documentValuesMax,
  depth,
  textBytes: Infinity,
  textBytesInAll: Infinity,
  tooMany: `holds more than ${limits.documentValuesMax} values`,
}

/** The names of fields are shorter. */
const keyBytesMax = 32

const quote = 0x22
const backslash = 0x5c
const comma = 0x2c
const openBracket = 0x5b
const openBrace = 0x7b
const closeBracket = 0x5d
const closeBrace = 0x7d

/**
 * Looks over the bytes of a body as they come, before anything is made of them: `[{},{},…]` takes thirty times its size
 * when it is parsed. What passes may not be JSON, but parsing it takes no more than the bounds say.
 */
export class StructureScan {
  #bounds: Bounds
  #commas = 0
  #depth = 0
  #isInText = false
  #isEscaped = false
  #textBytes = 0
  #textBytesInAll = 0
  /** The last text of the outermost object, which is a key unless the body is refused anyway. */
  #key: string | undefined

  constructor(bounds: Bounds) {
    this.#bounds = bounds
  }

  /** Goes on with the next piece. @throws invalidField */
  add(bytes: Uint8Array): void {
    const end = bytes.length
    const depthMax = this.#bounds.depth
    let at = 0
    while (at < end) {
      if (this.#isInText) at = this.#skipText(bytes, at)
      // A loop of its own with nothing but locals: of 20 MB it takes 20 ms.
      for (; at < end; at++) {
        const byte = bytes[at]
        if (byte > quote && byte < openBracket && byte !== comma) continue
        if (byte === comma) this.#commas++
        else if (byte === quote) break
        else if (byte === openBracket || byte === openBrace) {
          if (++this.#depth > depthMax) this.#refuse(`nests deeper than ${depthMax} levels`)
        } else if (byte === closeBracket || byte === closeBrace) this.#depth--
      }
      if (this.#commas > this.#bounds.commas) this.#refuse(this.#bounds.tooMany)
      if (at === end) return
      this.#isInText = true
      this.#textBytes = 0
      at++
    }
  }

  /** Where a text ends, or the piece. */
  #skipText(bytes: Uint8Array, from: number): number {
    let at = from
    if (this.#isEscaped) {
      this.#isEscaped = false
      at++
    }
    for (; at < bytes.length; at++) {
      const byte = bytes[at]
      if (byte === backslash) {
        at++
        if (at === bytes.length) this.#isEscaped = true
      } else if (byte === quote) {
        this.#isInText = false
        if (this.#depth === 1 && at - from <= keyBytesMax) this.#key = Buffer.from(bytes.subarray(from, at)).toString()
        at++
        break
      }
    }
    this.#textBytes += at - from
    this.#textBytesInAll += at - from
    const { textBytes, textBytesInAll } = this.#bounds
    if (this.#textBytes > textBytes) this.#refuse(`holds a text of more than ${textBytes} bytes`)
    if (this.#textBytesInAll > textBytesInAll) this.#refuse(`holds more than ${textBytesInAll} bytes of text`)
    return Math.min(at, bytes.length)
  }

  #refuse(sentence: string): never {
    throw invalidField(this.#key === undefined ? ['body'] : ['body', this.#key], sentence)
  }
}
