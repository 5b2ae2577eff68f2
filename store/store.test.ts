import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { StoreUnavailable } from './engines/engine.ts'
import { embeddedUnderTest, openEmbedded } from './testing/embedded-store.ts'
import { openDatabase } from './testing/open-database.ts'
import { describeStore } from './testing/store-suite.ts'
import { temporaryFolder } from './testing/temporary-folder.ts'

describeStore('sqlite', () => embeddedUnderTest())

test('a store that cannot be opened whole is not opened at all, and its directory is free', async () => {
  const folder = await temporaryFolder()
  await writeFile(join(folder, 'artifacts'), 'a file where the folder should be')
  await assert.rejects(openEmbedded(folder), (error: Error) => {
    assert.ok(error instanceof StoreUnavailable)
    assert.equal(error.message, `The artifact folder ${join(folder, 'artifacts')} can't be written to (ENOTDIR)`)
    return true
  })
  await using _ = await openDatabase(folder)
})

test('a data directory has one owner, and a second is refused in a sentence', async () => {
  const folder = await temporaryFolder()
  await using _ = await openDatabase(folder)
  await assert.rejects(openEmbedded(folder), (error: Error) => {
    assert.ok(error instanceof StoreUnavailable)
    assert.match(error.message, new RegExp(`is in use by another tracker \\(process ${process.pid}\\)$`))
    return true
  })
})
