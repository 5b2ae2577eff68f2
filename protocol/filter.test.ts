import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { suite, test } from 'node:test'
import { type Filter, type Operator, parseFilter } from './filter.ts'
import { FilterError } from './filter-error.ts'
import { type Field, type Span, type Stat, stats } from './filter-field.ts'
import { printFilter } from './filter-text.ts'
import type { FilterValue } from './filter-value.ts'
import { limits } from './limits.ts'
import { parseSort } from './sort.ts'

/** A tree without the places where it stood. */
function plain(tree: unknown): unknown {
  if (Array.isArray(tree)) return tree.map(plain)
  if (tree === null || typeof tree !== 'object') return tree
  const { start: _, end: __, ...rest } = tree as Record<string, unknown>
  return Object.fromEntries(Object.entries(rest).map(([key, value]) => [key, plain(value)]))
}

const read = (text: string) => plain(parseFilter(text))
const comparison = (field: unknown, operator: string, value: unknown) => ({
  kind: 'comparison',
  field,
  operator,
  value,
})
const config = (...path: string[]) => ({ name: 'config', path })
const metric = (metric: string, stat: string) => ({ name: 'metric', metric, stat })

function faultOf(text: string): FilterError {
  try {
    parseFilter(text)
  } catch (error) {
    assert.ok(error instanceof FilterError, `${text}: ${error}`)
    return error
  }
  assert.fail(`${text} was taken`)
}

