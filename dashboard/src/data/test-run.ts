import type { Run } from '../api/queries.ts'

/** A run as the tracker lists it, for tests: what is not said of it is empty. */
export const testRun = (number: number, said: Partial<Run> = {}): Run => ({
  project: 'p',
  name: `run-${number}`,
  run_id: `run-${number}`,
  number,
  id: null,
  display_name: null,
  group: null,
  job_type: null,
  status: 'finished',
  exit_code: 0,
  tags: [],
  notes: '',
  config: {},
  summary: {},
  created_at: '2026-01-31T09:00:00.000Z',
  heard_at: '2026-01-31T09:01:00.000Z',
  finished_at: '2026-01-31T09:02:30.000Z',
  duration: 150,
  finish_reason: null,
  metrics: [],
  ...said,
})
