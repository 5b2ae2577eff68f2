import { printable, printableJson } from 'aspara/printable.ts'

/** One line on standard output. */
export function print(line: string): void {
  process.stdout.write(`${printable(line)}\n`)
}

/** What --json prints. */
export function printJson(value: unknown): void {
  process.stdout.write(`${printableJson(value)}\n`)
}

/** One line on standard error. */
export function warn(sentence: string): void {
  process.stderr.write(`aspara: ${printable(sentence)}\n`)
}

/** Rows under a heading, in columns as wide as what they hold. */
export function table(heading: string[], rows: string[][]): string {
  const lines = [heading, ...rows].map((row) => row.map((cell) => printable(cell)))
  const widths = heading.map((_, column) => Math.max(...lines.map((line) => line[column].length)))
  return lines
    .map(
      (line) =>
        `${line
          .map((cell, column) => cell.padEnd(widths[column]))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('')
}
