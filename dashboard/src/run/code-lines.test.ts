import assert from 'node:assert/strict'
import { test } from 'node:test'
import hljs from 'highlight.js/lib/core'
import python from 'highlight.js/lib/languages/python'
import { codeLines, plainLines, withoutTerminal } from './code-lines.ts'

hljs.registerLanguage('python', python)

const code = `def f(x):
    """A text
    of <two> lines & more"""
    return "it's" if x < 3 else None  # why
`

test('highlighted code is the same text as before, line by line', () => {
  const { value } = hljs.highlight(code, { language: 'python' })
  const lines = codeLines(value)
  assert.equal(lines.map((pieces) => pieces.map(({ text }) => text).join('')).join('\n'), code)
})

test('a string over several lines is one in each of them', () => {
  const lines = codeLines(hljs.highlight(code, { language: 'python' }).value)
  assert.ok(lines[1]!.some(({ text, scope }) => text.includes('A text') && scope === 'string'))
  assert.ok(lines[2]!.some(({ text, scope }) => text.includes('<two> lines &') && scope === 'string'))
  assert.ok(lines[0]!.some(({ text, scope }) => text === 'def' && scope === 'keyword'))
  assert.ok(lines[0]!.some(({ text, scope }) => text === 'f' && scope === 'title.function'))
})

test('a script in a file stays text', () => {
  const { value } = hljs.highlight('"<script>alert(1)</script>"', { language: 'python' })
  assert.deepEqual(codeLines(value), [[{ text: '"<script>alert(1)</script>"', scope: 'string' }]])
})

test('plain text keeps its lines, whatever they end in', () => {
  assert.deepEqual(plainLines('a\r\n\nb'), [[{ text: 'a', scope: '' }], [], [{ text: 'b', scope: '' }]])
})

test('a log is shown as a terminal left it: without colours, and a progress bar at its end', () => {
  assert.equal(withoutTerminal('\u001b[31mred\u001b[0m\n'), 'red\n')
  assert.equal(withoutTerminal('10 %\r50 %\r100 %\ndone\r\n'), '100 %\ndone\r\n')
})