suite('a filter', () => {
  test('compares fields with numbers, texts, truths, null and times', () => {
    const cases: [string, unknown][] = [
      ['config.lr < 0.01', comparison(config('lr'), '<', 0.01)],
      ['config.lr<-1.5e-3', comparison(config('lr'), '<', -0.0015)],
      ['config.lr >= .5', comparison(config('lr'), '>=', 0.5)],
      ['config.lr == 5.', comparison(config('lr'), '=', 5)],
      ['config.lr != -0', comparison(config('lr'), '!=', 0)],
      ['config.seed = null', comparison(config('seed'), '=', null)],
      ['summary.ok = true', comparison({ name: 'summary', path: ['ok'] }, '=', true)],
      ['summary.ok != false', comparison({ name: 'summary', path: ['ok'] }, '!=', false)],
      ['config.a.b-c.d/e_1 = "x"', comparison(config('a', 'b-c', 'd/e_1'), '=', 'x')],
      [`config."a.b".'c "d"'.e = 1`, comparison(config('a.b', 'c "d"', 'e'), '=', 1)],
      ['config."" = 1', comparison(config(''), '=', 1)],
      ['config.größe.値 = 1', comparison(config('größe', '値'), '=', 1)],
      ['config.and = 1', comparison(config('and'), '=', 1)],
      ['name = "a"', comparison({ name: 'name' }, '=', 'a')],
      [
        String.raw`notes = "\"\\\/\n\t\r\b\f\u00e9\ud83d\ude42"`,
        comparison({ name: 'notes' }, '=', '"\\/\n\t\r\b\fé🙂'),
      ],
      [String.raw`notes = 'it\'s "so"'`, comparison({ name: 'notes' }, '=', 'it\'s "so"')],
      ['display_name != null', comparison({ name: 'display_name' }, '!=', null)],
      ['name < "m"', comparison({ name: 'name' }, '<', 'm')],
      ['status = "lost"', comparison({ name: 'status' }, '=', 'lost')],
      ['exit_code > 0', comparison({ name: 'exit_code' }, '>', 0)],
      ['created > now', comparison({ name: 'created' }, '>', { beforeNowMs: 0 })],
      ['created>now-24h', comparison({ name: 'created' }, '>', { beforeNowMs: 86_400_000 })],
      ['heard < now - 90s', comparison({ name: 'heard' }, '<', { beforeNowMs: 90_000 })],
      ['heard < now - 2m', comparison({ name: 'heard' }, '<', { beforeNowMs: 120_000 })],
      ['heard < now - 3d', comparison({ name: 'heard' }, '<', { beforeNowMs: 3 * 86_400_000 })],
      ['heard < now - 1w', comparison({ name: 'heard' }, '<', { beforeNowMs: 7 * 86_400_000 })],
      ['finished = null', comparison({ name: 'finished' }, '=', null)],
      [
        'finished <= "2026-01-31T09:00:00.5Z"',
        comparison({ name: 'finished' }, '<=', { ms: Date.UTC(2026, 0, 31, 9, 0, 0, 500) }),
      ],
      ['metric.loss.last < 1', comparison(metric('loss', 'last'), '<', 1)],
      ['metric.val/acc.max > 0.9', comparison(metric('val/acc', 'max'), '>', 0.9)],
      ['metric.a.b-c.min.mean > 1', comparison(metric('a.b-c.min', 'mean'), '>', 1)],
      ['metric."loss (val)".min > 1', comparison(metric('loss (val)', 'min'), '>', 1)],
      ['metric."a.b".count > 1', comparison(metric('a.b', 'count'), '>', 1)],
      ['metric.loss.nonfinite = null', comparison(metric('loss', 'nonfinite'), '=', null)],
      ['"baseline" in tags', { kind: 'tagged', tag: 'baseline' }],
      ["''in tags", { kind: 'tagged', tag: '' }],
      ['status in ("running","lost")', { kind: 'oneOf', field: { name: 'status' }, values: ['running', 'lost'] }],
      ['config.a in (1, "b", true, null)', { kind: 'oneOf', field: config('a'), values: [1, 'b', true, null] }],
      ['created in (now)', { kind: 'oneOf', field: { name: 'created' }, values: [{ beforeNowMs: 0 }] }],
      ['notes contains "x"', { kind: 'contains', field: { name: 'notes' }, part: 'x' }],
      ['config.a contains ""', { kind: 'contains', field: config('a'), part: '' }],
    ]
    for (const [text, tree] of cases) assert.deepEqual(read(text), tree, text)
  })

  test('joins by and, or, not and parentheses: not binds most, or least', () => {
    const [a, b, c] = ['a', 'b', 'c'].map((tag) => ({ kind: 'tagged', tag }))
    const cases: [string, unknown][] = [
      ['"a" in tags and "b" in tags', { kind: 'and', parts: [a, b] }],
      ['"a" in tags or "b" in tags and "c" in tags', { kind: 'or', parts: [a, { kind: 'and', parts: [b, c] }] }],
      ['("a" in tags or "b" in tags)and"c" in tags', { kind: 'and', parts: [{ kind: 'or', parts: [a, b] }, c] }],
      ['not "a" in tags and "b" in tags', { kind: 'and', parts: [{ kind: 'not', part: a }, b] }],
      ['not not("a" in tags)', { kind: 'not', part: { kind: 'not', part: a } }],
      ['\n(\t("a" in tags\r\n) )  ', a],
      ['"a" in tags or "b" in tags or "c" in tags', { kind: 'or', parts: [a, b, c] }],
    ]
    for (const [text, tree] of cases) assert.deepEqual(read(text), tree, text)
  })

  test('knows where its parts stand in the text', () => {
    const text = ' not (config.a = 1  or "🙂" in tags) and status = "lost" '
    const slices: string[] = []
    const collect = (tree: unknown) => {
      if (tree === null || typeof tree !== 'object') return
      if ('start' in tree) slices.push(text.slice((tree as Span).start, (tree as Span).end))
      for (const inner of Object.values(tree)) collect(inner)
    }
    collect(parseFilter(text))
    assert.deepEqual(slices, [
      'not (config.a = 1  or "🙂" in tags) and status = "lost"',
      'not (config.a = 1  or "🙂" in tags)',
      'config.a = 1  or "🙂" in tags',
      'config.a = 1',
      'config.a',
      '"🙂" in tags',
      'status = "lost"',
      'status',
    ])
  })
})

