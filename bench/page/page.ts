import { parseArgs } from 'node:util'
import { measureLengths } from './lengths.ts'
import { measureLive } from './live.ts'
import { measurePanels } from './panels.ts'
import { measureTable } from './table.ts'
import { measureWide } from './wide.ts'

const parts: Record<string, (settings: PageSettings) => Promise<void>> = {
  panels: measurePanels,
  lengths: measureLengths,
  wide: measureWide,
  live: measureLive,
  table: measureTable,
}

export interface PageSettings {
  /** How often a page is opened. */
  rounds: number
  /** How long runs are live. */
  seconds: number
  /** Whether the pages of others are measured, too. */
  withPeers: boolean
}

/**
 * `npm run bench -- page [PART …] [--rounds 5] [--seconds 300] [--no-peers]`: the dashboard in Chromium, as a person has
 * it, and the pages of others on the same runs.
 */
export async function measurePage(): Promise<void> {
  const { values, positionals } = parseArgs({
    args: process.argv.slice(3),
    allowPositionals: true,
    options: {
      rounds: { type: 'string', default: '5' },
      seconds: { type: 'string', default: '300' },
      'no-peers': { type: 'boolean', default: false },
    },
  })
  const unknown = positionals.find((part) => !Object.hasOwn(parts, part))
  if (unknown) throw new Error(`bench page: ${unknown} is none of its parts, ${Object.keys(parts).join(', ')}`)
  const settings = {
    rounds: Number(values.rounds),
    seconds: Number(values.seconds),
    withPeers: !values['no-peers'],
  }
  for (const part of positionals.length > 0 ? positionals : Object.keys(parts)) await parts[part](settings)
}
