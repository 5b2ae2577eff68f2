import { invalidField, type Problem } from '@aspara/protocol/errors.ts'
import { Ajv, type ValidateFunction } from 'ajv'
import addFormats from 'ajv-formats'

const options = {
  verbose: true,
  allowUnionTypes: true,
  strict: false,
  strictNumbers: true,
  useDefaults: false,
  removeAdditional: false,
} as const

/** Bodies are taken as they are, never bent into shape. */
const ofBodies = addFormats.default(new Ajv({ ...options, coerceTypes: false }))
/** What stands in a URL is text and has to be. */
const ofUrls = addFormats.default(new Ajv({ ...options, coerceTypes: 'array' }))

export const bodyValidator = (schema: object): ValidateFunction => ofBodies.compile(schema)
export const urlValidator = (schema: object): ValidateFunction => ofUrls.compile(schema)

/** A fault as Ajv reports it with `verbose`. */
export interface SchemaFault {
  instancePath: string
  keyword: string
  message?: string
  params: Record<string, unknown>
  parentSchema?: { title?: string }
}

/** Keywords of schemas that limit a size, and what is counted. */
const limited: Record<string, string> = { maxProperties: 'entries', maxItems: 'entries', maxLength: 'characters' }

const places: Record<string, string> = { body: 'body', querystring: 'query', params: 'path', headers: 'header' }

/** What does not fit its schema, as a problem; `body` is needed where that is what does not fit. */
export function invalidRequest(faults: SchemaFault[], context: string, body: unknown): Problem {
  // Of a value that fits none of several schemas each is a fault, and last that it fits none. A fault deeper inside says more,
  // and so does one that knows a limit.
  const weightOf = (fault: SchemaFault) => fault.instancePath.length * 2 + (fault.keyword in limited ? 1 : 0)
  const { instancePath, keyword, message, params, parentSchema } = faults.reduce((best, fault) =>
    weightOf(fault) >= weightOf(best) ? fault : best,
  )
  const loc: (string | number)[] = [places[context] ?? context]
  let inside: unknown = context === 'body' ? body : undefined
  for (const part of instancePath.split('/').slice(1)) {
    const name = part.replaceAll('~1', '/').replaceAll('~0', '~')
    loc.push(Array.isArray(inside) ? Number(name) : name)
    inside = (inside as Record<string, unknown> | undefined)?.[name]
  }
  if (keyword === 'required') {
    loc.push(String(params.missingProperty))
    return invalidField(loc, 'Field required', 'missing')
  }
  if (keyword === 'additionalProperties') {
    loc.push(String(params.additionalProperty))
    return invalidField(loc, 'Unknown parameter', 'extra_forbidden')
  }
  const title = parentSchema?.title
  if (keyword in limited) {
    const size = `at most ${params.limit} ${limited[keyword]}`
    return invalidField(loc, title ? `must be ${title} with ${size}` : `must have ${size}`, keyword)
  }
  return invalidField(loc, title ? `must be ${title}` : (message ?? 'is not valid'), keyword)
}
