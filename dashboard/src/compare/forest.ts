import { chance } from './chance.ts'

/**
 * A random forest for regression, small enough to be read and fast enough for a page. L. Breiman, "Random Forests",
 * Machine Learning 45 (2001): every tree grows on a bootstrap sample of the rows and chooses each split, by least squares,
 * among a random third of the columns. The rows that a tree has not seen (out of bag) tell how well it does on others,
 * and how much worse when a feature is shuffled among them: the permutation importance.
 */
export interface ForestRequest {
  /** One array a column, of equal lengths; finite numbers. */
  columns: readonly Float64Array[]
  /** Columns that are one feature, by place: they are shuffled together. */
  features: readonly (readonly number[])[]
  target: Float64Array
  seed: number
  trees?: number
}

export interface ForestAnswer {
  /** 1 − squared error of the out-of-bag predictions / variance of the target; below 0: worse than always saying the mean. */
  r2: number
  /** By feature: what the squared error grows by when it is shuffled, over the target's variance; the mean over all trees. */
  importance: number[]
}

interface Tree {
  /** By node: the column it splits by, -1 for a leaf. */
  column: number[]
  threshold: number[]
  left: number[]
  right: number[]
  value: number[]
}

/** R² and the order of the features that matter no longer move with more (tried on the planted functions of the tests). */
const treesDefault = 100
/** Fewer rows are not split: with as few rows as sweeps have, leaves of one row learn its noise. */
const leafRowsMin = 2

export function growForest({ columns, features, target, seed, trees = treesDefault }: ForestRequest): ForestAnswer {
  const n = target.length
  const random = chance(seed)
  const coded = columns.map(code)
  const scratch = { sums: new Float64Array(n), counts: new Uint32Array(n) }
  const sums = new Float64Array(n)
  const votes = new Uint32Array(n)
  const importance = features.map(() => 0)
  const mean = target.reduce((sum, value) => sum + value / n, 0)
  const variance = target.reduce((sum, value) => sum + (value - mean) ** 2 / n, 0)
  if (!(variance > 0) || columns.length === 0) return { r2: 0, importance }
  const none = new Uint8Array(columns.length)
  const isShuffled = new Uint8Array(columns.length)
  let told = 0
  for (let number = 0; number < trees; number++) {
    const { rows, outside } = bootstrap(n, random)
    if (outside.length === 0) continue
    told++
    const tree = growTree(rows, columns, coded, target, random, scratch)
    let error = 0
    for (const row of outside) {
      const predicted = predict(tree, columns, row, row, none)
      sums[row]! += predicted
      votes[row]!++
      error += (predicted - target[row]!) ** 2
    }
    const used = new Set(tree.column)
    for (const [at, feature] of features.entries()) {
      if (!feature.some((column) => used.has(column))) continue
      const other = shuffled(outside, random)
      for (const column of feature) isShuffled[column] = 1
      let errorWithout = 0
      for (let index = 0; index < outside.length; index++) {
        const row = outside[index]!
        const predicted = predict(tree, columns, row, other[index]!, isShuffled)
        errorWithout += (predicted - target[row]!) ** 2
      }
      isShuffled.fill(0)
      importance[at]! += (errorWithout - error) / outside.length / variance
    }
  }
  let error = 0
  let seen = 0
  for (let row = 0; row < n; row++) {
    if (votes[row] === 0) continue
    error += (sums[row]! / votes[row]! - target[row]!) ** 2
    seen++
  }
  const r2 = seen === 0 ? 0 : 1 - error / seen / variance
  return { r2, importance: importance.map((sum) => (told === 0 ? 0 : sum / told)) }
}

/** A column by the place of each value among its distinct ones, so that values can be counted. */
interface Coded {
  codes: Uint32Array
  distinct: number
}

function code(column: Float64Array): Coded {
  const values = Float64Array.from(new Set(column)).sort()
  const places = new Map(Array.from(values, (value, at) => [value, at]))
  return { codes: Uint32Array.from(column, (value) => places.get(value)!), distinct: values.length }
}

function bootstrap(n: number, random: () => number): { rows: Uint32Array; outside: Uint32Array } {
  const isIn = new Uint8Array(n)
  const rows = Uint32Array.from({ length: n }, () => {
    const row = Math.floor(random() * n)
    isIn[row] = 1
    return row
  })
  const outside: number[] = []
  for (let row = 0; row < n; row++) if (!isIn[row]) outside.push(row)
  return { rows, outside: Uint32Array.from(outside) }
}

