import { type Static, Type } from 'typebox'
import { limits } from './limits.ts'
import { Document, Moment, ProjectName, page } from './schema.ts'

const ViewName = Type.String({ description: `Any text of 1 to ${limits.viewNameCharsMax} characters, percent-encoded` })
export const ViewPath = Type.Object({ project: ProjectName, view: ViewName })

/** How somebody looks at a project; what stands in it is up to who saves it. */
export const ViewBody = Type.Object({ view: Document })

export const View = Type.Object({
  name: Type.String(),
  view: Document,
  created_at: Moment,
  updated_at: Moment,
})
export type View = Static<typeof View>

export const ViewPage = page('views', View)
export type ViewPage = Static<typeof ViewPage>
