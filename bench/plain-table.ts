import { DatabaseSync } from 'node:sqlite'
import { lossColumns } from './series-data.ts'

/**
 * The peer: a table with a row a point, in the order of its key, as most trackers keep them, and the same buckets by
 * `group by`. It is asked in this process, without HTTP and threads, which is to its advantage.
 */
export class PlainTable {
  #database = new DatabaseSync('')

  constructor() {
    this.#database.exec(`
      create table points (series int, step int, time real, value real, primary key (series, step)) without rowid`)
  }

  fill(series: number, points: number): void {
    const insert = this.#database.prepare('insert into points values (?, ?, ?, ?)')
    const { steps, timestamps, values } = lossColumns(0, points)
    this.#database.exec('begin')
    for (let row = 0; row < points; row++) insert.run(series, steps[row], timestamps[row], values[row])
    this.#database.exec('commit')
  }

  /** Milliseconds until the buckets are JSON. */
  read(series: number, from: number, to: number, bucket: number): number {
    const started = performance.now()
    const rows = this.#database
      .prepare(
        `select step / ${bucket} * ${bucket} as x, avg(value) as y, min(value) as min, max(value) as max, count(*) as count
        from points where series = ? and step between ? and ? group by 1`,
      )
      .all(series, from, to)
    JSON.stringify(rows)
    return performance.now() - started
  }

  get bytes(): number {
    const { size } = this.#database
      .prepare('select page_count * page_size as size from pragma_page_count, pragma_page_size')
      .get() as { size: number }
    return size
  }
}
