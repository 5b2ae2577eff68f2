import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { apiBase } from '@aspara/protocol/names.ts'
import { compacted } from './data-folder.ts'
import { get, timeGets } from './http.ts'
import { putLoad } from './load.ts'
import { printTable } from './report.ts'
import { lossColumns } from './series-data.ts'
import { type ServerProcess, startBuiltTracker } from './server-process.ts'

const metrics = Array.from({ length: 20 }, (_, index) => `train/metric-${index}`)

/** Pages of 100 runs, of 1,000 and of 10,000 runs with 20 metrics each. */
export async function measureListing(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'aspara-bench-'))
  const tracker = await startBuiltTracker(folder)
  try {
    await measurePages(tracker, folder)
  } finally {
    await tracker.stop()
    await rm(folder, { recursive: true })
  }
}

async function measurePages(tracker: ServerProcess, folder: string): Promise<void> {
  const rows: string[][] = []
  for (const count of [1_000, 10_000]) {
    const project = `listing-${count}`
    await fill(tracker, project, count)
    await compacted(folder)
    const list = `${apiBase}/projects/${project}/runs?limit=100`
    const asked = {
      newest: list,
      'sorted by a metric': `${list}&sort=-metric:train/metric-7:max`,
      'filtered and sorted': `${list}&filter=${encodeURIComponent('metric.train/metric-3.last < 0.05')}&sort=metric:train/metric-7:last`,
    }
    for (const [name, path] of Object.entries(asked)) {
      const first = await get(tracker.port, path)
      const { median, most } = await timeGets(tracker.port, Array(30).fill(path))
      const deep = await lastOfPages(tracker, path, 5)
      rows.push([
        `${count.toLocaleString('en')} runs, ${name}`,
        first.ms.toFixed(1),
        `${median.toFixed(1)} / ${most.toFixed(1)}`,
        deep.toFixed(1),
      ])
    }
  }
  printTable('A page of 100 runs with 20 metrics each', ['', 'first ms', 'median / most ms', 'page 5 ms'], rows)
}

async function fill(tracker: ServerProcess, project: string, count: number): Promise<void> {
  let run = 0
  const connections = 8
  await Promise.all(
    Array.from({ length: connections }, async () => {
      for (let mine = run++; mine < count; mine = run++) {
        const { steps, timestamps, values } = lossColumns(0, 10)
        const columns = metrics.map((metric) => [metric, values.map((value) => value + Math.random())])
        const writer = '00000000-0000-4000-8000-000000000000'
        const body = { writer, sequence: 0, steps, timestamps, metrics: Object.fromEntries(columns) }
        let isSent = false
        await putLoad({
          port: tracker.port,
          path: `${apiBase}/projects/${project}/runs/run-${mine}/metrics/batch`,
          connections: 1,
          secondsMax: 10,
          next: () => {
            if (isSent) return undefined
            isSent = true
            return Buffer.from(JSON.stringify(body))
          },
        })
      }
    }),
  )
}

async function lastOfPages(tracker: ServerProcess, path: string, pages: number): Promise<number> {
  let answer = await get(tracker.port, path)
  for (let page = 1; page < pages; page++) {
    const cursor: string | null = JSON.parse(answer.body.toString()).next_cursor
    if (cursor === null) break
    answer = await get(tracker.port, `${path}&cursor=${cursor}`)
  }
  return answer.ms
}
