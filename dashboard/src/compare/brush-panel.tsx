import { useState } from 'react'
import { Button } from '../ui/button.tsx'
import { TextField } from '../ui/field.tsx'
import { type Axis, leftOver, type WantedScale } from './axes.ts'
import type { Brush } from './brushing.ts'
import { fieldLabel } from './fields.ts'

const categoriesMost = 200

interface Props {
  axis: Axis
  wanted: WantedScale
  brush: Brush | undefined
  onBrush: (brush: Brush | undefined) => void
  onScale: (scale: WantedScale) => void
  onMove: (by: number) => void
  onRemove: () => void
  isFirst: boolean
  isLast: boolean
}

/** All that can be set of an axis, in words and numbers: what a hand does by dragging, keys do here. */
export function BrushPanel({ axis, wanted, brush, onBrush, onScale, onMove, onRemove, isFirst, isLast }: Props) {
  const label = fieldLabel(axis.id)
  return (
    <div className="flex flex-col gap-2 text-sm">
      <p className="break-words font-medium">{label}</p>
      {axis.kind === 'category' ? (
        <Categories axis={axis} brush={brush} onBrush={onBrush} />
      ) : (
        <>
          <Range axis={axis} brush={brush} onBrush={onBrush} />
          <fieldset className="flex items-center gap-3">
            <legend className="sr-only">Scale of {label}</legend>
            {(['auto', 'linear', 'log'] as const).map((scale) => (
              <label key={scale} className="flex items-center gap-1">
                <input
                  type="radio"
                  name={`scale-${axis.id}`}
                  className="accent-(--accent)"
                  checked={wanted === scale}
                  onChange={() => onScale(scale)}
                />
                {scale === 'auto' ? `auto (${axis.kind})` : scale}
              </label>
            ))}
          </fieldset>
        </>
      )}
      {(['off', 'unset'] as const).map((mark) => {
        const count = mark === 'off' ? axis.offScale : axis.unset
        const isOn = brush !== undefined && 'mark' in brush && brush.mark === mark
        const words = leftOver({ ...axis, offScale: mark === 'off' ? count : 0, unset: mark === 'unset' ? count : 0 })
        return (
          count > 0 && (
            <label key={mark} className="flex items-center gap-2">
              <input
                type="checkbox"
                className="accent-(--accent)"
                checked={isOn}
                onChange={() => onBrush(isOn ? undefined : { mark })}
              />
              Only the {words}
            </label>
          )
        )
      })}
      <div className="-mx-1 flex flex-wrap gap-1 border-line border-t pt-2">
        <Button disabled={brush === undefined} onClick={() => onBrush(undefined)}>
          Clear
        </Button>
        <Button disabled={isFirst} onClick={() => onMove(-1)}>
          ← Move
        </Button>
        <Button disabled={isLast} onClick={() => onMove(1)}>
          Move →
        </Button>
        <Button onClick={onRemove}>Remove axis</Button>
      </div>
    </div>
  )
}

function Categories({ axis, brush, onBrush }: Pick<Props, 'axis' | 'brush' | 'onBrush'>) {
  const chosen = brush && 'categories' in brush ? brush.categories : []
  return (
    <fieldset className="max-h-56 overflow-y-auto">
      <legend className="sr-only">Values of {fieldLabel(axis.id)}</legend>
      {axis.categories.slice(0, categoriesMost).map((category) => (
        <label key={category} className="flex h-6 items-center gap-2">
          <input
            type="checkbox"
            className="accent-(--accent)"
            checked={chosen.includes(category)}
            onChange={({ target }) => {
              const next = axis.categories.filter((one) => (one === category ? target.checked : chosen.includes(one)))
              onBrush(next.length > 0 ? { categories: next } : undefined)
            }}
          />
          <span className="min-w-0 truncate" title={category}>
            {category === '' ? '(empty)' : category}
          </span>
        </label>
      ))}
    </fieldset>
  )
}

/** Numbers as they are typed take hold with Enter, or on leaving them both. */
function Range({ axis, brush, onBrush }: Pick<Props, 'axis' | 'brush' | 'onBrush'>) {
  const range = brush && 'from' in brush ? brush : undefined
  const [typed, setTyped] = useState<{ from: string; to: string } | null>(null)
  const { from, to } = typed ?? { from: range ? String(range.from) : '', to: range ? String(range.to) : '' }
  const low = from.trim() === '' ? axis.min : Number(from)
  const high = to.trim() === '' ? axis.max : Number(to)
  const isEmpty = from.trim() === '' && to.trim() === ''
  const isWrong = !Number.isFinite(low) || !Number.isFinite(high) || low > high
  const take = () => {
    if (isWrong) return
    const next = isEmpty ? undefined : { from: low, to: high }
    setTyped(null)
    if (JSON.stringify(next) !== JSON.stringify(range)) onBrush(next)
  }
  return (
    <form
      className="flex items-center gap-2"
      onSubmit={(event) => {
        event.preventDefault()
        take()
      }}
      // From one field to the other nothing is put into the one that is being typed in.
      onBlur={({ currentTarget, relatedTarget }) => {
        if (!currentTarget.contains(relatedTarget)) take()
      }}
    >
      <TextField
        label={`${fieldLabel(axis.id)} from`}
        inputMode="decimal"
        placeholder={String(Number(axis.min.toPrecision(4)))}
        value={from}
        hasError={isWrong}
        onChange={({ target }) => setTyped({ from: target.value, to })}
      />
      to
      <TextField
        label={`${fieldLabel(axis.id)} to`}
        inputMode="decimal"
        placeholder={String(Number(axis.max.toPrecision(4)))}
        value={to}
        hasError={isWrong}
        onChange={({ target }) => setTyped({ from, to: target.value })}
      />
      <button type="submit" className="sr-only">
        Set
      </button>
    </form>
  )
}