suite('a filter that is wrong', () => {
  test('is told what was expected, and where', () => {
    const any = 'a number, a text, true, false or null'
    const fields =
      'name, display_name, id, group, job_type, notes, tags, status, exit_code, created, heard, finished, duration, config.…, summary.… or metric.…'
    const statList = 'count, nonfinite, first, last, min, max or mean'
    const cases: [string, number, string][] = [
      ['', 0, 'expected a comparison such as config.lr < 0.01 or "baseline" in tags at the end: "→"'],
      ['config.lr =  and', 13, `expected ${any} at character 14: "config.lr =  →and"`],
      ['config.lr <  and', 13, 'expected a number or a text at character 14: "config.lr <  →and"'],
      ['config.lr =', 11, `expected ${any} at the end: "config.lr =→"`],
      ['config.a = adam', 11, `expected ${any} at character 12: "config.a = →adam"`],
      ['config.a = truely', 11, `expected ${any} at`],
      ['config.a < null', 11, 'expected a number or a text at'],
      ['config.a = 1e999', 11, 'expected a number that a double can hold at'],
      ['config.a', 8, 'expected =, !=, <, <=, >, >=, in or contains at the end'],
      ['config.a ! 1', 9, 'expected =, !=, <, <=, >, >=, in or contains at'],
      ['config.a = 1 config.b = 2', 13, 'expected and, or or the end at character 14: "config.a = 1 →config.b = 2"'],
      ['config.a = 1 && config.b = 2', 13, 'expected and, or or the end at'],
      ['config.a = 1)', 12, 'expected and, or or the end at'],
      ['(config.a = 1', 13, 'expected and, or or ) at the end'],
      ['config.a = 1 and', 16, 'expected a comparison such as'],
      ['(', 1, 'expected a comparison such as'],
      ['()', 1, 'expected a comparison such as'],
      ['not', 3, 'expected a comparison such as'],
      ['config = 1', 6, 'expected . and a key after config at'],
      ['config. = 1', 7, 'expected a key: letters, digits, _, - and /, or anything in quotes, at'],
      ['config.a..b = 1', 9, 'expected a key'],
      ['config.a .b = 1', 9, 'expected =,'],
      ['config."a = 1', 7, 'expected " to close the text that begins at character 8: "config.→"a = 1"'],
      ["name = 'a", 7, "expected ' to close the text that begins at"],
      [String.raw`name = "a\x"`, 9, String.raw`expected one of \" \' \\ \/ \b \f \n \r \t and \u with four`],
      [String.raw`name = "a\u12"`, 9, 'expected one of'],
      ['name = "a\\', 9, 'expected one of'],
      ['lr < 1', 0, `expected a field (${fields}), and "lr" is none at character 1: "→lr < 1"`],
      ['AND', 0, 'expected a field ('],
      ['toString = 1', 0, 'expected a field ('],
      ['@ = 1', 0, 'expected a field at'],
      ['1 < config.a', 0, 'expected a field ('],
      ['metric.loss > 1', 11, `expected ., and after it ${statList} at character 12: "metric.loss→ > 1"`],
      ['metric > 1', 6, "expected . and a metric's name after metric at"],
      [
        'metric.loss.median > 1',
        12,
        `expected ${statList}, and not "median", at character 13: "metric.loss.→median > 1"`,
      ],
      ['metric.loss (val).min > 1', 11, 'expected ., and after it'],
      ['metric.loss.min = "1"', 18, 'expected a number or null at'],
      ['metric.loss.min < "1"', 18, 'expected a number at'],
      ['exit_code = true', 12, 'expected a number or null at'],
      ['name = 1', 7, 'expected a text in quotes or null at'],
      ['name = abc', 7, 'expected a text in quotes or null at'],
      ['tags = "a"', 0, 'tags are asked for by "baseline" in tags at character 1: "→tags = "a""'],
      ['tags < "a"', 0, 'tags are asked for'],
      ['tags contains "a"', 0, 'tags are asked for'],
      ['"a" in', 6, 'expected tags at the end'],
      ['"a" in name', 7, 'expected tags at'],
      ['"a" = name', 4, 'expected in tags at'],
      [
        'status = "done"',
        9,
        'expected "running", "lost", "finished" or "failed", and no run is "done", at character 10',
      ],
      [
        'status in ("lost", "gone")',
        19,
        'expected "running", "lost", "finished" or "failed", and no run is "gone", at',
      ],
      ['status < "lost"', 7, 'status has no order: expected =, != or in at'],
      ['status contains "lost"', 7, 'status is no text, which contains is for, at'],
      ['status is "lost"', 7, 'expected =, != or in at'],
      ['status = null', 9, 'expected a text in quotes at'],
      ['name contains 1', 14, 'expected a text in quotes at'],
      ['exit_code contains "1"', 10, 'exit_code is no text, which contains is for, at'],
      ['created > 5', 10, 'expected a time in quotes such as "2026-01-31T09:00:00Z", now or now - 24h at'],
      ['created = 5', 10, 'expected a time in quotes such as "2026-01-31T09:00:00Z", now, now - 24h or null at'],
      ['created > "yesterday"', 10, 'expected a time as ISO 8601 has it, such as "2026-01-31T09:00:00Z", at'],
      ['created > "2026-02-30"', 10, 'expected a time as ISO 8601'],
      ['created > now - h', 16, 'expected a whole number and s, m, h, d or w at'],
      ['created > now - 24', 18, 'expected s, m, h, d or w at the end'],
      ['created > now - 24hours', 18, 'expected s, m, h, d or w at'],
      ['created > now + 24h', 14, 'expected and, or or the end at'],
      ['created > nowish', 10, 'expected a time'],
      ['config.a in 1', 12, 'expected ( at'],
      ['config.a in ()', 13, `expected ${any} at`],
      ['config.a in (1', 14, 'expected , or ) at the end'],
      ['config.a in (1 2)', 15, 'expected , or ) at'],
    ]
    for (const [text, offset, sentence] of cases) {
      const fault = faultOf(text)
      assert.ok(fault.message.startsWith(sentence), `${text}\n  ${fault.message}\n  ${sentence}`)
      assert.equal(fault.offset, offset, `${text}: ${fault.message}`)
    }
  })

  test('is shown around the place when it is long, with no half of a character', () => {
    const fault = faultOf(`${'"🙂" in tags and '.repeat(10)}x = 1 ${'or "🙂" in tags'.repeat(10)}`)
    assert.match(fault.message, /: "….{20,40}→x = 1 .{20,40}…"$/u)
    assert.ok(fault.message.isWellFormed())
    const long = faultOf('x'.repeat(4_000))
    assert.ok(long.message.length < 400)
  })

  test('is bounded in length, depth and comparisons', () => {
    const atMost = (count: number, text: (count: number) => string, offset: number, sentence: RegExp) => {
      parseFilter(text(count))
      const fault = faultOf(text(count + 1))
      assert.match(fault.message, sentence)
      assert.equal(fault.offset, offset)
    }
    const chars = limits.filterCharsMax - 9
    atMost(chars, (count) => `name = "${'x'.repeat(count)}"`, limits.filterCharsMax, /at most 4096 characters/)
    const depth = limits.filterDepthMax
    const one = 'name = "x"'
    atMost(depth, (count) => '('.repeat(count) + one + ')'.repeat(count), depth + 1, /at most 32 deep/)
    atMost(depth, (count) => 'not '.repeat(count) + one, 4 * (depth + 1), /at most 32 deep/)
    const joined = (count: number) => Array.from({ length: count }, () => one).join(' or ')
    atMost(limits.filterComparisonsMax, joined, 14 * limits.filterComparisonsMax, /at most 100 comparisons/)
  })

  test('takes no longer than its length allows, whatever it is', () => {
    const pieces = [
      '(',
      ')',
      'not ',
      '"',
      "'",
      '\\',
      '\\u',
      '-',
      '1e',
      '.',
      ' ',
      'a',
      'metric.',
      'in',
      '\n',
      '🙂',
      'now-',
      '<',
      ',',
    ]
    const startMs = performance.now()
    for (const piece of pieces) {
      for (const start of ['', 'name = "', 'config.', 'metric.', 'config.a in (', 'created > now', 'config.a = -']) {
        const text = (start + piece.repeat(limits.filterCharsMax)).slice(0, limits.filterCharsMax)
        try {
          parseFilter(text)
        } catch (error) {
          assert.ok(error instanceof FilterError, `${error}`)
        }
      }
    }
    const perText = (performance.now() - startMs) / (pieces.length * 7)
    assert.ok(perText < 20, `${perText} ms each`)
  })
})

