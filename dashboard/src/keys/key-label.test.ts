import assert from 'node:assert/strict'
import { test } from 'node:test'
import { keyLabel } from './key-label.ts'

test('keys are called as they are on the keyboard of the machine', () => {
  assert.equal(keyLabel('Mod+k', true), '⌘K')
  assert.equal(keyLabel('Mod+k', false), 'Ctrl K')
  assert.equal(keyLabel('Shift+z', false), '⇧Z')
  assert.equal(keyLabel('Alt+ArrowLeft', true), '⌥←')
  assert.equal(keyLabel('g', false), 'g')
  assert.equal(keyLabel('+', false), '+')
  assert.equal(keyLabel('Escape', true), 'Esc')
})
