import type { Random } from './random.ts'

/**
 * Texts and keys in which every syntax that they pass through would see something of its own. A backslash is not alone:
 * after a key of it V8 takes any one character that is escaped for it (`{"\\":1}`, then `{"\n":1}`; 14.6 does).
 */
export const hostileTexts = [
  ...[
    '',
    ' ',
    '"',
    "'",
    'C:\\x',
    '\\"',
    '$',
    '$.a',
    '[0]',
    '#',
    '.',
    'a.b',
    '%',
    '_',
    '*',
    '?',
    '🙂',
    'ﬀ',
    'Ü',
    'ü',
    'É',
  ],
  ...['\n', '\u0001', '\u2028', '__proto__', 'null', 'true', '1', 'NaN', "'; drop table runs; --", '值'],
]

/** A config or a summary. */
export function randomDocument(random: Random, depth = 0): Record<string, unknown> {
  const document: Record<string, unknown> = {}
  for (let count = random.below(6); count >= 0; count--) {
    const key = random.pick(['a', 'b', 'lr', ...hostileTexts])
    const value = depth < 2 && random.chance(0.2) ? randomDocument(random, depth + 1) : randomScalar(random)
    // Assigned, __proto__ would not be a key.
    Object.defineProperty(document, key, { value, enumerable: true, configurable: true, writable: true })
  }
  return document
}

function randomScalar(random: Random): unknown {
  const numbers = [0, 1, -1, 0.1, 1e-5, 2 ** 53, 2 ** 60, 1e300, 123.456]
  const others = [true, false, null, [1, 'a'], [], {}]
  return random.pick([random.pick(numbers), random.below(5), random.pick(hostileTexts), random.pick(others)])
}
