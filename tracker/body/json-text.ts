import { isUtf8 } from 'node:buffer'
import { invalidField } from '@aspara/protocol/errors.ts'
import { parseJson } from '@aspara/protocol/json.ts'

/** What JSON in UTF-8 holds. @throws invalidField */
export function parseBytes(bytes: Uint8Array): unknown {
  if (!isUtf8(bytes)) throw invalidField(['body'], 'the body is not UTF-8', 'json_invalid')
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  try {
    return parseJson(buffer.toString())
  } catch (error) {
    throw invalidField(['body'], `JSON decode error: ${(error as Error).message}`, 'json_invalid')
  }
}
