import { useState } from 'react'
import { runsBetween, type TableLine } from '../data/table-lines.ts'

/** Which runs are chosen, for what is done with several, and on which line one stands. */
export interface Choice {
  /** Names. */
  chosen: ReadonlySet<string>
  /** The id of the line that keys act on; null before anybody came by. */
  current: string | null
  stand: (id: string) => void
  /** Chooses one run more, or one less. */
  toggle: (name: string) => void
  /** This run alone; none when it is chosen alone already. */
  only: (name: string) => void
  /** All from the last one that was chosen or left. */
  upTo: (name: string) => void
  set: (names: readonly string[]) => void
}

export function useChoice(lines: readonly TableLine[]): Choice {
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set())
  const [current, setCurrent] = useState<string | null>(null)
  const [anchor, setAnchor] = useState<string | null>(null)
  const set = (names: readonly string[]) => setChosen(new Set(names))
  return {
    chosen,
    current,
    stand: setCurrent,
    toggle: (name) => {
      setAnchor(name)
      set(chosen.has(name) ? [...chosen].filter((one) => one !== name) : [...chosen, name])
    },
    only: (name) => {
      setAnchor(name)
      set(chosen.size === 1 && chosen.has(name) ? [] : [name])
    },
    upTo: (name) => set([...chosen, ...runsBetween(lines, anchor ?? name, name)]),
    set,
  }
}
