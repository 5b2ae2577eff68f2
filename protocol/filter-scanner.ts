import { FilterError } from './filter-error.ts'

const space = /[ \t\r\n]*/y
const bare = /[\p{L}\p{M}\p{N}_/-]+/uy
const number = /-?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?/y
const wordCharacter = /[\p{L}\p{M}\p{N}_]/uy
const plainText = /[^"'\\]+/y
const hexadecimal = /[0-9a-fA-F]{4}/y
const escapes: Record<string, string> = {
  n: '\n',
  r: '\r',
  t: '\t',
  b: '\b',
  f: '\f',
  '"': '"',
  "'": "'",
  '/': '/',
  '\\': '\\',
}

/** Goes through a text from left to right and never back over more than white space: time grows with the length alone. */
export class Scanner {
  readonly text: string
  /** The next character, in UTF-16 units. */
  at = 0

  constructor(text: string) {
    this.text = text
  }

  /** Steps over white space. @returns where the next thing begins */
  next(): number {
    this.match(space)
    return this.at
  }

  get isAtEnd(): boolean {
    return this.at === this.text.length
  }

  /** What a sticky pattern finds here. */
  match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at
    const found = pattern.exec(this.text)?.[0]
    this.at += found?.length ?? 0
    return found
  }

  takeSymbol(symbol: string): boolean {
    if (!this.text.startsWith(symbol, this.at)) return false
    this.at += symbol.length
    return true
  }

  /** Takes a word that ends where it ends: not the first two letters of `inner`. */
  takeWord(word: string): boolean {
    if (!this.text.startsWith(word, this.at)) return false
    wordCharacter.lastIndex = this.at + word.length
    if (wordCharacter.test(this.text)) return false
    this.at += word.length
    return true
  }

  /** A piece of a path that needs no quotes. */
  takeBare(): string | undefined {
    return this.match(bare)
  }

  get isAtQuote(): boolean {
    return this.text[this.at] === '"' || this.text[this.at] === "'"
  }

  /** A text in quotes. @throws FilterError */
  takeText(): string {
    const start = this.at
    const quote = this.text[this.at++]
    let taken = ''
    for (;;) {
      taken += this.match(plainText) ?? ''
      if (this.isAtEnd) this.fail(`expected ${quote} to close the text that begins`, start)
      const character = this.text[this.at++]
      if (character === quote) return taken
      taken += character === '\\' ? this.#takeEscape() : character
    }
  }

  /** A number. @throws FilterError when no double is as large */
  takeNumber(): number | undefined {
    const start = this.at
    const found = this.match(number)
    if (found === undefined) return undefined
    const value = Number(found)
    if (!Number.isFinite(value)) this.fail('expected a number that a double can hold', start)
    return value === 0 ? 0 : value // Of -0 no comparison can tell.
  }

  fail(sentence: string, at = this.at): never {
    throw new FilterError(this.text, at, sentence)
  }

  #takeEscape(): string {
    const start = this.at - 1
    const letter = this.text[this.at++]
    if (letter === 'u') {
      const code = this.match(hexadecimal)
      if (code !== undefined) return String.fromCharCode(Number.parseInt(code, 16))
    } else if (letter !== undefined && Object.hasOwn(escapes, letter)) return escapes[letter]
    this.fail(String.raw`expected one of \" \' \\ \/ \b \f \n \r \t and \u with four hexadecimal digits`, start)
  }
}