test('a filter that is printed is read as the same', () => {
  const seed = Math.floor(Math.random() * 2 ** 32)
  let state = seed
  const below = (end: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * end)
  }
  const pick = <Item>(items: readonly Item[]): Item => items[below(items.length)]
  const texts = [
    '',
    'a',
    'and',
    'a.b',
    '"',
    "'",
    '\\',
    '\\"',
    '$',
    '[0]',
    'ü',
    '🙂',
    '\n',
    '\u0000',
    ' ',
    '-',
    '值',
    '\u2028',
    '.max',
  ]
  const numbers = () =>
    pick([0, 1, -1, 0.1, 1e-300, 1.7976931348623157e308, 5e-324, 123456789012345680000, below(1e9) / 7])
  const time = (): FilterValue =>
    pick([
      { beforeNowMs: below(100) * pick([1_000, 60_000, 3_600_000, 86_400_000]) },
      { ms: below(2e9) * 900 + below(1e3) / 1e3 },
    ])
  const span = { start: 0, end: 0 }
  const field = (names: readonly string[]): Field => {
    const name = pick(names)
    if (name === 'metric') return { name, metric: pick(texts), stat: pick<Stat>(stats) }
    if (name !== 'config' && name !== 'summary') return { name } as Field
    return { name, path: Array.from({ length: 1 + below(3) }, () => pick(texts)) }
  }
  const make = (depth: number): Filter => {
    switch (below(depth > 4 ? 5 : 9)) {
      case 0:
        return { kind: 'tagged', tag: pick(texts), ...span }
      case 1:
        return {
          kind: 'contains',
          field: { ...field(['name', 'notes', 'config']), ...span },
          part: pick(texts),
          ...span,
        }
      case 2: {
        const values = Array.from({ length: 1 + below(3) }, () =>
          pick<FilterValue>([numbers(), pick(texts), true, false, null]),
        )
        return { kind: 'oneOf', field: { ...field(['config', 'summary']), ...span }, values, ...span }
      }
      case 3: {
        const operator = pick<Operator>(['=', '!=', '<', '<=', '>', '>='])
        const isNumber = below(2) === 0
        const its = field(isNumber ? ['metric', 'exit_code', 'config'] : ['name', 'display_name', 'summary'])
        return {
          kind: 'comparison',
          field: { ...its, ...span },
          operator,
          value: isNumber ? numbers() : pick(texts),
          ...span,
        }
      }
      case 4: {
        const its = { ...field(['created', 'heard', 'finished']), ...span }
        return { kind: 'comparison', field: its, operator: pick<Operator>(['=', '>']), value: time(), ...span }
      }
      case 5:
        return { kind: 'not', part: make(depth + 1), ...span }
      default: {
        const parts = Array.from({ length: 2 + below(2) }, () => make(depth + 1))
        return { kind: pick(['and', 'or'] as const), parts, ...span }
      }
    }
  }
  let tried = 0
  for (let round = 0; round < 3_000; round++) {
    const filter = make(0)
    const text = printFilter(filter)
    if (text.length > limits.filterCharsMax) continue
    tried++
    const again = parseFilter(text)
    assert.deepEqual(plain(again), plain(filter), `seed ${seed}: ${text}`)
    assert.equal(printFilter(again), text)
  }
  assert.ok(tried > 2_000)
})

test('what the page about filters shows is read as it says', () => {
  const page = readFileSync(new URL('../docs/api/filter.md', import.meta.url), 'utf8')
  const examples = (heading: string) => {
    const [, block] = /```\n(.*?)```/s.exec(page.slice(page.indexOf(`\n## ${heading}\n`))) as RegExpExecArray
    return block.trim().split('\n')
  }
  const [filters, sorts] = [examples('Examples'), examples('Sorting')]
  assert.ok(filters.length >= 9 && sorts.length >= 5)
  for (const text of filters) parseFilter(text)
  for (const text of sorts) parseSort(text)
  const { msg } = JSON.parse((/```json\n(.*?)```/s.exec(page) as RegExpExecArray)[1]).detail[0]
  assert.equal(faultOf('config.lr < and').message, msg)
})
