import { limits } from '@aspara/protocol/limits.ts'
import type { RunStatus } from '@aspara/protocol/run-status.ts'
import { type ExpressionWrapper, expressionBuilder } from 'kysely'
import type { Tables } from '../tables.ts'

/**
 * What a run is at a moment (milliseconds since the epoch), in a query of `runs` with `heads`. Nobody writes down that a
 * run is lost: it is so by the clock, and no longer so when it speaks again.
 */
export function statusAt(nowMs: number): ExpressionWrapper<Tables, 'runs' | 'heads', RunStatus> {
  const eb = expressionBuilder<Tables, 'runs' | 'heads'>()
  return eb
    .case()
    .when(
      eb.and([
        eb('runs.status', '=', 'running'),
        eb('heads.has_heartbeats', '=', 1),
        eb('heads.heard_at', '<', nowMs - limits.lostMs),
      ]),
    )
    .then<RunStatus>('lost')
    .else(eb.ref('runs.status'))
    .end()
}
