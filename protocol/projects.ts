import { type Static, Type } from 'typebox'
import { DisplayName, Moment, MomentOrNull, Notes, ProjectName, page, Tags } from './schema.ts'

export const Project = Type.Object({
  name: ProjectName,
  display_name: DisplayName,
  tags: Tags,
  notes: Type.String(),
  runs: Type.Integer({ description: 'How many' }),
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
