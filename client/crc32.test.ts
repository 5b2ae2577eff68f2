import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { crc32 as native } from 'node:zlib'
import { crc32 } from './crc32.ts'

test('a CRC-32 is that of the standard, however it is divided, for few bytes and for many', () => {
  // The check value of every CRC-32 of this kind.
  assert.equal(crc32(Buffer.from('123456789')), 0xcbf43926)
  assert.equal(crc32(Buffer.alloc(0)), 0)
  const bytes = randomBytes(1_000)
  for (let end = 0; end <= bytes.length; end++) {
    const start = end >> 1
    assert.equal(crc32(bytes, 0, start, end), native(bytes.subarray(start, end)))
    assert.equal(crc32(bytes, crc32(bytes, 0, 0, start), start, end), native(bytes.subarray(0, end)))
  }
})
