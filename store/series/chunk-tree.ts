import type { Database } from '../engines/engine.ts'
import type { RunId } from '../tables.ts'
import type { Chunk, ChunkKey } from './changes.ts'

/** Chunks read at a time where all of a level are. */
const chunksPerRead = 64

/** The chunks of one series, as they lie in the database. */
export class ChunkTree {
  readonly run: RunId
  readonly series: number
  #db: Database

  constructor(db: Database, run: RunId, series: number) {
    this.#db = db
    this.run = run
    this.series = series
  }

  /**
   * The chunks of a level that take what has steps between two: the last one that does not begin after `from`, or the
   * first of all, and those that begin up to `to`. Of chunks that begin with the same step the last part.
   */
  async keysAround(level: number, from: number, to: number): Promise<{ keys: ChunkKey[]; hasMore: boolean }> {
    // Points mostly come in order: then there is one chunk, the last.
    const next = await this.#keysFrom(level, from).limit(2).execute()
    if (next.length < 2) return { keys: next.map((row) => this.#key(level, row)), hasMore: false }
    const rows = await this.#keysFrom(level, from).where('first_step', '<=', to).execute()
    const after = await this.#chunks(level).select('part').where('first_step', '>', to).limit(1).executeTakeFirst()
    const found = rows.length > 0 ? rows : next.slice(0, 1)
    const lastParts = found.filter((row, index) => row.first_step !== found[index + 1]?.first_step)
    return { keys: lastParts.map((row) => this.#key(level, row)), hasMore: after !== undefined }
  }

  async readBody({ level, firstStep, part }: ChunkKey): Promise<Uint8Array> {
    const { body } = await this.#chunks(level)
      .select('body')
      .where('first_step', '=', firstStep)
      .where('part', '=', part)
      .executeTakeFirstOrThrow()
    return body
  }

  /** The chunks of a level that may hold something of the steps between two, in order; either may be infinite. */
  async bodiesBetween(level: number, from: number, to: number): Promise<Uint8Array[]> {
    let query = from === -Infinity ? this.#inOrder(level) : this.#keysFrom(level, from)
    if (to !== Infinity) query = query.where('first_step', '<=', to)
    const rows = await query.select('body').execute()
    return rows.map((row) => row.body)
  }

  /** All chunks of a level in order. */
  async *allChunks(level: number): AsyncGenerator<Chunk> {
    let after: { first_step: number; part: number } | undefined
    for (;;) {
      let query = this.#inOrder(level).select('body').limit(chunksPerRead)
      if (after) {
        const { first_step, part } = after
        query = query.where((eb) => eb.eb(eb.refTuple('first_step', 'part'), '>', eb.tuple(first_step, part)))
      }
      const rows = await query.execute()
      for (const row of rows) yield { ...this.#key(level, row), body: row.body }
      if (rows.length < chunksPerRead) return
      after = rows[rows.length - 1]
    }
  }

  #keysFrom(level: number, step: number) {
    return this.#inOrder(level).where('first_step', '>=', (eb) =>
      eb.fn.coalesce(
        this.#chunks(level)
          .select((inner) => inner.fn.max('first_step').as('first_step'))
          .where('first_step', '<=', step),
        this.#chunks(level).select((inner) => inner.fn.min('first_step').as('first_step')),
      ),
    )
  }

  #inOrder(level: number) {
    return this.#chunks(level).select(['first_step', 'part']).orderBy('first_step').orderBy('part')
  }

  #chunks(level: number) {
    return this.#db
      .selectFrom('chunks')
      .where('run', '=', this.run)
      .where('series', '=', this.series)
      .where('level', '=', level)
  }

  #key(level: number, row: { first_step: number; part: number }): ChunkKey {
    return { series: this.series, level, firstStep: row.first_step, part: row.part }
  }
}
