import assert from 'node:assert/strict'
import { statSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { temporaryFolder } from '../testing/temporary-folder.ts'
import { Reserve } from './reserve.ts'

test('room is kept back a little at a time, given up at once, and taken back', async () => {
  const path = join(await temporaryFolder(), 'reserve')
  const reserve = new Reserve(path)
  assert.equal(reserve.give(), false, 'there is none yet')
  let turns = 1
  while (reserve.keep()) turns++
  const { bytes } = reserve
  assert.ok(turns > 1 && bytes > 1024 * 1024)
  assert.ok(statSync(path).blocks * 512 >= bytes, 'it says that it takes room, and takes none')
  assert.equal(reserve.keep(), false, 'it grows without end')

  assert.equal(reserve.give(), true)
  assert.equal(reserve.bytes, 0)
  assert.equal(reserve.give(), false)
  while (reserve.keep());
  assert.equal(reserve.bytes, bytes)
})

test('what a crash left of it is gone on with', async () => {
  const path = join(await temporaryFolder(), 'reserve')
  const before = new Reserve(path)
  while (before.keep());
  const { bytes } = before
  truncateSync(path, 3_000_000)
  const after = new Reserve(path)
  while (after.keep());
  // Half of what is free is another number while others write.
  assert.ok(after.bytes > 3_000_000 && after.bytes <= Math.max(bytes, 64 * 1024 * 1024))
})

test('a folder that takes nothing keeps nothing back, and is no reason to fail', {
  skip: process.platform === 'linux' ? false : 'only Linux has such a folder for sure',
}, () => {
  assert.equal(new Reserve('/proc/self/reserve').keep(), false)
})
