import { readView, writeView } from './address.ts'
import { defaultView, type View } from './view.ts'

/** The saved view that the present one stands on. */
export interface Base {
  name: string | null
  view: View
}

interface Step {
  view: View
  /** What was done, for the person who undoes it: "hide calm-heron". */
  deed: string
}

const stepsMax = 200

/**
 * The view of one project while its pages are open: one place that is read by the table, the charts and the address, with
 * every change undoable. Changes of the same deed that follow each other closely (a slider that is dragged) are one step.
 */
export class ViewStore {
  #base: Base = { name: null, view: defaultView }
  #view: View
  #past: Step[] = []
  #future: Step[] = []
  #lastChange = { deed: '', at: Number.NEGATIVE_INFINITY }
  readonly #listeners = new Set<() => void>()
  readonly #now: () => number

  constructor(fields: Record<string, string | undefined> = {}, now: () => number = () => performance.now()) {
    this.#view = readView(fields)
    this.#now = now
  }

  get view(): View {
    return this.#view
  }

  get base(): Base {
    return this.#base
  }

  /** Whether something differs from the saved view, or from the default. */
  get isChanged(): boolean {
    return Object.keys(this.fields).length > 0
  }

  /** For the address. */
  get fields(): Record<string, string> {
    return writeView(this.#view, this.#base.view)
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  change(deed: string, change: Partial<View> | ((view: View) => Partial<View>)): void {
    const next = { ...this.#view, ...(typeof change === 'function' ? change(this.#view) : change) }
    if (JSON.stringify(next) === JSON.stringify(this.#view)) return
    const now = this.#now()
    const goesOn = this.#lastChange.deed === deed && now - this.#lastChange.at < 1000
    if (!goesOn) this.#past = [...this.#past, { view: this.#view, deed }].slice(-stepsMax)
    this.#lastChange = { deed, at: now }
    this.#future = []
    this.#set(next)
  }

  /** Takes back the last change and answers what it was; undefined when there is none. */
  undo(): string | undefined {
    return this.#move(this.#past, this.#future)
  }

  redo(): string | undefined {
    return this.#move(this.#future, this.#past)
  }

  /** Stands on a saved view from now on, and shows it with what an address says besides. */
  open(base: Base, fields: Record<string, string | undefined> = {}): void {
    this.#base = base
    this.#past = []
    this.#future = []
    this.#set(readView(fields, base.view))
  }

  /** The present view has been saved under this name. */
  saved(name: string): void {
    this.#base = { name, view: this.#view }
    this.#tell()
  }

  /** The saved view that this one stands on is called otherwise, or (null) is gone; what is shown stays. */
  rename(name: string | null): void {
    this.#base = name === null ? { name, view: defaultView } : { name, view: this.#base.view }
    this.#tell()
  }

  #move(from: Step[], to: Step[]): string | undefined {
    const step = from.pop()
    if (!step) return undefined
    to.push({ view: this.#view, deed: step.deed })
    this.#lastChange = { deed: '', at: Number.NEGATIVE_INFINITY }
    this.#set(step.view)
    return step.deed
  }

  #set(view: View): void {
    this.#view = view
    this.#tell()
  }

  #tell(): void {
    for (const listener of this.#listeners) listener()
  }
}
