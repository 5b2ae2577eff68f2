import type { PointPage } from './point-page.ts'

/** A piece of text as it leaves: large enough that a million lines are some hundred pieces. */
const pieceChars = 256 * 1024

/** A line in three parts, of which the first two are the same for many points. */
interface Syntax {
  /** Before all lines. */
  header(withRun: boolean): string
  /** Up to the step. */
  start(run: string | undefined, metric: string): string
  /** Up to the value. */
  place(step: number, timestamp: number): string
  /** To the end of the line, with its line break. */
  end(value: number): string
}

const jsonl: Syntax = {
  header: () => '',
  start: (run, metric) =>
    `{${run === undefined ? '' : `"run":${JSON.stringify(run)},`}"metric":${JSON.stringify(metric)},"step":`,
  place: (step, timestamp) => `${step},"timestamp":${timestamp},"value":`,
  // JSON has no word for them, so what is no finite number stands in quotes.
  end: (value) => (Number.isFinite(value) ? `${numberText(value)}}\n` : `"${value}"}\n`),
}

const csv = (field: (name: string) => string): Syntax => ({
  header: (withRun) => `${withRun ? 'run,' : ''}metric,step,timestamp,value\n`,
  start: (run, metric) => `${run === undefined ? '' : `${field(run)},`}${field(metric)},`,
  place: (step, timestamp) => `${step},${timestamp},`,
  end: (value) => `${numberText(value)}\n`,
})

/** How text comes: `safe-csv` is CSV in which no name is a formula to a spreadsheet. */
export type TextFormat = 'jsonl' | 'csv' | 'safe-csv'
const syntaxes = (): Record<TextFormat, Syntax> => ({
  jsonl,
  csv: csv(csvField),
  'safe-csv': csv((name) => csvField(formula.test(name) ? `'${name}` : name)),
})

/** With these a spreadsheet begins a formula; the wide ones are what Excel takes for them in Japanese. */
const formula = /^\s*[=+\-@\t\r\uff1d\uff0b\uff0d\uff20]/

/** A line for each point: JSON Lines, or comma-separated values under a header. */
export async function* encodeText(
  format: TextFormat,
  pages: AsyncIterable<PointPage>,
  withRun: boolean,
): AsyncGenerator<Uint8Array> {
  const syntax = syntaxes()[format]
  const encoder = new TextEncoder()
  let text = syntax.header(withRun)
  for await (const page of pages) {
    const starts = page.metrics.map((metric) => syntax.start(withRun ? page.run : undefined, metric))
    for (let from = 0; from < page.values.length; ) {
      const lines = linesOf(page, from, pieceChars - text.length, syntax, starts)
      text += lines.text
      from = lines.next
      if (text.length < pieceChars) continue
      yield encoder.encode(text)
      text = ''
    }
  }
  if (text !== '') yield encoder.encode(text)
}

/** The lines of the points from one on, until they are so many characters; and the point after them. */
function linesOf(page: PointPage, from: number, chars: number, syntax: Syntax, starts: string[]) {
  const { metric, steps, timestamps, values } = page
  let text = ''
  let next = from
  while (next < values.length && text.length < chars) {
    const step = steps[next]
    const timestamp = timestamps[next]
    // Metrics that were logged together share these, and a time with microseconds takes the longest to write.
    const place = syntax.place(step, timestamp)
    do {
      text += starts[metric[next]] + place + syntax.end(values[next])
      next++
    } while (next < values.length && steps[next] === step && timestamps[next] === timestamp && text.length < chars)
  }
  return { text, next }
}

/** RFC 4180: quoted when it holds a comma, a quote or a line break; no name of ours holds the last. */
const csvField = (name: string) => (/[",]/.test(name) ? `"${name.replaceAll('"', '""')}"` : name)

const numberText = (value: number) => (Object.is(value, -0) ? '-0' : `${value}`)
