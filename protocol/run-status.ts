/** What a run can be: `lost` is one with a writer of which nothing was heard for `limits.lostMs`. */
export const runStatuses = ['running', 'lost', 'finished', 'failed'] as const
export type RunStatus = (typeof runStatuses)[number]
