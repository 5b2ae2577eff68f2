import { printable } from './printable.ts'
import { sentenceOf } from './transport.ts'

/** The tracker does not answer, or answers that it can't: the sentence is its own. */
export class ApiError extends Error {
  override name = 'ApiError'
  /** The answer's status; undefined when there was no answer. */
  readonly status: number | undefined

  constructor(sentence: string, status?: number, options?: ErrorOptions) {
    // It may hold what the tracker says, and ends on a terminal when nobody catches it.
    super(printable(sentence), options)
    this.status = status
  }
}

/** An answer that is not a file is read whole, and none of a tracker's is larger. */
const answerBytesMax = 64 * 1024 * 1024
/** A line of an export is a metric's name and three numbers. */
const lineCharsMax = 64 * 1024

/** What speaks HTTP there, but not as a tracker does. */
export const notATracker = (uri: string, why: string): ApiError =>
  new ApiError(`${uri} is not an Aspara tracker (${why})`)

/** What an answer holds, which is an object. @throws ApiError */
export async function readAnswer(response: Response, uri: string): Promise<Record<string, unknown>> {
  const pieces: Uint8Array[] = []
  let bytes = 0
  try {
    for await (const piece of response.body ?? []) {
      bytes += piece.length
      if (bytes > answerBytesMax) break
      pieces.push(piece)
    }
  } catch (cause) {
    throw new ApiError(`the answer of ${uri} broke off (${(cause as Error).message})`, undefined, { cause })
  }
  if (bytes > answerBytesMax) throw notATracker(uri, `its answer is larger than ${answerBytesMax} bytes`)
  let found: unknown
  try {
    found = JSON.parse(Buffer.concat(pieces).toString())
  } catch {
    throw notATracker(uri, 'its answer is not JSON')
  }
  if (!isObject(found)) throw notATracker(uri, 'its answer is not a JSON object')
  return found
}

/** Why a tracker refuses, in its own words. */
export async function refusal(response: Response, uri: string, location: string | undefined): Promise<ApiError> {
  const { status } = response
  if (status >= 300 && status < 400) {
    await response.body?.cancel()
    // Whoever follows it would take the token to wherever it leads.
    return new ApiError(`${uri} redirects to ${location ?? 'nowhere'}: use that address`, status)
  }
  const body = await readAnswer(response, uri).catch(() => undefined)
  return new ApiError(sentenceOf({ status, body }), status)
}

/** The entries of a page of a list. @throws ApiError */
export function entriesOf<Entry>(page: Record<string, unknown>, name: string, uri: string): Entry[] {
  const entries = page[name]
  if (Array.isArray(entries) && entries.every(isObject)) return entries as Entry[]
  throw notATracker(uri, `its answer has no list of ${name}`)
}

/** What comes of an answer; where it is not as a tracker's is, an error that says so. @throws ApiError */
export function asAnswered<Value>(uri: string, make: () => Value): Value {
  try {
    return make()
  } catch (error) {
    if (error instanceof ApiError) throw error
    throw notATracker(uri, 'its answer lacks what a tracker says')
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  value !== null && typeof value === 'object' && !Array.isArray(value)

/** Lines out of pieces that are cut anywhere. @throws ApiError for one without an end */
export async function* linesOf(body: ReadableStream<Uint8Array> | null, uri: string): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const piece of body ?? []) {
    const lines = (rest + decoder.decode(piece, { stream: true })).split('\n')
    rest = lines.pop() ?? ''
    if (rest.length > lineCharsMax) throw notATracker(uri, 'a line of its export has no end')
    yield* lines
  }
  if (rest !== '') yield rest
}
