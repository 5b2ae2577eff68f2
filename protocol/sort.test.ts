import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FilterError } from './filter-error.ts'
import { limits } from './limits.ts'
import { parseSort, printSort } from './sort.ts'

/** Fields without the places where they stood, `-` before those that descend. */
const read = (text: string) =>
  parseSort(text).map(({ field, isDescending }) => {
    const { start: _, end: __, ...rest } = field as unknown as Record<string, unknown>
    return [isDescending ? '-' : '+', ...Object.values(rest)]
  })

test('a sort is keys with commas between them, - before one that descends', () => {
  const cases: [string, unknown][] = [
    ['-created', [['-', 'created']]],
    [
      'status, -heard ,finished',
      [
        ['+', 'status'],
        ['-', 'heard'],
        ['+', 'finished'],
      ],
    ],
    [
      'name,display_name,exit_code',
      [
        ['+', 'name'],
        ['+', 'display_name'],
        ['+', 'exit_code'],
      ],
    ],
    [
      'config.a.b,-summary."x,y"',
      [
        ['+', 'config', ['a', 'b']],
        ['-', 'summary', ['x,y']],
      ],
    ],
    ['metric:val/acc:max', [['+', 'metric', 'val/acc', 'max']]],
    [
      '-metric:val/acc:max,name',
      [
        ['-', 'metric', 'val/acc', 'max'],
        ['+', 'name'],
      ],
    ],
    ['-metric.val/acc.max', [['-', 'metric', 'val/acc', 'max']]],
    ['metric:a:b.c:min', [['+', 'metric', 'a:b.c', 'min']]],
    ['metric:loss (val):last', [['+', 'metric', 'loss (val)', 'last']]],
    ['metric:"a,b: c":mean', [['+', 'metric', 'a,b: c', 'mean']]],
    ['metric."a,b".mean', [['+', 'metric', 'a,b', 'mean']]],
  ]
  for (const [text, keys] of cases) {
    assert.deepEqual(read(text), keys, text)
    assert.deepEqual(read(printSort(parseSort(text))), keys, printSort(parseSort(text)))
  }
})

test('a sort that is wrong is told what was expected, and where', () => {
  const cases: [string, number, string][] = [
    ['', 0, 'expected a field at the end'],
    ['-', 1, 'expected a field at the end'],
    ['name,', 5, 'expected a field at the end'],
    ['name desc', 5, 'expected , or the end at'],
    ['loss', 0, 'expected a field (name,'],
    ['-tags', 0, "runs can't be sorted by tags, the key at character 1"],
    ['name,notes', 5, "runs can't be sorted by notes, the key at character 6"],
    ['metric:loss', 7, "expected a metric's name, : and a stat at"],
    ['name,metric:loss:best', 17, 'expected count, nonfinite, first, last, min, max or mean, and not "best", at'],
    ['metric:"a":', 11, 'expected count,'],
    ['metric:"a"', 10, 'expected : and a stat at'],
    ['metric:"a', 7, 'expected " to close the text that begins at'],
    ['name,name,name,name,name', 20, 'a sort has at most 4 keys, and one more at'],
    ['x'.repeat(limits.filterCharsMax + 1), limits.filterCharsMax, 'a sort has at most 4096 characters'],
  ]
  for (const [text, offset, sentence] of cases) {
    assert.throws(
      () => parseSort(text),
      (error) => {
        assert.ok(error instanceof FilterError)
        assert.ok(error.message.startsWith(sentence), `${text}: ${error.message}`)
        assert.equal(error.offset, offset, `${text}: ${error.message}`)
        return true
      },
    )
  }
})
