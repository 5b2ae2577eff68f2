import assert from 'node:assert/strict'
import { test } from 'node:test'
import { chance } from '../compare/chance.ts'
import { linearPattern } from './linear-pattern.ts'

const agree = (source: string, texts: readonly string[]) => {
  const own = new RegExp(source, 'i')
  const ours = linearPattern(source)
  for (const text of texts) assert.equal(ours.test(text), own.test(text), `${source} in ${JSON.stringify(text)}`)
}

test('what people search for means what it means to RegExp', () => {
  const names = [
    'train/loss',
    'val/ACC',
    'layer.10.weight',
    'gpu-3_temp',
    'a',
    '',
    'größe',
    'Ω',
    'x[0]',
    'a{2}',
    'ſ',
    'K',
    '\t-\n',
  ]
  for (const source of [
    ...[
      'loss',
      '^train/',
      'LOSS|acc$',
      'val.*acc',
      '^(train|val)/(.*)_(\\d+)$',
      'layer\\.\\d+\\.weight',
      '(loss)?',
      '[+*]+',
    ],
    ...[
      'gpu-?[0-9]{1,2}',
      '(?:a|b)+',
      '(?<name>x)\\[',
      '[^a-z]',
      '[]',
      '[^]',
      '\\bloss\\b',
      '\\Boss',
      'a{2}',
      'a{,2}',
      'a{',
      ']',
      '}',
    ],
    ...[
      '[\\w-]+',
      '[\\d-x]',
      '[a-]',
      '\\x41',
      '\\u03a9',
      '\\t',
      '[\\b]',
      '\\0',
      'GRÖSSE',
      'größe',
      's',
      'k',
      '[r-t]',
      '.+?/',
      '\\/',
      '\\cI',
      '()',
    ],
    ...['(a*)*b', '(|a)+$', '^$', '$^', 'x*', 'a{0}l', '(?:ab){2,}', '\\w\\W\\s\\S\\D', '[\\s\\S]', '[^\\d]'],
  ]) {
    agree(source, names)
  }
})

test('what a browser would try for ever is answered at once, or refused with a reason', () => {
  const name = `${'a'.repeat(511)}!`
  for (const source of [
    ...['(a+)+$', '^(a|a)*$', '^(a|aa)+$', '([a-z]+)*\\d', '.*.*.*.*.*.*.*.*x', `${'a?'.repeat(30)}${'a'.repeat(600)}`],
    ...[`${'(a|a)'.repeat(30)}$`, '^(([a-z])+.)+[A-Z]$', '(x+x+)+y', '(.*a){20}\\d', '((a*)*)*b'],
  ]) {
    assert.equal(linearPattern(source).test(name), false, source)
  }
  for (const [source, reason] of [
    ['(a)\\1+', /back references/],
    ['(?<n>a)\\k<n>', /back references/],
    ['(?=a)b', /lookahead and lookbehind/],
    ['(?<!a)b', /lookahead and lookbehind/],
    ['(a{99}){99}', /too long/],
    ['(((){1000}){1000}){1000}', /too long/],
    ['a{1000000000}', /too long/],
    [`${'('.repeat(500)}a${')'.repeat(500)}`, /nested too deeply/],
  ] as const) {
    assert.throws(() => linearPattern(source), reason, source)
  }
})

test('random patterns mean what they mean to RegExp', (t) => {
  const seed = Number(process.env.ASPARA_TEST_SEED ?? Math.floor(Math.random() * 2 ** 32))
  t.diagnostic(`ASPARA_TEST_SEED=${seed}`)
  const next = chance(seed)
  const below = (end: number) => Math.floor(next() * end)
  const pick = (items: readonly string[]) => items[below(items.length)]!
  const atoms = ['a', 'b', 'B', '.', '\\d', '\\w', '[ab]', '[^a]', '[a-c1]', '\\.', '/', '1', '^', '$', '\\b']
  const make = (depth: number): string => {
    const kind = below(depth > 0 ? 6 : 2)
    if (kind < 2) return pick(atoms)
    if (kind === 2) return `(${make(depth - 1)})`
    if (kind === 3) return `(?:${make(depth - 1)}|${make(depth - 1)})`
    if (kind === 4) return make(depth - 1) + make(depth - 1)
    return `(?:${make(depth - 1)})${pick(['*', '+', '?', '{2}', '{0,2}', '{1,}', '*?', '+?', '??'])}`
  }
  for (let round = 0; round < 3_000; round++) {
    const texts = Array.from({ length: 8 }, () =>
      Array.from({ length: below(8) }, () => pick(['a', 'b', 'A', 'c', '1', '.', '/', '\n'])).join(''),
    )
    agree(make(4), texts)
  }
})
