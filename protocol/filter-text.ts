import type { Filter, Operator } from './filter.ts'
import type { Field } from './filter-field.ts'
import { durationUnits, type FilterValue } from './filter-value.ts'

/** A filter as a text that `parseFilter` reads as the same one, whatever the spaces and quotes it was written with. */
export function printFilter(filter: Filter): string {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return filter.parts.map(printPart).join(` ${filter.kind} `)
    case 'not':
      return `not ${printPart(filter.part)}`
    case 'comparison':
      return `${printField(filter.field)} ${filter.operator satisfies Operator} ${printValue(filter.value)}`
    case 'oneOf':
      return `${printField(filter.field)} in (${filter.values.map(printValue).join(', ')})`
    case 'contains':
      return `${printField(filter.field)} contains ${JSON.stringify(filter.part)}`
    case 'tagged':
      return `${JSON.stringify(filter.tag)} in tags`
  }
}

export function printField(field: Field): string {
  switch (field.name) {
    case 'config':
    case 'summary':
      return [field.name, ...field.path.map((key) => JSON.stringify(key))].join('.')
    case 'metric':
      return `metric.${JSON.stringify(field.metric)}.${field.stat}`
    default:
      return field.name
  }
}

function printPart(part: Filter): string {
  return part.kind === 'and' || part.kind === 'or' ? `(${printFilter(part)})` : printFilter(part)
}

function printValue(value: FilterValue): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value)
  if ('beforeNowMs' in value) return value.beforeNowMs === 0 ? 'now' : `now - ${printDuration(value.beforeNowMs)}`
  const wholeMs = Math.floor(value.ms)
  const microseconds = String(Math.round((value.ms - wholeMs) * 1_000)).padStart(3, '0')
  return JSON.stringify(new Date(wholeMs).toISOString().replace('Z', `${microseconds}Z`))
}

function printDuration(ms: number): string {
  const [unit, unitMs] = Object.entries(durationUnits).find(([, unitMs]) => ms % unitMs === 0) as [string, number]
  return `${ms / unitMs}${unit}`
}
