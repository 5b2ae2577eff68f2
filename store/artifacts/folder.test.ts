import assert from 'node:assert/strict'
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { test } from 'node:test'
import { temporaryFolder } from '../testing/temporary-folder.ts'
import { ArtifactFolder } from './folder.ts'

async function openFolder() {
  const place = join(await temporaryFolder(), 'artifacts')
  const folder = new ArtifactFolder(place)
  await folder.open()
  const files = async () => {
    const entries = await readdir(place, { recursive: true, withFileTypes: true })
    return entries
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(place.length + 1))
  }
  return { folder, place, files }
}

const receive = (folder: ArtifactFolder, bytes: string) => folder.receive(Readable.from([Buffer.from(bytes)]))
const hello = '2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824'

test('a file is kept under its hash, in one of 256 folders', async () => {
  const { folder, files } = await openFolder()
  await folder.keep(await receive(folder, 'hello'), async () => {})
  assert.deepEqual(await files(), [`sha256/2c/${hello}`])
})

test('what a crash left half-way is cleared when the folder is opened, and what was kept stays', async () => {
  const { folder, place, files } = await openFolder()
  await folder.keep(await receive(folder, 'hello'), async () => {})
  await receive(folder, 'half of something')
  await writeFile(join(place, 'incoming', 'another'), '')
  await new ArtifactFolder(place).open()
  assert.deepEqual(await files(), [`sha256/2c/${hello}`])
})

test('a file is in its place before it is named, and no drop comes between', async () => {
  const { folder, files } = await openFolder()
  const order: string[] = []
  const named = Promise.withResolvers<void>()
  const kept = folder.keep(await receive(folder, 'hello'), async () => {
    order.push(`naming, with ${(await files()).length} file`)
    await named.promise
    order.push('named')
  })
  const dropped = folder.drop(hello, async () => {
    order.push('asked whether it is named')
    return true
  })
  await new Promise(setImmediate)
  named.resolve()
  await Promise.all([kept, dropped])
  assert.deepEqual(order, ['naming, with 1 file', 'named', 'asked whether it is named'])
  assert.deepEqual(await files(), [`sha256/2c/${hello}`])
})

test('a file that is dropped goes unless it is named, and may be gone already', async () => {
  const { folder, files } = await openFolder()
  await folder.keep(await receive(folder, 'hello'), async () => {})
  await folder.drop(hello, async () => true)
  assert.equal((await files()).length, 1)
  await folder.drop(hello, async () => false)
  await folder.drop(hello, async () => false)
  assert.deepEqual(await files(), [])
})

test('one that fails to be named does not keep the next from its turn', async () => {
  const { folder, files } = await openFolder()
  const failing = folder.keep(await receive(folder, 'hello'), async () => {
    throw new Error('no such run')
  })
  const following = folder.keep(await receive(folder, 'hello'), async () => {})
  await assert.rejects(failing, /no such run/)
  await following
  assert.deepEqual(await files(), [`sha256/2c/${hello}`])
})

test('a disk without room is a problem that may be tried again, and leaves nothing', async () => {
  const { folder, files } = await openFolder()
  async function* full() {
    yield Buffer.from('some')
    throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' })
  }
  await assert.rejects(folder.receive(Readable.from(full())), { name: 'Problem', code: 'diskFull' })
  assert.deepEqual(await files(), [])
})

test('a place that cannot be a folder is told in a sentence', async () => {
  const file = join(await temporaryFolder(), 'file')
  await writeFile(file, '')
  await assert.rejects(new ArtifactFolder(file).open(), {
    name: 'StoreUnavailable',
    message: `The artifact folder ${file} can't be written to (ENOTDIR)`,
  })
  const stuck = join(await temporaryFolder(), 'artifacts')
  await mkdir(join(stuck, 'incoming', 'a-folder'), { recursive: true })
  await assert.rejects(new ArtifactFolder(stuck).open(), { name: 'StoreUnavailable' })
})
