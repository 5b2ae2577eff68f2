import type { DocumentField, Field, MetricField } from '@aspara/protocol/filter-field.ts'
import { type Expression, expressionBuilder, sql } from 'kysely'
import type { EngineExpressions } from '../engines/engine.ts'
import type { Tables } from '../tables.ts'
import { type LiveMetrics, liveColumn } from './live-metrics.ts'
import { statusAt } from './run-status.ts'

/**
 * What the fields of filters and sorts are in a query of `runs`, and of `heads` where status or heard is named. Metrics
 * are those that are kept in `series`, or with `live` those in the table of that name.
 */
export class RunFields {
  readonly expressions: EngineExpressions
  readonly nowMs: number
  #project: string
  #live: LiveMetrics | undefined
  #eb = expressionBuilder<Tables, 'runs' | 'heads'>()

  constructor(expressions: EngineExpressions, question: { project: string; nowMs: number; live?: LiveMetrics }) {
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

  #metric(field: MetricField): Expression<number | null> {
    if (this.#live) return sql.ref(`live.${liveColumn(this.#live, field)}`)
    const kept = expressionBuilder<Tables, 'runs' | 'series'>()
      .selectFrom('series')
      .select(`series.${field.stat} as value`)
      .where('series.project', '=', this.#project)
      .where('series.metric', '=', field.metric)
      .whereRef('series.run', '=', 'runs.id')
    return sql`${kept}`
  }
}
