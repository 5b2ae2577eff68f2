export function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >>> 1
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

export const megabytes = (bytes: number): string => `${Math.round(bytes / 1e6)} MB`

/** A table as bench/README.md takes it. */
export function printTable(title: string, heading: string[], rows: string[][]): void {
  const line = (cells: string[]) => `| ${cells.join(' | ')} |`
  console.log([`${title}\n`, line(heading), line(heading.map(() => '---')), ...rows.map(line), ''].join('\n'))
}
