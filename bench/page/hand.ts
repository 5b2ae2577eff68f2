import { setTimeout as sleep } from 'node:timers/promises'
import { median } from '../report.ts'
import type { OpenPage } from './browser.ts'

/** What the screen did meanwhile. Rates in frames a second. */
export interface Frames {
  median: number
  /** The longest time between two frames, ms. */
  worstMs: number
  /** How often the chart under the hand was drawn, and the slowest that follows it. Of pages that tell (`aspara:drawn`). */
  handRate?: number
  followerRate?: number
}

export interface Box {
  x: number
  y: number
  width: number
  height: number
}

/** One input of the mouse, as the DevTools protocol has it. */
type Input = {
  type: 'mouseMoved' | 'mousePressed' | 'mouseReleased' | 'mouseWheel'
  x: number
  y: number
  deltaY?: number
  modifiers?: number
  isDown?: boolean
}

const shift = 8
const control = 2
const inputMs = 1_000 / 60

declare global {
  interface Window {
    frames60?: { times: number[]; drawn: Map<Element, number[]>; isOver: boolean }
  }
}

/** The charts in sight, in reading order. */
export function boxesOf({ page }: OpenPage, charts: string): Promise<Box[]> {
  return page.evaluate((selector) => {
    const boxes = Array.from(document.querySelectorAll(selector), (chart) => {
      // The plot is what can be pointed at; without the axes left of it and below.
      const plot = chart.querySelector('.u-over') ?? chart.querySelector('canvas') ?? chart
      const { x, y, width, height } = plot.getBoundingClientRect()
      return { x, y, width, height }
    })
    return boxes.filter(({ y, width, height }) => width > 40 && height > 40 && y > 0 && y + height < innerHeight)
  }, charts)
}

/** From left to right over each chart in turn. */
export function hover(open: OpenPage, boxes: Box[], charts: string): Promise<Frames> {
  const ticks = 30
  const inputs = boxes.flatMap(({ x, y, width, height }) =>
    Array.from(
      { length: ticks },
      (_, tick): Input => ({
        type: 'mouseMoved',
        x: x + width * (0.1 + (0.8 * tick) / ticks),
        y: y + height * (0.3 + 0.4 * Math.abs(Math.sin(tick / 5))),
      }),
    ),
  )
  return play(open, inputs, charts, boxes[0])
}

/** Ctrl and the wheel over one chart: in for two seconds, and out again. */
export async function zoom(open: OpenPage, box: Box, charts: string): Promise<Frames> {
  const at = { x: box.x + box.width * 0.6, y: box.y + box.height / 2 }
  const turns = Array.from(
    { length: 240 },
    (_, tick): Input => ({ type: 'mouseWheel', ...at, deltaY: tick < 120 ? -12 : 12, modifiers: control }),
  )
  return play(open, turns, charts, box)
}

/** Shift and a drag: to and fro for four seconds, in the middle of what is zoomed into. */
export async function pan(open: OpenPage, box: Box, charts: string): Promise<Frames> {
  const middle = { x: box.x + box.width / 2, y: box.y + box.height / 2 }
  for (let turn = 0; turn < 30; turn++) {
    await dispatch(open, { type: 'mouseWheel', ...middle, deltaY: -12, modifiers: control })
  }
  // The detail of the part is asked for, and is there.
  await sleep(1_500)
  const moves = Array.from(
    { length: 240 },
    (_, tick): Input => ({
      type: 'mouseMoved',
      x: middle.x + box.width * 0.35 * Math.sin(tick / 12),
      y: middle.y,
      modifiers: shift,
      isDown: true,
    }),
  )
  await dispatch(open, { type: 'mousePressed', ...middle, modifiers: shift, isDown: true })
  const frames = await play(open, moves, charts, box)
  await dispatch(open, { type: 'mouseReleased', ...middle, modifiers: shift })
  for (let turn = 0; turn < 40; turn++) {
    await dispatch(open, { type: 'mouseWheel', ...middle, deltaY: 12, modifiers: control })
  }
  return frames
}

