import type { Filter, Operator } from '@aspara/protocol/filter.ts'
import { type Field, kindOf, stats } from '@aspara/protocol/filter-field.ts'
import type { FilterValue } from '@aspara/protocol/filter-value.ts'
import type { Run } from '@aspara/protocol/runs.ts'
import type { SortKey } from '@aspara/protocol/sort.ts'
import { fieldValue } from './listing-model.ts'
import type { Random } from './random.ts'

const span = { start: 0, end: 0 }
const texts = ['name', 'display_name', 'id', 'group', 'job_type', 'notes'] as const
const plainFields = [...texts, 'status', 'exit_code', 'created', 'heard', 'finished', 'duration'] as const

/** Fields that runs are likely to have, and filters and sorts of them that are likely to tell runs apart. */
export class RandomQuestions {
  #random: Random
  #runs: Run[]
  #metrics: string[]

  constructor(random: Random, runs: Run[]) {
    this.#random = random
    this.#runs = runs
    this.#metrics = [...new Set(runs.flatMap((run) => run.metrics.map((metric) => metric.metric))), 'absent']
  }

  filter(depth = 0): Filter {
    const random = this.#random
    const kind = random.below(depth > 2 ? 7 : 10)
    if (kind === 0) return { kind: 'tagged', tag: random.pick([...random.pick(this.#runs).tags, 'absent']), ...span }
    if (kind === 1) {
      const field = this.#field((kind) => kind === 'text' || kind === 'any')
      const value = fieldValue(field, random.pick(this.#runs))
      const [start, chars] = [random.below(4), random.below(4)]
      const part = String(value)
        .slice(start, start + chars)
        .toWellFormed()
      return { kind: 'contains', field, part: random.chance(0.5) ? part.toUpperCase() : part, ...span }
    }
    if (kind === 2) {
      const field = this.#field()
      const values = Array.from({ length: random.between(1, 4) }, () => this.#value(field))
      return { kind: 'oneOf', field, values, ...span }
    }
    if (kind <= 6) {
      const field = this.#field()
      const equals: Operator[] = ['=', '!=']
      const value = this.#value(field)
      const hasOrder = kindOf(field) !== 'status' && value !== null && typeof value !== 'boolean'
      const operator = random.pick(hasOrder ? [...equals, '<', '<=', '>', '>=' as const] : equals)
      return { kind: 'comparison', field, operator: operator as Operator, value, ...span }
    }
    if (kind === 7) return { kind: 'not', part: this.filter(depth + 1), ...span }
    const parts = Array.from({ length: random.between(2, 3) }, () => this.filter(depth + 1))
    return { kind: kind === 8 ? 'and' : 'or', parts, ...span }
  }

  sort(): SortKey[] {
    return Array.from({ length: this.#random.between(1, 3) }, () => ({
      field: this.#field((_, name) => name !== 'notes'),
      isDescending: this.#random.chance(0.5),
    }))
  }

  #field(fits: (kind: string, name: string) => boolean = () => true): Field & typeof span {
    const random = this.#random
    for (;;) {
      const field = this.#anyField()
      if (fits(kindOf(field), field.name)) return { ...field, ...span }
      random.next()
    }
  }

  #anyField(): Field {
    const random = this.#random
    const kind = random.below(3)
    if (kind === 0) return { name: random.pick(plainFields) }
    if (kind === 1) return { name: 'metric', metric: random.pick(this.#metrics), stat: random.pick(stats) }
    const name = random.pick(['config', 'summary'] as const)
    const path: string[] = []
    for (let inside: unknown = random.pick(this.#runs)[name]; ; ) {
      const keys = typeof inside === 'object' && inside !== null ? Object.keys(inside) : []
      path.push(keys.length > 0 ? random.pick(keys) : 'absent')
      inside = (inside as Record<string, unknown> | undefined)?.[path[path.length - 1]]
      if (typeof inside !== 'object' || inside === null || random.chance(0.1)) return { name, path }
    }
  }

  /** One that some run has there, or a little beside it. */
  #value(field: Field): FilterValue {
    const random = this.#random
    const kind = kindOf(field)
    const value = fieldValue(field, random.pick(this.#runs))
    if (kind === 'time') {
      if (random.chance(0.1)) return null
      return random.chance(0.2) ? { beforeNowMs: 3_600_000 } : { ms: (value as number | null) ?? 0 }
    }
    if (kind === 'status') return random.pick(['running', 'lost', 'finished', 'failed'])
    if (kind === 'number' && typeof value !== 'number') return random.chance(0.5) ? null : random.between(-3, 3)
    if (kind === 'text' && typeof value !== 'string') return null
    return value === undefined || (typeof value === 'object' && value !== null) ? null : (value as FilterValue)
  }
}
