import assert from 'node:assert/strict'
import { test } from 'node:test'
import { columnsMax, isNumberColumn, readTable, rowsMax } from './table-file.ts'

test('a CSV file is a table: quotes, commas and lines within them', () => {
  const { columns, rows } = readTable('name,loss\n"a, b",0.5\n"two\nlines",NaN\n', { isWhole: true })
  assert.deepEqual(columns, ['name', 'loss'])
  assert.deepEqual(rows, [
    ['a, b', '0.5'],
    ['two\nlines', 'NaN'],
  ])
  assert.deepEqual([isNumberColumn(rows, 0), isNumberColumn(rows, 1)], [false, true])
})

test('tabs and semicolons are found out', () => {
  assert.deepEqual(readTable('a\tb\n1\t2\n', { isWhole: true }).rows, [['1', '2']])
  assert.deepEqual(readTable('a;b\n1;2\n', { isWhole: true }).rows, [['1', '2']])
})

test('a line that is cut off is not shown as if it were whole', () => {
  assert.deepEqual(readTable('a,b\n1,2\n3,4', { isWhole: false }).rows, [['1', '2']])
  assert.deepEqual(readTable('a,b\n1,2\n3,4', { isWhole: true }).rows, [
    ['1', '2'],
    ['3', '4'],
  ])
})

test('columns without a name get one, and rows that are longer than the header are whole', () => {
  const { columns, rows } = readTable('a,,\n1,2,3,4\n', { isWhole: true })
  assert.deepEqual(columns, ['a', 'column 2', 'column 3', 'column 4'])
  assert.deepEqual(rows, [['1', '2', '3', '4']])
})

test('more than anybody reads is left out, and said', () => {
  const wide = Array.from({ length: columnsMax + 5 }, (_, at) => at).join(',')
  const { columns, columnsLeftOut } = readTable(`${wide}\n${wide}\n`, { isWhole: true })
  assert.deepEqual([columns.length, columnsLeftOut], [columnsMax, 5])
  const { rows, rowsLeftOut } = readTable(`a\n${'1\n'.repeat(rowsMax + 3)}`, { isWhole: true })
  assert.deepEqual([rows.length, rowsLeftOut], [rowsMax, 3])
})

test('an empty file is an empty table', () => {
  assert.deepEqual(readTable('', { isWhole: true }), {
    columns: [],
    rows: [],
    columnsLeftOut: 0,
    rowsLeftOut: 0,
    widths: [],
  })
})
