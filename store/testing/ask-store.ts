import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { Problem, type ProblemCode } from '@aspara/protocol/errors.ts'
import type { ExportFormat } from '@aspara/protocol/metrics.ts'
import type { NewArtifact, NewRun, RunAddress } from '../catalog/write-catalog.ts'
import type { Store } from '../store.ts'

/*
 * What many tests ask of a store, in fewer words.
 */

/** One value as an export tells it. */
export interface Point {
  metric: string
  step: number
  timestamp: number
  value: number
}

let projectsSoFar = 0
/** A project of which no other test knows. */
export const newProject = (idea: string): string => `${idea}-${process.pid}-${projectsSoFar++}`

export const newRun = (project: string, name?: string, rest: Partial<NewRun> = {}): NewRun => ({
  project,
  name,
  tags: [],
  notes: '',
  config: {},
  projectTags: [],
  resume: false,
  ...rest,
})

/** An export of one run. */
export const exportOf = ({ project, run }: RunAddress, format: ExportFormat = 'jsonl', metrics?: string[]) => ({
  project,
  runs: [run],
  format,
  metrics,
  withRun: false,
})

export async function exportText(
  store: Store,
  address: RunAddress,
  format: 'csv' | 'jsonl' = 'jsonl',
  metrics?: string[],
): Promise<string> {
  const pieces: Uint8Array[] = []
  for await (const piece of store.series.exportPoints(exportOf(address, format, metrics))) pieces.push(piece)
  return Buffer.concat(pieces).toString()
}

/** A run's points in the order of an export. */
export async function exportPoints(store: Store, address: RunAddress, metrics?: string[]): Promise<Point[]> {
  return readLines(await exportText(store, address, 'jsonl', metrics))
}

export function readLines(text: string): Point[] {
  assert.ok(text === '' || text.endsWith('\n'), 'the last line is whole')
  const lines = text.split('\n').slice(0, -1)
  return lines.map((line) => {
    const point = JSON.parse(line)
    return { ...point, value: Number(point.value) }
  })
}

export const collect = async (pieces: AsyncIterable<Uint8Array>): Promise<Buffer> => {
  const collected: Uint8Array[] = []
  for await (const piece of pieces) collected.push(piece)
  return Buffer.concat(collected)
}

/** Uploads bytes as an artifact of a run. */
export async function upload(
  store: Store,
  artifact: RunAddress & Partial<Pick<NewArtifact, 'description' | 'category'>> & { name: string },
  bytes: Uint8Array | string,
): Promise<void> {
  const file = await store.artifacts.receive(Readable.from([Buffer.from(bytes)]))
  await store.artifacts.keep(file, { description: null, category: null, ...artifact })
}

/** Deletes a run past the trash. */
export async function deleteForGood(store: Store, { project, run }: RunAddress): Promise<void> {
  const { trashId } = await store.catalog.deleteRun({ project, run })
  await store.catalog.discardRun({ project, trashId })
}

/** Reads an artifact's bytes. */
export async function download(
  store: Store,
  address: RunAddress & { name: string },
  range?: { start: number; end: number },
): Promise<Buffer> {
  return collect(store.artifacts.read(await store.artifacts.find(address), range))
}

/** Holds when the promise is refused with the problem of that code. @returns the problem */
export async function refused(promise: Promise<unknown>, code: ProblemCode): Promise<Problem> {
  try {
    await promise
  } catch (error) {
    assert.ok(error instanceof Problem, String(error))
    assert.equal(error.code, code, `${error.code}: ${error.message} ${error.cause ?? ''}`)
    return error
  }
  assert.fail(`it was done, and should have been refused with ${code}`)
}

/** Waits until it is so; what is done in the background tells nobody when. */
export async function eventually(what: string, isSo: () => Promise<boolean>, deadlineMs = 10_000): Promise<void> {
  const deadline = performance.now() + deadlineMs
  while (!(await isSo())) {
    if (performance.now() > deadline) assert.fail(`after ${deadlineMs} ms it is still not so that ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
