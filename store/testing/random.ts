/** Chance that can be had again: every number follows from the seed. */
export interface Random {
  readonly seed: number
  /** From 0 to below 1. */
  next(): number
  /** A whole number from 0 to below `end`. */
  below(end: number): number
  /** From `first` to `last`, both included. */
  between(first: number, last: number): number
  pick<Item>(items: readonly Item[]): Item
  chance(probability: number): boolean
  shuffle<Item>(items: readonly Item[]): Item[]
}

/** Seeded by ASPARA_TEST_SEED, or anew each time; whoever takes it prints the seed. */
export function randomFromEnvironment(): Random {
  const given = process.env.ASPARA_TEST_SEED
  return seededRandom(given === undefined ? Math.floor(Math.random() * 2 ** 32) : Number(given))
}

/** Mulberry32: 32 bits of state are plenty for a test, and the numbers are the same everywhere. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (end: number) => Math.floor(next() * end)
  return {
    seed,
    next,
    below,
    between: (first, last) => first + below(last - first + 1),
    pick: (items) => items[below(items.length)],
    chance: (probability) => next() < probability,
    shuffle: (items) => {
      const shuffled = [...items]
      for (let last = shuffled.length - 1; last > 0; last--) {
        const other = below(last + 1)
        const held = shuffled[last]
        shuffled[last] = shuffled[other]
        shuffled[other] = held
      }
      return shuffled
    },
  }
}
