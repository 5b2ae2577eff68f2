/**
 * Regular expressions that take a time that rises with the length of the text, whatever they are: all ways to match are
 * followed at once (Thompson, "Regular Expression Search Algorithm", 1968) where a browser tries one after the other.
 * They mean what `new RegExp(source, 'i')` does. What looks ahead or behind, or refers back, cannot be had this way.
 */
export interface LinearPattern {
  /** Whether it matches anywhere in the text. */
  test(text: string): boolean
}

/** Repetitions are written out: `(a{99}){99}` has ten thousand parts. */
const partsMax = 1_000
const depthMax = 100

type Matches = (code: number) => boolean
type Holds = (text: string, at: number) => boolean
/** What is to be matched; `next` is the part that follows it. */
type Part =
  | { kind: 'one'; matches: Matches; next: number }
  | { kind: 'place'; holds: Holds; next: number }
  | { kind: 'choice'; ways: number[] }
  | { kind: 'end' }
/** Writes out parts that lead to the part `next`, and answers where they begin. */
type Build = (next: number) => number

/** @throws Error with a sentence for what cannot be had; `source` is one that RegExp takes without its flags `u` and `v` */
export function linearPattern(source: string): LinearPattern {
  const parser = new Parser(source)
  const begin = parser.read()(parser.add({ kind: 'end' }))
  return { test: (text) => matchesSomewhere(parser.parts, begin, text) }
}

function matchesSomewhere(parts: readonly Part[], begin: number, text: string): boolean {
  // Where each part was come to last: how many ways lead there makes no difference.
  const seenAt = new Int32Array(parts.length).fill(-1)
  let next: number[] = []
  for (let at = 0; at <= text.length; at++) {
    const waiting = [...next, begin]
    next = []
    const code = text.charCodeAt(at)
    for (let index = waiting.pop(); index !== undefined; index = waiting.pop()) {
      if (seenAt[index] === at) continue
      seenAt[index] = at
      const part = parts[index]!
      if (part.kind === 'end') return true
      if (part.kind === 'choice') waiting.push(...part.ways)
      else if (part.kind === 'place') part.holds(text, at) && waiting.push(part.next)
      else if (at < text.length && part.matches(code)) next.push(part.next)
    }
  }
  return false
}

/** As RegExp compares without regard to case: by the capital letter, if it is one and no other becomes an ASCII one by it. */
function capital(code: number): number {
  const text = String.fromCharCode(code).toUpperCase()
  const changed = text.charCodeAt(0)
  return text.length > 1 || (code >= 128 && changed < 128) ? code : changed
}

const letter = (code: number): Matches => {
  const wanted = capital(code)
  return (found) => found === code || capital(found) === wanted
}
const isWord = (character: string) => /\w/.test(character)
const isBoundary: Holds = (text, at) => (at > 0 && isWord(text[at - 1]!)) !== (at < text.length && isWord(text[at]!))
const notLine: Matches = (code) => code !== 0x0a && code !== 0x0d && code !== 0x2028 && code !== 0x2029
const kinds: Record<string, Matches> = Object.fromEntries(
  [/\d/, /\D/, /\s/, /\S/, /\w/, /\W/].map((kind) => [kind.source[1], (code) => kind.test(String.fromCharCode(code))]),
)
const controls: Record<string, number> = { t: 9, n: 10, v: 11, f: 12, r: 13 }

class Parser {
  readonly parts: Part[] = []
  #source: string
  #at = 0
  #depth = 0
  #copies = 0

  constructor(source: string) {
    this.#source = source
  }

  add(part: Part): number {
    if (this.parts.length >= partsMax) throw new Error('its repetitions make it too long')
    return this.parts.push(part) - 1
  }