function growTree(
  all: Uint32Array,
  columns: readonly Float64Array[],
  coded: readonly Coded[],
  target: Float64Array,
  random: () => number,
  scratch: Scratch,
): Tree {
  const tree: Tree = { column: [], threshold: [], left: [], right: [], value: [] }
  const tried = Math.max(1, Math.round(columns.length / 3))
  const order = columns.map((_, at) => at)
  const grow = (rows: Uint32Array): number => {
    const node = tree.column.length
    let sum = 0
    for (const row of rows) sum += target[row]!
    tree.column.push(-1)
    tree.threshold.push(0)
    tree.left.push(-1)
    tree.right.push(-1)
    tree.value.push(sum / rows.length)
    if (rows.length < 2 * leafRowsMin) return node
    let best: Split | undefined
    // Columns are drawn until enough of them could be split by: on a small node most are constant.
    let usable = 0
    for (let at = 0; at < order.length && usable < tried; at++) {
      const swap = at + Math.floor(random() * (order.length - at))
      ;[order[at], order[swap]] = [order[swap]!, order[at]!]
      const split = bestSplit(rows, order[at]!, coded[order[at]!]!, target, sum, scratch)
      if (split === null) continue
      usable++
      if (best === undefined || split.gain > best.gain) best = split
    }
    if (best === undefined || !(best.gain > 0)) return node
    const { column, code, after } = best
    const { codes } = coded[column]!
    const isLeft = (row: number) => codes[row]! <= code
    tree.column[node] = column
    const values = columns[column]!
    const from = values[rows.find(isLeft)!]!
    // Halfway between the two values that it parts, so that what was not seen goes to the nearer side.
    let low = from
    let high = Number.POSITIVE_INFINITY
    for (const row of rows) {
      if (isLeft(row)) low = Math.max(low, values[row]!)
      else if (codes[row]! === after) high = values[row]!
    }
    tree.threshold[node] = low + (high - low) / 2
    tree.left[node] = grow(rows.filter(isLeft))
    tree.right[node] = grow(rows.filter((row) => !isLeft(row)))
    return node
  }
  grow(all)
  return tree
}

interface Split {
  column: number
  /** The codes on both sides of the cut. */
  code: number
  after: number
  gain: number
}

/** Room for the sums of each distinct value of a column, empty between two uses. */
interface Scratch {
  sums: Float64Array
  counts: Uint32Array
}

/** The cut that leaves the least squared error, and null when the column is the same in all rows. */
function bestSplit(
  rows: Uint32Array,
  column: number,
  { codes, distinct }: Coded,
  target: Float64Array,
  total: number,
  { sums, counts }: Scratch,
): Split | null {
  for (const row of rows) {
    const code = codes[row]!
    sums[code]! += target[row]!
    counts[code]!++
  }
  // In large nodes all values are gone through in their order; in small ones those that there are get sorted.
  const there = distinct <= 4 * rows.length ? null : Uint32Array.from(rows, (row) => codes[row]!).sort()
  const best: Split = { column, code: -1, after: -1, gain: 0 }
  let sum = 0
  let left = 0
  let before = -1
  let seen = 0
  for (let at = 0; at < (there?.length ?? distinct); at++) {
    const code = there ? there[at]! : at
    const count = counts[code]!
    // Nobody has it, or it was counted already.
    if (count === 0) continue
    const right = rows.length - left
    if (left >= leafRowsMin && right >= leafRowsMin) {
      // Least squared error is the most of what the sums of both sides explain.
      const gain = (sum * sum) / left + (total - sum) ** 2 / right - (total * total) / rows.length
      if (gain > best.gain) Object.assign(best, { code: before, after: code, gain })
    }
    sum += sums[code]!
    left += count
    seen++
    before = code
    sums[code] = 0
    counts[code] = 0
  }
  return seen < 2 ? null : best
}

/** What a tree says of a row that has the values of another one in some columns. */
function predict(
  { column, threshold, left, right, value }: Tree,
  columns: readonly Float64Array[],
  row: number,
  other: number,
  isOther: Uint8Array,
): number {
  let node = 0
  for (let at = column[0]!; at >= 0; at = column[node]!) {
    node = columns[at]![isOther[at] ? other : row]! <= threshold[node]! ? left[node]! : right[node]!
  }
  return value[node]!
}

function shuffled(rows: Uint32Array, random: () => number): Uint32Array {
  const found = Uint32Array.from(rows)
  for (let at = found.length - 1; at > 0; at--) {
    const swap = Math.floor(random() * (at + 1))
    ;[found[at], found[swap]] = [found[swap]!, found[at]!]
  }
  return found
}
