/** One part of a request that is wrong, as FastAPI's clients expect it. */
export interface Fault {
  /** Where: `['body', 'metrics', 'loss']`, `['query', 'limit']`. */
  loc: (string | number)[]
  msg: string
  type: string
}

/**
 * One table: code, status, sentence. A 4xx is the caller's mistake and tells what to change; a 5xx is the world's fault
 * and may be retried. docs/api/errors.md has a paragraph for each.
 */
export const problems = {
  invalidName: {
    status: 400,
    detail: (what: 'project' | 'run') =>
      `Invalid ${what} name: only letters, digits, underscores and hyphens, 1 to 255 of them`,
  },
  invalidArtifactName: {
    status: 400,
    detail: () =>
      "Invalid artifact name: only letters, digits, underscores, hyphens and dots, 1 to 255 of them, not starting with '..'",
  },
  invalidViewName: {
    status: 400,
    detail: () => "Invalid view name: 1 to 100 characters, none of them a control character, and not '.' or '..'",
  },
  invalidCategory: {
    status: 400,
    detail: () => 'Invalid category: one of code, model, config, data, other',
  },
  malformedRequest: { status: 400, detail: (why: string) => `Malformed request: ${why}` },
  malformedEncoding: { status: 400, detail: (encoding: string) => `The body is not valid ${encoding}` },
  tokenRequired: { status: 401, detail: () => 'A token is required: Authorization: Bearer <token>' },
  hostNotAllowed: {
    status: 403,
    detail: () => 'Host not allowed: a tracker on a loopback address answers to localhost, 127.0.0.1 and [::1]',
  },
  crossSite: { status: 403, detail: () => 'Requests from a page of another site are refused' },
  readOnly: { status: 403, detail: () => 'This tracker is read-only: nothing was stored' },
  routeNotFound: { status: 404, detail: () => 'Not Found' },
  projectNotFound: { status: 404, detail: () => 'Project not found' },
  runNotFound: { status: 404, detail: () => 'Run not found' },
  trashedRunNotFound: { status: 404, detail: () => 'No such run in the trash' },
  artifactNotFound: { status: 404, detail: () => 'Artifact not found' },
  viewNotFound: { status: 404, detail: () => 'View not found' },
  methodNotAllowed: { status: 405, detail: () => 'Method Not Allowed' },
  requestTimeout: { status: 408, detail: () => 'The request took too long to arrive' },
  runExists: { status: 409, detail: () => 'Run already exists' },
  tooManyViews: {
    status: 409,
    detail: (viewsMax: number) => `The project has ${viewsMax} views already: delete one first`,
  },
  sequenceGap: {
    status: 409,
    detail: (sequence: number, expected: number) =>
      `Batch ${sequence} came before batch ${expected}: send from expected_sequence on`,
  },
  bodyTooLarge: { status: 413, detail: (bytesMax: number) => `Body is larger than ${bytesMax} bytes` },
  documentTooLarge: {
    status: 413,
    detail: (what: string, bytesMax: number) => `The run's ${what} would be larger than ${bytesMax} bytes`,
  },
  uriTooLong: { status: 414, detail: () => 'The address is too long' },
  unsupportedMediaType: { status: 415, detail: (expected: string) => `Unsupported media type: send ${expected}` },
  unsupportedEncoding: { status: 415, detail: () => 'Unsupported Content-Encoding: send gzip, zstd or identity' },
  rangeNotSatisfiable: {
    status: 416,
    detail: (size: number) => `Range not satisfiable: the artifact has ${size} bytes`,
  },
  invalidField: { status: 422, detail: () => 'Unprocessable request' },
  headersTooLarge: { status: 431, detail: () => 'The request headers are too large' },
  diskUnreadable: {
    status: 500,
    detail: () => 'The disk could not be read: the tracker has logged the file and the error',
  },
  internal: { status: 500, detail: () => 'Internal error: the tracker has logged it' },
  tooBusy: { status: 503, detail: () => 'The tracker has too much to do: try again shortly' },
  pageNotBuilt: { status: 503, detail: () => 'The page has not been built: `npm start` builds it' },
  closing: { status: 503, detail: () => 'The tracker is closing: try again shortly' },
  diskFull: { status: 507, detail: () => 'The disk is full: nothing was stored, reading still works' },
} as const

export type ProblemCode = keyof typeof problems

/** A problem as it crosses threads: an Error's own fields do not. */
export interface ProblemMessage {
  code: ProblemCode
  detail: string | Fault[]
  extra: Record<string, unknown>
}

/** A request that could not be done, with what its answer says. */
export class Problem extends Error {
  readonly code: ProblemCode
  readonly status: number
  readonly detail: string | Fault[]
  /** Fields that stand beside `detail` in the answer. */
  readonly extra: Record<string, unknown>

  constructor({ code, detail, extra }: ProblemMessage) {
    super(
      typeof detail === 'string' ? detail : detail.map((fault) => `${fault.loc.join('.')}: ${fault.msg}`).join('; '),
    )
    this.name = 'Problem'
    this.code = code
    this.status = problems[code].status
    this.detail = detail
    this.extra = extra
  }

  toMessage(): ProblemMessage {
    return { code: this.code, detail: this.detail, extra: this.extra }
  }
}

/** The problem of the table with this code; its sentence's numbers and words follow. */
export function problem<Code extends ProblemCode>(
  code: Code,
  ...words: Parameters<(typeof problems)[Code]['detail']>
): Problem {
  const detail = (problems[code].detail as (...words: unknown[]) => string)(...words)
  return new Problem({ code, detail, extra: {} })
}

/** A 422 that names the field. */
export function invalidField(loc: Fault['loc'], msg: string, type = 'value_error'): Problem {
  return new Problem({ code: 'invalidField', detail: [{ loc, msg, type }], extra: {} })
}

/** A batch that came too early: 409 with the number that the writer has to go back to. */
export function sequenceGap(sequence: number, expected: number): Problem {
  const detail = problems.sequenceGap.detail(sequence, expected)
  return new Problem({ code: 'sequenceGap', detail, extra: { expected_sequence: expected } })
}
