import { forgetDroppedFiles, listDroppedFiles } from '../artifacts/dropped-files.ts'
import type { Commit } from '../catalog/commit.ts'
import * as deletions from '../catalog/deletions.ts'
import { finishRun } from '../catalog/finish-run.ts'
import { listWriters } from '../catalog/read-catalog.ts'
import { deleteView, putView } from '../catalog/views.ts'
import * as catalog from '../catalog/write-catalog.ts'
import type { Database } from '../engines/engine.ts'
import type { Append } from '../journal/appends.ts'

/** What the writer thread does one by one, by name. */
export const deeds = {
  createRun: catalog.createRun,
  mergeIntoRun: catalog.mergeIntoRun,
  setRunTags: catalog.setRunTags,
  finishRun,
  describeRun: catalog.describeRun,
  describeProject: catalog.describeProject,
  ...deletions,
  addArtifact: catalog.addArtifact,
  putView,
  deleteView,
  // Not a change: answered in the order of batches, so that it tells of all that were sent before.
  listWriters,
  listDroppedFiles,
  forgetDroppedFiles,
}

/** Names, arguments and results of the deeds. */
export type Deeds = typeof deeds & { append: (db: Database, append: Append, commit: Commit) => Promise<unknown> }
export type DeedName = keyof Deeds

export interface Deed<Name extends DeedName = DeedName> {
  name: Name
  argument: Parameters<Deeds[Name]>[1]
}

const clearing: ReadonlySet<DeedName> = new Set(['discardRun', 'emptyTrash', 'discardExpired', 'deleteProject'])
export const leavesRubbish = ({ name }: Deed): boolean => clearing.has(name)
/** And what comes before it. */
export const freesRoom = (deed: Deed): boolean =>
  leavesRubbish(deed) || deed.name === 'deleteRun' || deed.name === 'forgetDroppedFiles'
