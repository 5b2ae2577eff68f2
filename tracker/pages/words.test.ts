import assert from 'node:assert/strict'
import { test } from 'node:test'

const { agoText, bytesText, countText, documentLines, documentPreview, durationText, metricText, numberText } =
  await import(new URL('./words.js', import.meta.url).href)

function table(write: (value: never) => string, rows: [unknown, string][]) {
  for (const [value, text] of rows) assert.equal(write(value as never), text)
}

test('numbers have four significant digits and no more characters than a column holds', () => {
  table(numberText, [
    [0, '0'],
    [1, '1'],
    [0.5, '0.5000'],
    [-0.123456, '−0.1235'],
    [0.0003, '0.0003'],
    [0.00012346, '0.0001235'],
    [0.000012345, '1.234e−5'],
    [12.3456, '12.35'],
    [12345.6789, '12346'],
    [12345678, '1.235e7'],
    [1.5e300, '1.5e300'],
    [-1e-300, '−1e−300'],
  ])
})

test('what is not a finite number says so', () => {
  table(numberText, [
    ['NaN', 'NaN'],
    ['Infinity', '+∞'],
    ['-Infinity', '−∞'],
    [null, '–'],
  ])
})

test('counts and sizes are short', () => {
  table(countText, [
    [0, '0'],
    [9_999, '9999'],
    [12_500, '12.5k'],
    [999_499, '999k'],
    [999_500, '1M'],
    [3_210_000, '3.21M'],
    [999_500_000, '1G'],
  ])
  table(bytesText, [
    [0, '0 bytes'],
    [1023, '1023 bytes'],
    [1536, '1.5 KiB'],
    [2 ** 30, '1 GiB'],
  ])
})

test('times are told from now, and a clock that is ahead tells no future', () => {
  const nowMs = Date.parse('2030-01-01T12:00:00Z')
  const ago = (moment: string) => agoText(moment, nowMs)
  table(ago, [
    ['2030-01-01T12:00:03Z', 'just now'],
    ['2030-01-01T11:59:41Z', '10 s ago'],
    ['2030-01-01T11:57:01Z', '2 min ago'],
    ['2030-01-01T09:00:00Z', '3 h ago'],
    ['2029-12-25T12:00:00Z', '7 d ago'],
  ])
  assert.equal(durationText('2030-01-01T09:46:00Z', '2030-01-01T12:00:00Z'), '2h 14m')
  assert.equal(durationText('2030-01-01T11:59:58Z', '2030-01-01T12:00:00Z'), '2s')
})

test('a nested document becomes lines with paths', () => {
  const config = { optimizer: { lr: 0.1, betas: [0.9, 0.95] }, name: 'a', none: null, empty: {} }
  assert.deepEqual(documentLines(config), [
    ['optimizer/lr', '0.1'],
    ['optimizer/betas', '[0.9,0.95]'],
    ['name', 'a'],
    ['none', 'null'],
    ['empty', '{}'],
  ])
  assert.deepEqual(documentLines({}), [])
  assert.equal(documentPreview({ lr: 0.1, seed: 3 }), 'lr 0.1  seed 3')
})

test('of a long metric the end is kept', () => {
  table(metricText, [
    ['val/accuracy', 'val/accuracy'],
    ['model/encoder/layer_11/loss', '…ayer_11/loss'],
  ])
})
