import { type Static, Type } from 'typebox'
import { artifactNamePattern } from './names.ts'
import { Moment, ProjectName, page, RunName } from './schema.ts'

export const categories = ['code', 'model', 'config', 'data', 'other'] as const
export type Category = (typeof categories)[number]

export const ArtifactName = Type.String({ pattern: artifactNamePattern })
export const ArtifactPath = Type.Object({ project: ProjectName, run: RunName, artifact: ArtifactName })

export const ArtifactStored = Type.Object({
  status: Type.Literal('ok'),
  artifact_name: ArtifactName,
  file_size: Type.Integer({ description: 'Bytes' }),
  sha256: Type.String({ pattern: '^[0-9a-f]{64}$' }),
})
export type ArtifactStored = Static<typeof ArtifactStored>

export const Artifact = Type.Object({
  name: ArtifactName,
  file_size: Type.Integer({ description: 'Bytes' }),
  sha256: Type.String({ pattern: '^[0-9a-f]{64}$' }),
  description: Type.Union([Type.String(), Type.Null()]),
  category: Type.Union([Type.Enum([...categories]), Type.Null()]),
  created_at: Moment,
})
export type Artifact = Static<typeof Artifact>

export const ArtifactPage = page('artifacts', Artifact)
export type ArtifactPage = Static<typeof ArtifactPage>
