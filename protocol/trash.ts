import { type Static, Type } from 'typebox'
import { Run } from './runs.ts'
import { Moment, ProjectName, page, RunName } from './schema.ts'

const TrashId = Type.String({ format: 'uuid', title: 'the trash_id of a run in the trash' })

/** A run that was deleted, and where it is since. */
export const RunDeleted = Type.Object({ status: Type.Literal('ok'), trash_id: TrashId })

export const TrashPath = Type.Object({ project: ProjectName, trash_id: TrashId })

/** A run in the trash, without what its metrics came to. */
export const TrashedRun = Type.Object({
  ...Type.Omit(Run, ['metrics']).properties,
  trash_id: TrashId,
  deleted_at: Moment,
  expires_at: Type.String({
    format: 'date-time',
    description: 'When it goes for good: 7 days after it was deleted, or after its client last sent something',
  }),
})
export type TrashedRun = Omit<Run, 'metrics'> &
  Pick<Static<typeof TrashedRun>, 'trash_id' | 'deleted_at' | 'expires_at'>

export const TrashPage = page('runs', TrashedRun)
export type TrashPage = { runs: TrashedRun[]; next_cursor: string | null }

/** A body is not needed. */
export const RunRestore = Type.Union(
  [
    Type.Object({
      name: Type.Optional(
        Type.Union([RunName, Type.Null()], {
          title: 'letters, digits, underscores and hyphens, 1 to 255 of them',
          description: 'What it is called from now on; without: as before',
        }),
      ),
    }),
    Type.Null(),
  ],
  { title: 'an object' },
)
