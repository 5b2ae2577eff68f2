import { useViewStore } from '../view/use-view.ts'

const heights = { least: 120, most: 900 }

/** The corner of a panel: down makes all panels taller, right makes this one wider. By keyboard the panel's menu does it. */
export function ResizeHandle({ metric }: { metric: string }) {
  const store = useViewStore()
  return (
    <div
      aria-hidden
      className="absolute right-0 bottom-0 size-3 cursor-nwse-resize opacity-0 group-hover/panel:opacity-100"
      onPointerDown={(event) => {
        event.preventDefault()
        const handle = event.currentTarget
        const panel = handle.closest<HTMLElement>('[data-panel]')!
        const { width, height } = panel.getBoundingClientRect()
        const { panelHeight, panels } = store.view
        const wide = panels[metric]?.wide ?? 1
        const tall = Math.max(1, panels[metric]?.tall ?? 1)
        const { clientX, clientY } = event
        handle.setPointerCapture(event.pointerId)
        handle.onpointermove = (move) => {
          const taller = Math.round((height + move.clientY - clientY) / tall / 4) * 4
          const wider = Math.max(1, Math.round((width + move.clientX - clientX) / (width / wide)))
          store.change('resize panels', (view) => ({
            panelHeight: Math.min(heights.most, Math.max(heights.least, taller || panelHeight)),
            panels: { ...view.panels, [metric]: { ...view.panels[metric], wide: wider } },
          }))
        }
        handle.onlostpointercapture = () => {
          handle.onpointermove = null
        }
      }}
    >
      <svg viewBox="0 0 12 12" className="size-3 stroke-ink-3">
        <title>Drag to resize</title>
        <path d="M11 5 5 11M11 9 9 11" fill="none" />
      </svg>
    </div>
  )
}
