import assert from 'node:assert/strict'
import { test } from 'node:test'
import { scaleColour } from './colour-scale.ts'

/** Relative luminance and contrast as WCAG 2 has them. */
const luminance = (colour: string) =>
  [1, 3, 5]
    .map((at) => Number.parseInt(colour.slice(at, at + 2), 16) / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
    .reduce((sum, part, at) => sum + part * [0.2126, 0.7152, 0.0722][at]!, 0)
const contrast = (one: string, other: string) => {
  const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b)
  return (high! + 0.05) / (low! + 0.05)
}

test('more is lighter all along the scale, so that it reads without colour', () => {
  for (const isDark of [false, true]) {
    let before = -1
    for (let at = 0; at <= 50; at++) {
      const now = luminance(scaleColour(at / 50, isDark))
      assert.ok(now > before, `${at}`)
      before = now
    }
  }
})

test('no colour of it is lost on the page', () => {
  for (let at = 0; at <= 50; at++) {
    assert.ok(contrast(scaleColour(at / 50, false), '#ffffff') > 1.6, `light ${at}`)
    assert.ok(contrast(scaleColour(at / 50, true), '#0f1012') > 2.2, `dark ${at}`)
  }
})
