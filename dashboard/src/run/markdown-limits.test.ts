import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isReadable } from './markdown-limits.ts'

test('notes that people write are read as Markdown, and what would take for ever, or nests without end, is not', () => {
  const table = `| step | loss |\n|---|---|\n${'| 1 | 0.5 |\n'.repeat(300)}`
  for (const text of [
    '',
    '# Title\n\n- a\n- b\n  1. c\n\n> quoted',
    table,
    '-'.repeat(500),
    'a'.repeat(100_000),
    '1.5 '.repeat(500),
  ]) {
    assert.ok(isReadable(text), text.slice(0, 40))
  }
  for (const text of [
    '>'.repeat(30_000),
    '- '.repeat(15_000),
    '**a_'.repeat(15_000),
    '[a](b) '.repeat(8_000),
    '`'.repeat(9_000),
  ]) {
    assert.ok(!isReadable(text), text.slice(0, 40))
  }
})
