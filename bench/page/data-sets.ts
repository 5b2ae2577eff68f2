import { randomUUID } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { apiBase } from '@aspara/protocol/names.ts'
import { compacted } from '../data-folder.ts'
import { post } from '../http.ts'
import { type ServerProcess, startBuiltTracker } from '../server-process.ts'
import { batches, type MadeUpRun, madeUpRun, metricNames } from './made-up-runs.ts'

/** What is measured on is loaded once and kept; delete the folder to load it anew. */
export const benchData = fileURLToPath(new URL('../../.bench-data/page', import.meta.url))
const trackerData = join(benchData, 'tracker')

/** A dozen in one section: as many panels follow one hand. */
const panelMetrics = [...metricNames(['grad'], 12), ...metricNames(['system'], 2), ...metricNames(['train', 'val'], 3)]
export const panelRuns = { count: 50, rows: 2_000, metrics: panelMetrics }
export const lengths = { short: 10_000, long: 10_000_000, metrics: metricNames(['train'], 5) }
const rowsPerBatch = 20_000

/** What a set bears that was loaded to its end. Another one when the sets change: what is kept is then loaded anew. */
export const wholeTag = 'whole-2'

/** Each fills a project of its name through the public API. */
const sets: Record<string, (port: number, project: string) => Promise<void>> = {
  panels: (port, project) =>
    writeRuns(port, project, panelRuns.count, (index) => madeUpRun(index, panelRuns.metrics, panelRuns.rows)),
  async lengths(port, project) {
    for (const rows of [lengths.short, lengths.long]) {
      const run = await createRun(port, project, { name: `steps-${rows}` })
      for (const batch of batches(lengths.metrics, rows, rowsPerBatch)) await post(port, `${run}/metrics/batch`, batch)
      await post(port, `${run}/finish`)
    }
  },
  wide(port, project) {
    const prefixes = ['train', 'val', 'test', 'system', 'grad', 'weights', 'layer', 'data', 'time', 'eval']
    const metrics = metricNames(prefixes, 20)
    return writeRuns(port, project, 500, (index) => madeUpRun(index, metrics, 10))
  },
  table: (port, project) =>
    writeRuns(port, project, 10_000, (index) => madeUpRun(index, ['train/loss', 'val/loss', 'val/acc'], 5)),
}

/** A tracker as `npm start` runs it, on the kept data, with these projects whole and compacted. */
export async function startFilledTracker(...projects: (keyof typeof sets & string)[]): Promise<ServerProcess> {
  await mkdir(trackerData, { recursive: true })
  const tracker = await startBuiltTracker(trackerData)
  try {
    for (const project of projects) await fill(tracker, project)
    await compacted(trackerData)
  } catch (error) {
    await tracker.stop()
    throw error
  }
  return tracker
}

async function fill({ port }: ServerProcess, project: string): Promise<void> {
  const url = `http://127.0.0.1:${port}${apiBase}/projects/${project}`
  const found = await fetch(url)
  if (found.ok && (await found.json()).tags.includes(wholeTag)) return
  // A bench that was interrupted left a part of it.
  if (found.ok) await fetch(url, { method: 'DELETE' })
  const started = performance.now()
  console.log(`Loading the project "${project}" into ${trackerData} …`)
  await sets[project](port, project)
  const tagged = await fetch(url, {
    method: 'PATCH',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ tags: [wholeTag] }),
  })
  if (!tagged.ok) throw new Error(`${url} was answered with ${tagged.status}: ${await tagged.text()}`)
  console.log(`… took ${Math.round((performance.now() - started) / 1_000)} s`)
}

/** @returns the path of the run */
export async function createRun(port: number, project: string, run: object & { name: string }): Promise<string> {
  await post(port, `${apiBase}/projects/${project}/runs`, run)
  return `${apiBase}/projects/${project}/runs/${run.name}`
}

async function writeRuns(
  port: number,
  project: string,
  count: number,
  make: (index: number) => MadeUpRun,
): Promise<void> {
  let next = 0
  const write = async () => {
    for (let index = next++; index < count; index = next++) {
      const { columns, ...run } = make(index)
      const path = await createRun(port, project, run)
      await post(port, `${path}/metrics/batch`, { writer: randomUUID(), sequence: 0, ...columns })
      await post(port, `${path}/finish`)
    }
  }
  await Promise.all(Array.from({ length: 8 }, write))
}
