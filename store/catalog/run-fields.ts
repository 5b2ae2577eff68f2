import type { DocumentField, Field, FieldName, MetricField } from '@aspara/protocol/filter-field.ts'
import { type Expression, expressionBuilder, sql } from 'kysely'
import type { EngineExpressions } from '../engines/engine.ts'
import type { Tables } from '../tables.ts'
import { type LiveMetrics, liveColumn } from './live-metrics.ts'
import { durationAt, exitCodeAt, finishedAt, statusAt } from './run-status.ts'

/** Those that a run's head has a part in. */
export const headFields: ReadonlySet<string> = new Set<FieldName>([
  'status',
  'heard',
  'exit_code',
  'finished',
  'duration',
])

/**
 * What the fields of filters and sorts are in a query of `runs`, and of `heads` where one of `headFields` is named. Metrics
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
      case 'group':
      case 'job_type':
      case 'notes':
        return this.#eb.ref(`runs.${field.name}`)
      case 'id':
        return this.#eb.ref('runs.given_id')
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
        return exitCodeAt(this.nowMs)
      case 'created':
        return this.#eb.ref('runs.created_at')
      case 'heard':
        return this.#eb.ref('heads.heard_at')
      case 'finished':
        return finishedAt(this.nowMs)
      case 'duration':
        return durationAt(this.nowMs)
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
