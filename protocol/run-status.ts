/** What a run can be: `lost` is one whose client gave signs of life and has fallen silent (`limits.lostMs`). */
export const runStatuses = ['running', 'lost', 'finished', 'failed'] as const
export type RunStatus = (typeof runStatuses)[number]
