import { documentText } from './document-text.ts'
import type { SpoolDocument } from './spool-format.ts'
import type { Request, Upload } from './transport.ts'

/**
 * The request that brings a document to the tracker, which passes over what it does not know; undefined for one that is only
 * for who reads the spool.
 */
export function documentRequest(
  { values, ...document }: SpoolDocument,
  run: string,
  writer: string,
): Request | undefined {
  const { type } = document
  if (type === 'artifact') {
    const upload = { ...document, file: document.file ?? document.path } as unknown as Upload
    return { method: 'POST', path: `${run}/artifacts`, body: upload }
  }
  const body = documentText({ ...document, writer, ...(values ? { [type]: values } : {}) })
  if (type === 'notes' || type === 'display_name') return { method: 'PATCH', path: run, body }
  return /^(config|summary|tags|finish)$/.test(type) ? { method: 'POST', path: `${run}/${type}`, body } : undefined
}
