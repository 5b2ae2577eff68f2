import assert from 'node:assert/strict'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { StoreUnavailable } from './engines/engine.ts'
import { embeddedUnderTest, openEmbedded } from './testing/embedded-store.ts'
import { describeStore } from './testing/store-suite.ts'
import { temporaryFolder } from './testing/temporary-folder.ts'

describeStore('sqlite', () => embeddedUnderTest())

test('a data directory has one owner, who does not notice when a second is refused', async () => {
  const folder = await temporaryFolder()
  const first = await openEmbedded(folder)
  await assert.rejects(openEmbedded(folder), (error: Error) => {
    assert.ok(error instanceof StoreUnavailable)
    assert.match(error.message, new RegExp(`is in use by another tracker \\(process ${process.pid}\\)$`))
    return true
  })
  await first.journal.appendRecord({ project: 'p', run: 'r', step: 0, timestamp: 0, metrics: ['a'], values: [1] })
  assert.equal((await first.journal.listMetrics({ project: 'p', run: 'r' })).length, 1)
  await first.close()
})

test('a store that cannot be opened whole is not opened at all, and its directory is free', async () => {
  const folder = await temporaryFolder()
  await writeFile(join(folder, 'artifacts'), 'a file where the folder should be')
  await assert.rejects(openEmbedded(folder), (error: Error) => {
    assert.ok(error instanceof StoreUnavailable)
    assert.equal(error.message, `The artifact folder ${join(folder, 'artifacts')} can't be written to (ENOTDIR)`)
    return true
  })
  await rm(join(folder, 'artifacts'))
  await (await openEmbedded(folder)).close()
})
