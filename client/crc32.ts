import * as zlib from 'node:zlib'

// Node has it from 20.15 and 22.2 on.
const native: typeof zlib.crc32 | undefined = zlib.crc32
/** Up to here a call into zlib costs more than it saves. */
const smallBytes = 256

/** What each byte does to a checksum by itself, and when one, two or three bytes follow it: four are taken at a time. */
const tables = Array.from({ length: 4 }, () => new Uint32Array(256))
for (let byte = 0; byte < 256; byte++) {
  let crc = byte
  for (let bits = 1; bits <= 32; bits++) {
    crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1
    if (bits % 8 === 0) tables[bits / 8 - 1][byte] = crc
  }
}
const [last, third, second, first] = tables

/**
 * The CRC-32 of zlib, gzip and PNG (ISO 3309, reflected polynomial 0xEDB88320) of the bytes from `start` up to `end`,
 * going on from `before`: that of what stands in front of them.
 */
export function crc32(bytes: Uint8Array, before = 0, start = 0, end = bytes.length): number {
  if (native && end - start > smallBytes) return native(bytes.subarray(start, end), before)
  let crc = ~before
  let at = start
  for (; at + 4 <= end; at += 4) {
    crc ^= bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24)
    crc = first[crc & 0xff] ^ second[(crc >>> 8) & 0xff] ^ third[(crc >>> 16) & 0xff] ^ last[crc >>> 24]
  }
  for (; at < end; at++) crc = (crc >>> 8) ^ last[(crc ^ bytes[at]) & 0xff]
  return ~crc >>> 0
}
