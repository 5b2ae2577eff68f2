import type { DocumentField, Field, MetricField } from '@aspara/protocol/filter-field.ts'
import { type Expression, expressionBuilder, sql } from 'kysely'
import type { EngineExpressions } from '../engines/engine.ts'
import type { Tables } from '../tables.ts'
import { type LiveMetrics, liveColumn } from './live-metrics.ts'
import { statusAt } from './run-status.ts'

/** What the fields of filters and sorts are in a query of `runs`, with `heads` for status and heard, and `live` for metrics. */
export class RunFields {
  readonly expressions: EngineExpressions
  readonly nowMs: number
  #project: string
  #live: LiveMetrics
  #eb = expressionBuilder<Tables, 'runs' | 'heads'>()

  constructor(expressions: EngineExpressions, question: { project: string; nowMs: number; live: LiveMetrics }) {
    this.expressions = expressions
    this.nowMs = question.nowMs
    this.#project = question.project
    this.#live = question.live
  }

  get tags(): Expression<string> {
    return this.#eb.ref('runs.tags')
  }

  document(field: DocumentField): Expression<string> {
    return this.#eb.ref(`runs.${field.name}`)
  }

  text(field: Field): Expression<string | null> {
    switch (field.name) {
      case 'name':
      case 'display_name':
      case 'notes':
        return this.#eb.ref(`runs.${field.name}`)
      case 'status':
        return statusAt(this.nowMs)
      case 'config':
      case 'summary':
        return this.expressions.textAt(this.document(field), field.path)
    }
    throw new Error(`BUG: ${field.name} is no text`)
  }

  /** Times are milliseconds since the epoch. */
  number(field: Field): Expression<number | null> {
    switch (field.name) {
      case 'exit_code':
        return this.#eb.ref('runs.exit_code')
      case 'created':
        return this.#eb.ref('runs.created_at')
      case 'heard':
        return this.#eb.ref('heads.heard_at')
      case 'finished':
        return this.#eb.ref('runs.finished_at')
      case 'metric':
        return this.#metric(field)
      case 'config':
      case 'summary':
        return this.expressions.numberAt(this.document(field), field.path)
    }
    throw new Error(`BUG: ${field.name} is no number`)
  }

  /** Of a live run what it came to by now, of any other what is kept of it. */
  #metric(field: MetricField): Expression<number | null> {
    const eb = expressionBuilder<Tables, 'runs' | 'series'>()
    const query = eb
      .selectFrom('series')
      .select(`series.${field.stat} as value`)
      .where('series.project', '=', this.#project)
      .where('series.metric', '=', field.metric)
      .whereRef('series.run', '=', 'runs.id')
    const kept = sql<number | null>`${query}`
    if (this.#live.rows.length === 0) return kept
    const live = sql.ref(`live.${liveColumn(this.#live, field)}`)
    return sql`case when live.run is null then ${kept} else ${live} end`
  }
}
