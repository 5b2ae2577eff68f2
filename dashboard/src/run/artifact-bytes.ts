import { useEffect, useState } from 'react'
import { apiBase, askRaw, currentToken, path } from '../api/ask.ts'
import type { Artifact } from '../api/queries.ts'
import { mediaType, pieceBytes } from './preview-kind.ts'

/** Where an artifact is, below the API's address. */
export const artifactPath = (project: string, run: string, artifact: string): string =>
  path('projects', project, 'runs', run, 'artifacts', artifact)

/** Asks for the bytes of an artifact as the list has it. @throws TrackerProblem; Error when it was replaced meanwhile */
async function askBytes(
  at: string,
  artifact: Artifact,
  init: { headers?: Record<string, string>; signal: AbortSignal },
) {
  const answer = await askRaw(at, init)
  const tag = answer.headers.get('etag')
  if (tag !== null && !tag.includes(artifact.sha256)) {
    await answer.body?.cancel()
    throw new Error('the file was replaced by another of the same name meanwhile')
  }
  return answer
}

type Loaded<Value> = { value: Value; error: null } | { value: null; error: Error | null }
const nothingYet = { value: null, error: null }

/**
 * A whole artifact in the page's memory, and the address that shows it there; null until it has come. A token may be
 * needed, which no `<img>` sends, and the policy lets in what comes from memory. Give it back by unmounting.
 */
export function useWholeFile(at: string, artifact: Artifact): Loaded<{ blob: Blob; url: string }> {
  const [state, setState] = useState<Loaded<{ blob: Blob; url: string }>>(nothingYet)
  // biome-ignore lint/correctness/useExhaustiveDependencies: the hash stands for the artifact
  useEffect(() => {
    const abort = new AbortController()
    let url: string | undefined
    const read = async () => {
      try {
        const answer = await askBytes(at, artifact, { signal: abort.signal })
        const blob = new Blob([await answer.arrayBuffer()], { type: mediaType(artifact.name) })
        if (abort.signal.aborted) return
        url = URL.createObjectURL(blob)
        setState({ value: { blob, url }, error: null })
      } catch (error) {
        if (!abort.signal.aborted) setState({ value: null, error: error as Error })
      }
    }
    setState(nothingYet)
    void read()
    return () => {
      abort.abort()
      if (url !== undefined) URL.revokeObjectURL(url)
    }
  }, [at, artifact.sha256])
  return state
}

export interface FileBeginning {
  text: string
  /** The first bytes, by which one tells what a file is. */
  head: Uint8Array
  /** Bytes that `text` is of. */
  bytesRead: number
}

/** An artifact from its beginning, piece by piece as `more` asks for them. */
export function useFileBeginning(at: string, artifact: Artifact) {
  const [state, setState] = useState<Loaded<FileBeginning>>(nothingYet)
  const [pieces, setPieces] = useState(1)
  const [decoder] = useState(() => new TextDecoder())
  const { file_size } = artifact
  const bytesRead = state.value?.bytesRead ?? 0
  const wanted = Math.min(file_size, pieces * pieceBytes)
  // biome-ignore lint/correctness/useExhaustiveDependencies: a component is of one artifact, by its hash
  useEffect(() => {
    if (bytesRead >= wanted) return
    const abort = new AbortController()
    const read = async () => {
      try {
        const range = { range: `bytes=${bytesRead}-${wanted - 1}` }
        const answer = await askBytes(at, artifact, { headers: range, signal: abort.signal })
        const bytes = new Uint8Array(await answer.arrayBuffer())
        if (abort.signal.aborted) return
        const text = decoder.decode(bytes, { stream: wanted < file_size })
        setState(({ value }) => ({
          value: { text: (value?.text ?? '') + text, head: value?.head ?? bytes.slice(0, 4_096), bytesRead: wanted },
          error: null,
        }))
      } catch (error) {
        if (!abort.signal.aborted) setState({ value: null, error: error as Error })
      }
    }
    void read()
    return () => abort.abort()
  }, [bytesRead, wanted])
  return {
    ...state,
    isWhole: bytesRead >= file_size,
    isReading: bytesRead < wanted && state.error === null,
    more: () => setPieces((count) => count + 1),
  }
}

/** Saves an artifact where the browser saves things. With a token it has to pass through the page's memory. */
export async function download(at: string, name: string): Promise<void> {
  if (currentToken() === null) return save(apiBase + at, name)
  const answer = await askRaw(at)
  const url = URL.createObjectURL(await answer.blob())
  save(url, name)
  // The browser has begun to read it by then.
  setTimeout(() => URL.revokeObjectURL(url), 60_000)
}

function save(url: string, name: string): void {
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
}