  /** Choices up to the end of the group. */
  read(): Build {
    if (++this.#depth > depthMax) throw new Error('its groups are nested too deeply')
    const options = [this.#readList()]
    while (this.#takes('|')) options.push(this.#readList())
    this.#depth--
    if (options.length === 1) return options[0]!
    return (next) => this.add({ kind: 'choice', ways: options.map((option) => option(next)) })
  }

  #takes(text: string): boolean {
    const isNext = this.#source.startsWith(text, this.#at)
    if (isNext) this.#at += text.length
    return isNext
  }

  #match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at
    const found = pattern.exec(this.#source)
    if (found) this.#at += found[0].length
    return found
  }

  #readList(): Build {
    const items: Build[] = []
    while (this.#at < this.#source.length && !'|)'.includes(this.#source[this.#at]!)) items.push(this.#readItem())
    return (next) => items.reduceRight((after, item) => item(after), next)
  }

  #readItem(): Build {
    const item = this.#readOne()
    const times = this.#match(/(?:([*+?])|\{(\d+)(?:(,)(\d*))?\})\??/y)
    if (!times) return item
    const [, sign, least, comma, most] = times
    if (sign === '*') return this.#repeat(item, 0, Infinity)
    if (sign === '+') return this.#repeat(item, 1, Infinity)
    if (sign === '?') return this.#repeat(item, 0, 1)
    return this.#repeat(item, Number(least), comma === undefined ? Number(least) : Number(most || Infinity))
  }

  #repeat(item: Build, least: number, most: number): Build {
    return (next) => {
      let begin = next
      if (most === Infinity) {
        const ways: number[] = [next]
        begin = this.add({ kind: 'choice', ways })
        ways.push(item(begin))
      }
      for (let copies = most === Infinity ? least : most; copies > 0; copies--) {
        // Also of what has no parts, such as `()`.
        if (++this.#copies > partsMax) throw new Error('its repetitions make it too long')
        const before = item(begin)
        begin = most === Infinity || copies <= least ? before : this.add({ kind: 'choice', ways: [next, before] })
      }
      return begin
    }
  }

  #readOne(): Build {
    if (this.#takes('^')) return this.#place((_text, at) => at === 0)
    if (this.#takes('$')) return this.#place((text, at) => at === text.length)
    if (this.#takes('.')) return this.#one(notLine)
    if (this.#takes('[')) return this.#one(this.#readClass())
    if (this.#takes('(')) return this.#readGroup()
    if (this.#takes('\\b')) return this.#place(isBoundary)
    if (this.#takes('\\B')) return this.#place((text, at) => !isBoundary(text, at))
    const found = this.#readCharacter()
    return this.#one(typeof found === 'number' ? letter(found) : found)
  }

  #readGroup(): Build {
    if (this.#match(/\?<?[=!]/y)) throw new Error('lookahead and lookbehind are not supported')
    if (this.#match(/\?[ims]*-?[ims]*:/y)?.[0].length !== 2 && this.#source[this.#at - 1] === ':') {
      throw new Error('flags of a group are not supported')
    }
    this.#match(/\?<[^>]*>/y)
    const inside = this.read()
    this.#takes(')')
    return inside
  }

  #place =
    (holds: Holds): Build =>
    (next) =>
      this.add({ kind: 'place', holds, next })
  #one =
    (matches: Matches): Build =>
    (next) =>
      this.add({ kind: 'one', matches, next })

  /** A character by its code, or a kind of them. */
  #readCharacter(isInClass = false): number | Matches {
    const [sign] = this.#match(/./sy)!
    if (sign !== '\\') return sign.charCodeAt(0)
    const code = this.#match(/(?:x([\da-f]{2})|u([\da-f]{4}))/iy)
    if (code) return Number.parseInt((code[1] ?? code[2])!, 16)
    const control = this.#match(/c([a-z])/iy)
    if (control) return control[1]!.charCodeAt(0) % 32
    if (!isInClass && this.#match(/[1-9]|k</y)) throw new Error('back references are not supported')
    const octal = this.#match(/[0-3]?[0-7]{1,2}/y)
    if (octal) return Number.parseInt(octal[0], 8)
    if (this.#source[this.#at] === 'c') return 0x5c
    const [escaped] = this.#match(/./sy)!
    if (isInClass && escaped === 'b') return 8
    return kinds[escaped] ?? controls[escaped] ?? escaped.charCodeAt(0)
  }

  #readClass(): Matches {
    const isNot = this.#takes('^')
    const inside: Matches[] = []
    while (!this.#takes(']')) {
      const from = this.#readCharacter(true)
      const isRange = this.#source[this.#at] === '-' && this.#source[this.#at + 1] !== ']'
      if (!isRange) {
        inside.push(typeof from === 'number' ? letter(from) : from)
        continue
      }
      this.#at++
      const to = this.#readCharacter(true)
      if (typeof from === 'number' && typeof to === 'number') inside.push(range(from, to))
      else inside.push(...[from, 0x2d, to].map((one) => (typeof one === 'number' ? letter(one) : one)))
    }
    return (code) => inside.some((matches) => matches(code)) !== isNot
  }
}

/** Whether some letter of the range differs at most in case. */
function range(from: number, to: number): Matches {
  let capitals: Set<number> | undefined
  return (code) => {
    if (code >= from && code <= to) return true
    capitals ??= new Set(Array.from({ length: to - from + 1 }, (_, index) => capital(from + index)))
    return capitals.has(capital(code))
  }
}