/** The wheel over what scrolls, for some seconds. */
export function scroll(open: OpenPage, box: Box, seconds: number, pixelsPerTurn: number): Promise<Frames> {
  const at = { x: box.x + box.width / 2, y: box.y + box.height / 2 }
  const turns = Array.from(
    { length: seconds * 60 },
    (): Input => ({ type: 'mouseWheel', ...at, deltaY: pixelsPerTurn }),
  )
  return play(open, turns, undefined, undefined)
}

/**
 * Plays inputs at 60 a second, as a mouse does that waits for nobody, while the page counts its animation frames. `hand`
 * is where the chart lies that is to be told from the others.
 */
async function play(open: OpenPage, inputs: Input[], charts?: string, hand?: Box): Promise<Frames> {
  const { page } = open
  await page.evaluate(() => {
    const record: NonNullable<Window['frames60']> = { times: [], drawn: new Map(), isOver: false }
    window.frames60 = record
    const note = (event: Event) => {
      if (!(event.target instanceof Element)) return
      const chart = event.target.closest('[data-panel]') ?? event.target
      record.drawn.set(chart, [...(record.drawn.get(chart) ?? []), performance.now()])
    }
    document.addEventListener('aspara:drawn', note)
    const frame = (time: number) => {
      record.times.push(time)
      if (record.isOver) document.removeEventListener('aspara:drawn', note)
      else requestAnimationFrame(frame)
    }
    requestAnimationFrame(frame)
  })
  const started = performance.now()
  const sent: Promise<unknown>[] = []
  for (const [index, input] of inputs.entries()) {
    const early = started + index * inputMs - performance.now()
    if (early > 0) await sleep(early)
    sent.push(dispatch(open, input))
  }
  await Promise.all(sent)
  const { times, drawn } = await page.evaluate(
    ({ charts, hand }) => {
      const record = window.frames60!
      record.isOver = true
      const isUnderHand = (chart: Element) => {
        const { x, y, width, height } = chart.getBoundingClientRect()
        return hand && hand.x >= x - 1 && hand.x < x + width && hand.y >= y - 1 && hand.y < y + height
      }
      const isInSight = (chart: Element) => {
        const { top, bottom } = chart.getBoundingClientRect()
        return bottom > 0 && top < innerHeight
      }
      const inSight = charts ? Array.from(document.querySelectorAll(charts)).filter(isInSight) : []
      return {
        times: record.times,
        drawn: inSight.map((chart) => ({
          isUnderHand: !!isUnderHand(chart),
          section: chart.getAttribute('data-panel')?.split('/')[0],
          times: record.drawn.get(chart) ?? [],
        })),
      }
    },
    { charts, hand },
  )
  const seconds = (performance.now() - started) / 1_000
  const intervals = differences(times)
  const rate = (count: number) => count / seconds
  const hands = drawn.filter(({ isUnderHand }) => isUnderHand)
  // The panels of a section look at the same part of x.
  const followers = drawn.filter(({ isUnderHand, section }) => !isUnderHand && section === hands[0]?.section)
  return {
    median: 1_000 / median(intervals),
    worstMs: Math.max(...intervals),
    handRate: hands.length > 0 && hands[0]!.times.length > 1 ? 1_000 / median(differences(hands[0]!.times)) : undefined,
    followerRate:
      followers.length > 0 && followers.some(({ times }) => times.length > 0)
        ? Math.min(...followers.map(({ times }) => rate(times.length)))
        : undefined,
  }
}

function dispatch({ cdp }: OpenPage, { isDown, ...input }: Input): Promise<unknown> {
  const isButton = input.type === 'mousePressed' || input.type === 'mouseReleased'
  return cdp.send('Input.dispatchMouseEvent', {
    ...input,
    ...(input.type === 'mouseWheel' && { deltaX: 0, deltaY: input.deltaY ?? 0 }),
    ...(isButton && { clickCount: 1 }),
    button: isButton || isDown ? 'left' : 'none',
    buttons: isDown ? 1 : 0,
  })
}

const differences = (times: number[]) => times.slice(1).map((time, index) => time - times[index])
