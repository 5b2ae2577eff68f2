import { after, before, describe } from 'node:test'
import type { RunAddress } from '../catalog/write-catalog.ts'
import type { Store } from '../store.ts'
import { appendBehaviour } from './append-behaviour.ts'
import { artifactBehaviour } from './artifact-behaviour.ts'
import { catalogBehaviour } from './catalog-behaviour.ts'
import { deletionBehaviour } from './deletion-behaviour.ts'
import { exportBehaviour } from './export-behaviour.ts'
import { listingBehaviour } from './listing-behaviour.ts'
import { pagingBehaviour } from './paging-behaviour.ts'
import { reopeningBehaviour } from './reopening-behaviour.ts'
import { summaryBehaviour } from './summary-behaviour.ts'
import { trashBehaviour } from './trash-behaviour.ts'
import { writerBehaviour } from './writer-behaviour.ts'

/** A store on a real engine, with the real threads, and what a test has to know beside its interface. */
export interface StoreUnderTest {
  /** The one that is open: another after `reopen`. */
  readonly store: Store
  /** Closes the store and opens it again where it was. */
  reopen(): Promise<void>
  /** Closes it and clears what it left. */
  close(): Promise<void>
  /** Bytes that everything takes that is kept. */
  bytesOnDisk(): Promise<number>
  /** How many artifact files there are, those that have not arrived whole among them. */
  artifactFiles(): Promise<number>
  /** Makes it so much longer ago that a run and its writers were heard of. */
  silence(address: RunAddress, ms: number): Promise<void>
  /** Makes it so much longer ago that a run of the trash was deleted, and that something was heard of it. */
  ageTrash(address: RunAddress, ms: number): Promise<void>
}

/** What every store does, as a function of the engine. The tests share one store; each works in projects of its own. */
export function describeStore(name: string, open: () => Promise<StoreUnderTest>): void {
  // What is never answered would be waited for without end.
  describe(`the ${name} store`, { timeout: 120_000 }, () => {
    let tested: StoreUnderTest
    before(async () => {
      tested = await open()
    })
    after(() => tested.close())
    const shared: StoreUnderTest = {
      get store() {
        return tested.store
      },
      reopen: () => tested.reopen(),
      close: () => tested.close(),
      bytesOnDisk: () => tested.bytesOnDisk(),
      artifactFiles: () => tested.artifactFiles(),
      silence: (address, ms) => tested.silence(address, ms),
      ageTrash: (address, ms) => tested.ageTrash(address, ms),
    }
    describe('catalog', () => catalogBehaviour(shared))
    describe('appends', () => appendBehaviour(shared))
    describe('writers', () => writerBehaviour(shared))
    describe('exports', () => exportBehaviour(shared))
    describe('summaries', () => summaryBehaviour(shared))
    describe('pages', () => pagingBehaviour(shared))
    describe('listing', () => listingBehaviour(shared))
    describe('artifacts', () => artifactBehaviour(shared))
    describe('deletion', () => deletionBehaviour(shared))
    describe('trash', () => trashBehaviour(shared))
    describe('reopening', () => reopeningBehaviour(shared))
  })
}
