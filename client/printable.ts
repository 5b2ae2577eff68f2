// C0 with tab and newline, DEL, C1; line and paragraph separators; what turns the direction of text; lone surrogates.
const unprintable =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  /[\x00-\x1f\x7f-\x9f\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g

const hex = (sign: string, digits: number) => sign.charCodeAt(0).toString(16).padStart(digits, '0')

/**
 * A text on one line of a terminal, to which control characters would be commands: they become `\x1b`, and what reorders text
 * `\u202e`.
 */
export function printable(text: string): string {
  return text.replace(unprintable, (sign) => (sign < '\u0100' ? `\\x${hex(sign, 2)}` : `\\u${hex(sign, 4)}`))
}

/** A value as JSON over several lines, in which nothing is a command to a terminal. */
export function printableJson(value: unknown): string {
  return JSON.stringify(value, null, 2).replace(unprintable, (sign) => (sign === '\n' ? sign : `\\u${hex(sign, 4)}`))
}
