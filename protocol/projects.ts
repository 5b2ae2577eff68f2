import { type Static, Type } from 'typebox'
import { DisplayName, Moment, MomentOrNull, Notes, ProjectName, page, Tags } from './schema.ts'

/** Days of which a project tells how many runs were made. */
export const activityDays = 30

export const Project = Type.Object({
  name: ProjectName,
  display_name: DisplayName,
  tags: Tags,
  notes: Type.String(),
  runs: Type.Integer({ description: 'How many' }),
  running: Type.Integer({ description: 'How many of them are running' }),
  activity: Type.Array(Type.Integer(), {
    minItems: activityDays,
    maxItems: activityDays,
    description: 'How many runs were made on each of the last 30 days of UTC, the oldest first, today last',
  }),
  created_at: Moment,
  heard_at: MomentOrNull,
})
export type Project = Static<typeof Project>

export const ProjectPage = page('projects', Project)
export type ProjectPage = Static<typeof ProjectPage>

/** PATCH of a project or a run: what is named changes, the rest stays. */
export const DescriptionPatch = Type.Object({
  display_name: Type.Optional(DisplayName),
  tags: Type.Optional(Tags),
  notes: Type.Optional(Notes),
})
export type DescriptionPatch = Static<typeof DescriptionPatch>
