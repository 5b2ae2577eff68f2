import { randomUUID } from 'node:crypto'
import { readdirSync, statSync, writeFileSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { expect } from './expect.ts'
import { makeFolder } from './make-folder.ts'
import { type ArtifactOptions, artifactDocument } from './run-parts.ts'
import type { SpoolDocument } from './spool-format.ts'

/** Of a folder that is one artifact call. */
const filesMax = 10_000

/** The files of an artifact, with absolute paths. @throws TypeError */
export async function listFiles(file: string | Blob, options: ArtifactOptions): Promise<SpoolDocument[]> {
  if (typeof file !== 'string') return [artifactDocument({}, options.name ?? blobName(file), options)]
  const path = resolve(file)
  const stats = statSync(path, { throwIfNoEntry: false })
  expect(stats, 'an artifact', 'a file or a folder', file)
  if (!stats?.isDirectory()) {
    return [artifactDocument({ path, size: stats?.size }, options.name ?? basename(path), options)]
  }
  const files = readdirSync(path, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  expect(files.length > 0 && files.length <= filesMax, `folder ${file}`, `one of 1 to ${filesMax} files`, files.length)
  return files.map((entry) => {
    const inside = join(entry.parentPath, entry.name)
    const name = `${options.name ?? basename(path)}-${inside.slice(path.length + 1).replace(/[\\/]/g, '-')}`
    return artifactDocument({ path: inside, size: statSync(inside).size }, name, options)
  })
}

const blobName = (blob: Blob): string | undefined => (blob as File | undefined)?.name

/** What is in it becomes a file of the writer's folder. @throws TypeError when it is no Blob */
export async function keepBlob(folder: string, blob: Blob, options: ArtifactOptions): Promise<SpoolDocument[]> {
  expect(blob instanceof Blob, 'an artifact', 'a path, a Blob or a File', blob)
  const path = join(folder, 'artifacts', randomUUID())
  const document = artifactDocument({ path, size: blob.size }, options.name ?? blobName(blob), options)
  makeFolder(join(folder, 'artifacts'), 0o700)
  writeFileSync(path, Buffer.from(await blob.arrayBuffer()), { mode: 0o600 })
  return [document]
}
