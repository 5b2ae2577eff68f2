import { documentText } from './document-text.ts'
import type { SpoolDocument } from './spool-format.ts'
import type { Request, Upload } from './transport.ts'

/** What a document asks of the tracker; undefined for one that is only for who reads the spool. */
export function documentRequest(document: SpoolDocument, path: string, writer: string): Request | undefined {
  const post = (part: string, body: object): Request => ({
    method: 'POST',
    path: `${path}/${part}`,
    body: documentText(body),
  })
  switch (document.type) {
    case 'config':
      return post('config', { config: document.values })
    case 'summary':
      return post('summary', { summary: document.values })
    case 'tags':
      return post('tags', { tags: document.tags })
    case 'notes':
      return { method: 'PATCH', path, body: JSON.stringify({ notes: document.notes }) }
    case 'artifact':
      return { method: 'POST', path: `${path}/artifacts`, body: uploadOf(document) }
    case 'finish':
      return post('finish', { exit_code: document.exit_code ?? 0, writer })
  }
}

const uploadOf = ({ file, path, name, description, category }: Record<string, unknown>) =>
  ({ file: file ?? path, name, description, category }) as Upload
