import { stats } from '@aspara/protocol/filter-field.ts'
import { runStatuses } from '@aspara/protocol/run-status.ts'
import { metricField } from './field-text.ts'
import { type FilterPlace, filterPlace } from './filter-place.ts'
import { formatDocumentValue } from './format.ts'
import type { Known } from './known-keys.ts'

/** Something that may stand at the caret. */
export interface Completion {
  /** What is shown; what is written is `text`. */
  label: string
  /** What it is, in a fainter hand. */
  detail: string
  text: string
}

export interface Completions {
  /** What is replaced: from `start` to the caret. */
  start: number
  items: Completion[]
}

const itemsMax = 50

/** What may come where the caret stands. */
export function completeFilter(text: string, caret: number, known: Known): Completions {
  const place = filterPlace(text, caret)
  const items = rank(candidates(place, known), place.word)
  return { start: place.start, items: items.slice(0, itemsMax) }
}

/** The text with a completion taken, and where the caret then stands. */
export function acceptCompletion(
  text: string,
  caret: number,
  start: number,
  completion: Completion,
): { text: string; caret: number } {
  const after = text.slice(caret)
  const isSpaced = completion.text.endsWith(' ') && after.startsWith(' ')
  const taken = isSpaced ? completion.text.slice(0, -1) : completion.text
  return { text: text.slice(0, start) + taken + after, caret: start + taken.length + (isSpaced ? 1 : 0) }
}

function candidates(place: FilterPlace, known: Known): Completion[] {
  switch (place.expects) {
    case 'part':
      return [...fields(place.word, known), ...tags(known), word('not ', 'the opposite of what follows')]
    case 'operator':
      return operators(place.field)
    case 'list':
      return [word('(', 'one of several values')]
    case 'value':
      return values(place, known)
    case 'comma':
      return [word(', ', 'one more value'), word(') ', 'no more values')]
    case 'in':
      return [word('in tags ', 'the run has this tag')]
    case 'tags':
      return [word('tags ', '')]
    case 'joiner':
      return [
        word('and ', 'both are true'),
        word('or ', 'one of them is true'),
        ...(place.depth > 0 ? [word(') ', '')] : []),
      ]
  }
}

const word = (text: string, detail: string): Completion => ({ label: text.trim(), detail, text })

const ownFields: [field: string, detail: string][] = [
  ['name', 'text'],
  ['display_name', 'text'],
  ['id', 'text'],
  ['status', 'running, lost, finished or failed'],
  ['group', 'text'],
  ['job_type', 'text'],
  ['notes', 'text'],
  ['created', 'time'],
  ['heard', 'time of its last sign of life'],
  ['finished', 'time'],
  ['duration', 'seconds'],
  ['exit_code', 'number'],
]

function fields(written: string, known: Known): Completion[] {
  const metric = known.metrics.find((name) => {
    const prefix = metricField(name, '')
    return written.startsWith(prefix) && !known.metrics.some((other) => longer(other, name, written))
  })
  if (metric !== undefined) {
    return stats.map((stat) => ({
      label: metricField(metric, stat),
      detail: statWords[stat],
      text: `${metricField(metric, stat)} `,
    }))
  }
  return [
    ...known.config.map(({ field, runs }) => ({ label: field, detail: runsWord(runs), text: `${field} ` })),
    ...known.metrics.map((name) => ({
      label: metricField(name, ''),
      detail: 'metric',
      // Its stat comes next.
      text: metricField(name, ''),
    })),
    ...ownFields.map(([field, detail]) => ({ label: field, detail, text: `${field} ` })),
    ...known.summary.map(({ field, runs }) => ({ label: field, detail: runsWord(runs), text: `${field} ` })),
  ]
}

/** Of `loss` and `loss.scale` the longer name is meant where both could be. */
const longer = (other: string, name: string, written: string) =>
  other.length > name.length && written.startsWith(metricField(other, ''))

const statWords: Record<(typeof stats)[number], string> = {
  count: 'how many points',
  nonfinite: 'how many are NaN or infinite',
  first: 'at the first step',
  last: 'at the last step',
  min: 'the lowest',
  max: 'the highest',
  mean: 'the mean',
}

const runsWord = (runs: number) => (runs === 1 ? '1 run' : `${runs} runs`)

const tags = ({ tags: all }: Known): Completion[] =>
  all.map((tag) => ({
    label: `${JSON.stringify(tag)} in tags`,
    detail: 'tag',
    text: `${JSON.stringify(tag)} in tags `,
  }))

function operators(field: string): Completion[] {
  const equal = [word('= ', 'is'), word('!= ', 'is another')]
  const order = [word('< ', 'less'), word('<= ', 'at most'), word('> ', 'more'), word('>= ', 'at least')]
  const oneOf = word('in (', 'one of')
  const part = word('contains ', 'has this text in it')
  if (field === 'status') return [...equal, oneOf]
  if (isTime(field)) return [...order, ...equal]
  if (['name', 'display_name', 'id', 'group', 'job_type', 'notes'].includes(field))
    return [...equal, part, oneOf, ...order]
  if (field.startsWith('metric.') || field === 'exit_code' || field === 'duration') return [...order, ...equal, oneOf]
  return [...equal, ...order, oneOf, part]
}

const isTime = (field: string) => field === 'created' || field === 'heard' || field === 'finished'

function values({ field, operator }: FilterPlace, known: Known): Completion[] {
  const texts = (all: readonly string[]) => all.map((text) => literal(text))
  // What has an order, and a part of a text, can't be null or a truth.
  const isOrder = /^[<>]/.test(operator)
  const isPart = operator === 'contains'
  const orNothing = isOrder || isPart ? [] : [nothing]
  if (field === 'status') return texts(runStatuses)
  if (field === 'group') return [...texts(known.groups), ...orNothing]
  if (field === 'job_type') return [...texts(known.jobTypes), ...orNothing]
  if (field === 'name') return texts(known.names)
  if (isTime(field)) {
    return [
      word('now - 1h ', 'an hour ago'),
      word('now - 24h ', 'a day ago'),
      word('now - 7d ', 'a week ago'),
      word('now - 4w ', 'four weeks ago'),
      ...(field === 'finished' ? orNothing : []),
    ]
  }
  const key = [...known.config, ...known.summary].find((one) => one.field === field)
  if (!key) return field.startsWith('metric.') ? orNothing : []
  const fitting = key.values.filter((value) =>
    isPart ? typeof value === 'string' : !isOrder || typeof value !== 'boolean',
  )
  return [...fitting.map(literal), ...orNothing]
}

const nothing = word('null ', 'no value')

function literal(value: unknown): Completion {
  const text = JSON.stringify(value)
  return { label: text, detail: typeof value === 'string' ? '' : formatDocumentValue(typeof value), text: `${text} ` }
}

/** Those that have what is written in them: at their beginning first, then at the beginning of a part, then anywhere. */
function rank(items: readonly Completion[], written: string): Completion[] {
  const wanted = written.toLowerCase().replace(/^["']/, '')
  if (wanted === '') return [...items]
  const places = items.flatMap((item, at) => {
    const label = item.label.toLowerCase().replace(/^["']/, '')
    const found = label.indexOf(wanted)
    if (found < 0) return []
    const rank = found === 0 ? 0 : /[./_"\s-]/.test(label[found - 1]!) ? 1 : 2
    // What is written in full already is no help.
    return item.text.trim() === written ? [] : [{ item, rank, at }]
  })
  return places.sort((one, other) => one.rank - other.rank || one.at - other.at).map(({ item }) => item)
}
