import { panned, valueAt, zoomed } from './axis-scale.ts'
import type { ChartView } from './chart-view.ts'

/** A drag shorter than this is a click, pixels. */
const dragPx = 4
/** After so long without a turn of the wheel the hand has let go, ms. */
const wheelMs = 250

interface Drag {
  kind: 'zoom-x' | 'zoom-y' | 'pan' | 'touch'
  pointer: number
  fromX: number
  fromY: number
  range: [number, number]
  hasMoved: boolean
}

/**
 * Drag zooms x, with Shift it moves, with Alt it zooms y; Ctrl and the wheel zoom at the pointer; two clicks go back; one
 * pins what is told. One finger reads, two zoom. With the keyboard: arrows read, with Shift they move, + and − zoom, 0
 * goes back, Enter pins.
 */
export function listenForGestures(chart: ChartView): () => void {
  const { root } = chart
  const listening = new AbortController()
  const { signal } = listening
  const touches = new Map<number, { x: number; y: number }>()
  let drag: Drag | null = null
  let pinch: { distance: number; range: [number, number] } | null = null
  let wheelTimer: ReturnType<typeof setTimeout> | undefined

  const placeOf = (event: MouseEvent) => {
    const { over } = chart.plot!
    // Of the plot itself the browser knows the place already; asking for its box would lay the page out at every move.
    if (event.target === over) return { x: event.offsetX, y: event.offsetY, ...chart.box }
    const box = over.getBoundingClientRect()
    return { x: event.clientX - box.left, y: event.clientY - box.top, width: box.width, height: box.height }
  }
  const isOverPlot = (event: Event) =>
    chart.plot !== null && event.target instanceof Node && chart.plot.over.contains(event.target)
  const setRange = (range: [number, number], isFinal: boolean) => {
    if (Number.isFinite(range[0]) && Number.isFinite(range[1]) && range[1] > range[0]) {
      chart.events.onRange(range, isFinal)
    }
  }
  const showSelection = (kind: 'zoom-x' | 'zoom-y', from: number, to: number) => {
    const [start, size] = [Math.min(from, to), Math.abs(to - from)]
    const { style } = chart.selection
    style.display = 'block'
    style.left = kind === 'zoom-x' ? `${start}px` : '0'
    style.width = kind === 'zoom-x' ? `${size}px` : '100%'
    style.top = kind === 'zoom-y' ? `${start}px` : '0'
    style.height = kind === 'zoom-y' ? `${size}px` : '100%'
  }
  const endDrag = () => {
    drag = null
    chart.selection.style.display = 'none'
  }

  const onDown = (event: PointerEvent) => {
    if (!isOverPlot(event) || event.button !== 0) return
    const { x, y } = placeOf(event)
    const range: [number, number] = [chart.x.min, chart.x.max]
    if (event.pointerType === 'touch') {
      touches.set(event.pointerId, { x, y })
      if (touches.size === 2) {
        pinch = { distance: spreadOf(touches), range }
        endDrag()
        return
      }
    } else event.preventDefault()
    // The hand knows where it is: the ring is for keys.
    root.focus({ preventScroll: true, focusVisible: false } as FocusOptions)
    const kind = event.pointerType === 'touch' ? 'touch' : event.shiftKey ? 'pan' : event.altKey ? 'zoom-y' : 'zoom-x'
    drag = { kind, pointer: event.pointerId, fromX: x, fromY: y, range, hasMoved: false }
    if (kind !== 'touch') chart.plot!.over.setPointerCapture(event.pointerId)
    else chart.pointAt(x, y)
  }

  const onMove = (event: PointerEvent) => {
    if (!chart.plot) return
    const { x, y, width } = placeOf(event)
    if (touches.has(event.pointerId)) touches.set(event.pointerId, { x, y })
    if (pinch && touches.size === 2) {
      const middle = [...touches.values()].reduce((sum, touch) => sum + touch.x, 0) / 2
      const factor = pinch.distance / Math.max(10, spreadOf(touches))
      setRange(zoomed({ ...chart.x, min: pinch.range[0], max: pinch.range[1] }, middle / width, factor), false)
      return
    }
    if (!drag || drag.pointer !== event.pointerId) {
      if (isOverPlot(event) && event.pointerType !== 'touch') chart.pointAt(x, y)
      return
    }
    const { kind, fromX, fromY, range } = drag
    drag.hasMoved ||= Math.abs(x - fromX) > dragPx || Math.abs(y - fromY) > dragPx
    if (kind === 'touch') chart.pointAt(x, y)
    else if (!drag.hasMoved) chart.pointAt(x, y)
    else if (kind === 'pan') {
      setRange(panned({ ...chart.x, min: range[0], max: range[1] }, (fromX - x) / width), false)
    } else {
      if (kind === 'zoom-x') showSelection(kind, fromX, x)
      else showSelection(kind, fromY, y)
      chart.pointAt(x, y)
    }
  }

  const onUp = (event: PointerEvent) => {
    touches.delete(event.pointerId)
    if (pinch && touches.size < 2) {
      pinch = null
      setRange([chart.x.min, chart.x.max], true)
      return
    }
    if (!drag || drag.pointer !== event.pointerId || !chart.plot) return
    const { kind, fromX, fromY, hasMoved } = drag
    const { x, y, width, height } = placeOf(event)
    endDrag()
    if (!hasMoved) {
      // What a finger has shown stays when it is lifted, too.
      chart.pin()
      return
    }
    if (kind === 'touch') return
    if (kind === 'pan') setRange([chart.x.min, chart.x.max], true)
    else if (kind === 'zoom-x') {
      const parts = [fromX / width, x / width].map((part) => Math.min(1, Math.max(0, part)))
      setRange([valueAt(chart.x, Math.min(...parts)), valueAt(chart.x, Math.max(...parts))], true)
    } else {
      const parts = [1 - fromY / height, 1 - y / height].map((part) => Math.min(1, Math.max(0, part)))
      chart.events.onYRange([valueAt(chart.y, Math.min(...parts)), valueAt(chart.y, Math.max(...parts))])
    }
  }

  const onWheel = (event: WheelEvent) => {
    if (!event.ctrlKey || !isOverPlot(event)) return
    event.preventDefault()
    const { x, width } = placeOf(event)
    const pixels = event.deltaY * (event.deltaMode === 1 ? 16 : 1)
    setRange(zoomed(chart.x, x / width, Math.min(2, Math.max(0.5, 1.002 ** pixels))), false)
    clearTimeout(wheelTimer)
    wheelTimer = setTimeout(() => setRange([chart.x.min, chart.x.max], true), wheelMs)
  }

  const onDoubleClick = (event: MouseEvent) => {
    if (!isOverPlot(event)) return
    chart.events.onRange(null, true)
    chart.events.onYRange(null)
  }

  const onKey = (event: KeyboardEvent) => {
    if (event.target !== root || event.ctrlKey || event.metaKey || event.altKey || !chart.plot) return
    const sign = event.key === 'ArrowLeft' ? -1 : 1
    if (event.key === 'ArrowLeft' || event.key === 'ArrowRight') {
      if (event.shiftKey) setRange(panned(chart.x, sign * 0.1), true)
      else chart.step(sign)
    } else if (event.key === '+' || event.key === '=') setRange(zoomed(chart.x, 0.5, 0.5), true)
    else if (event.key === '-') setRange(zoomed(chart.x, 0.5, 2), true)
    else if (event.key === '0') onDoubleClickKey()
    else if (event.key === 'Enter') chart.pin()
    else return
    event.preventDefault()
  }
  const onDoubleClickKey = () => {
    chart.events.onRange(null, true)
    chart.events.onYRange(null)
  }

  const options = { signal }
  root.addEventListener('pointerdown', onDown, options)
  root.addEventListener('pointermove', onMove, options)
  root.addEventListener('pointerup', onUp, options)
  root.addEventListener(
    'pointercancel',
    (event) => {
      touches.delete(event.pointerId)
      pinch = null
      endDrag()
    },
    options,
  )
  root.addEventListener('pointerleave', () => !drag && chart.leave(), options)
  root.addEventListener('wheel', onWheel, { signal, passive: false })
  root.addEventListener('dblclick', onDoubleClick, options)
  root.addEventListener('keydown', onKey, options)
  root.addEventListener('blur', () => chart.leave(), options)
  return () => {
    clearTimeout(wheelTimer)
    listening.abort()
  }
}

function spreadOf(touches: Map<number, { x: number; y: number }>): number {
  const [one, other] = [...touches.values()]
  return Math.hypot(one!.x - other!.x, one!.y - other!.y)
}
