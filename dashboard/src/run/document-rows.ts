/** A config, a summary or a JSON file as the rows of a tree, of which a list draws those that are seen. */

export type ValueType = 'text' | 'number' | 'boolean' | 'null' | 'object' | 'list'

export interface DocumentRow {
  /** Tells it from all others: the keys that lead there, as JSON. */
  id: string
  /** The row it stands under; null for those of the first level. */
  parentId: string | null
  /** Keys of objects and places in lists. */
  path: (string | number)[]
  label: string
  value: unknown
  type: ValueType
  /** 0 is the first level. */
  depth: number
  /** Values inside of it; 0 for what holds none. */
  size: number
  isOpen: boolean
  /** The search found it: in its key or its value, not only in what it holds. */
  isMatch: boolean
  /** Where it stands among its siblings that are shown, from 1, and how many those are. */
  position: number
  siblings: number
}

export interface DocumentTree {
  rows: DocumentRow[]
  /** How many rows the search found; all values without one. */
  matches: number
}

/** Documents with more values than this begin closed: what one looks for is found by its key. */
const openValuesMax = 200

/** Whether an object or a list is open before anybody has opened or closed it. */
export function isOpenAtFirst(document: unknown): boolean {
  return countValues(document, openValuesMax) <= openValuesMax
}

function countValues(value: unknown, most: number): number {
  let count = 0
  for (const inner of children(value)) {
    count += 1 + (count > most ? 0 : countValues(inner[1], most - count))
    if (count > most) break
  }
  return count
}

/**
 * The rows that are shown. With a search: those whose key, path or value has its text (case does not matter), with what
 * leads to them opened, and what is inside of those whose key it is.
 * @param toggled ids of rows that a person has opened or closed, against how they would be otherwise
 */
export function documentRows(
  document: unknown,
  { search = '', toggled, isOpen }: { search?: string; toggled: ReadonlySet<string>; isOpen: boolean },
): DocumentTree {
  const wanted = search.trim().toLowerCase()
  let matches = 0

  /** The rows of one value and of what it holds, or none if the search finds nothing in it. */
  const visit = (
    key: string | number,
    value: unknown,
    parent: { id: string | null; path: (string | number)[]; isFound: boolean },
  ): DocumentRow[] => {
    const path = [...parent.path, key]
    const id = JSON.stringify(path)
    const type = typeOf(value)
    const inner = children(value)
    const isMatch = wanted !== '' && isFoundIn(wanted, { path, key, value, type, isParentFound: parent.isFound })
    if (wanted === '' || isMatch) matches++
    const isFound = parent.isFound || isMatch
    const isOpenByItself = wanted === '' || isFound ? isOpen : true
    const isOpenNow = inner.length > 0 && isOpenByItself !== toggled.has(id)
    // What is closed is looked into only for the sake of a search.
    const below =
      isOpenNow || (wanted !== '' && !isFound)
        ? withPositions(inner.map(([name, one]) => visit(name, one, { id, path, isFound })))
        : []
    if (wanted !== '' && !isFound && below.length === 0) return []
    if (!isOpenNow && isFound && wanted !== '') matches += countMatches(inner, path, wanted)
    const row: DocumentRow = {
      id,
      parentId: parent.id,
      path,
      label: String(key),
      value,
      type,
      depth: parent.path.length,
      size: inner.length,
      isOpen: isOpenNow,
      isMatch,
      position: 1,
      siblings: 1,
    }
    return [row, ...(isOpenNow ? below : [])]
  }

  const countMatches = (entries: [string | number, unknown][], path: (string | number)[], text: string): number => {
    let count = 0
    for (const [key, value] of entries) {
      const at = [...path, key]
      if (isFoundIn(text, { path: at, key, value, type: typeOf(value), isParentFound: true })) count++
      count += countMatches(children(value), at, text)
    }
    return count
  }

  const root = { id: null, path: [], isFound: false }
  const rows = withPositions(children(document).map(([key, value]) => visit(key, value, root)))
  return { rows, matches }
}

/** One list of the rows of siblings, each of which is followed by its own. */
function withPositions(groups: DocumentRow[][]): DocumentRow[] {
  const shown = groups.filter((group) => group.length > 0)
  const rows: DocumentRow[] = []
  for (const [at, group] of shown.entries()) {
    group[0]!.position = at + 1
    group[0]!.siblings = shown.length
    for (const row of group) rows.push(row)
  }
  return rows
}

function isFoundIn(
  wanted: string,
  {
    path,
    key,
    value,
    type,
    isParentFound,
  }: { path: (string | number)[]; key: string | number; value: unknown; type: ValueType; isParentFound: boolean },
): boolean {
  if (String(key).toLowerCase().includes(wanted)) return true
  if (type !== 'object' && type !== 'list' && valueText(value).toLowerCase().includes(wanted)) return true
  // A whole path, `optimizer.lr`, finds what it leads to and not once more all that is inside.
  return !isParentFound && path.length > 1 && wanted.includes('.') && pathText(path).toLowerCase().includes(wanted)
}

export function typeOf(value: unknown): ValueType {
  if (value === null || value === undefined) return 'null'
  if (Array.isArray(value)) return 'list'
  if (typeof value === 'string') return 'text'
  if (typeof value === 'number' || typeof value === 'boolean') return typeof value as 'number' | 'boolean'
  return 'object'
}

function children(value: unknown): [string | number, unknown][] {
  if (typeof value !== 'object' || value === null) return []
  return Array.isArray(value) ? value.map((inner, at) => [at, inner]) : Object.entries(value)
}

/** A value on one line, whole: a config is read to be copied. What holds others is told by how many they are. */
export function valueText(value: unknown): string {
  if (typeof value === 'string') return value
  if (Array.isArray(value))
    return value.length === 0 ? '[]' : `${value.length} ${value.length === 1 ? 'item' : 'items'}`
  if (typeof value === 'object' && value !== null) {
    const size = Object.keys(value).length
    return size === 0 ? '{}' : `${size} ${size === 1 ? 'key' : 'keys'}`
  }
  return String(value)
}

/** As it is copied: texts as they are, everything else as JSON. */
export const copiedValue = (value: unknown): string =>
  typeof value === 'string' ? value : JSON.stringify(value, null, 2)

/** A path as filters and columns take it: `optimizer.lr`, `"learning rate"`, `layers[0].size`. */
export function pathText(path: (string | number)[]): string {
  return path
    .map((piece, at) => {
      if (typeof piece === 'number') return `[${piece}]`
      const text = /^[\w-]+$/.test(piece) ? piece : JSON.stringify(piece)
      return at === 0 ? text : `.${text}`
    })
    .join('')
}

/** Where a row's key or value has the searched text, for marking it: pieces of which every second one is found. */
export function splitByMatch(text: string, search: string): string[] {
  const wanted = search.trim().toLowerCase()
  if (wanted === '') return [text]
  const pieces: string[] = []
  const lower = text.toLowerCase()
  // A letter whose small form is longer would shift what is marked: then nothing is.
  if (lower.length !== text.length) return [text]
  let from = 0
  for (let at = lower.indexOf(wanted); at >= 0; at = lower.indexOf(wanted, from)) {
    pieces.push(text.slice(from, at), text.slice(at, at + wanted.length))
    from = at + wanted.length
  }
  pieces.push(text.slice(from))
  return pieces
}
