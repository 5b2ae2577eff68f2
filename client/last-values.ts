/** So many metrics are remembered: more names than any training has must not fill the memory. */
const metricsMax = 100_000

/** The value of each metric at its highest step. */
export class LastValues {
  #last = new Map<string, { step: number; value: number }>()

  add(keys: readonly string[], values: Float64Array, step: number): void {
    for (let index = 0; index < keys.length; index++) this.set(keys[index], values[index], step)
  }

  set(key: string, value: number, step: number): void {
    const last = this.#last.get(key)
    if (last && step >= last.step) {
      last.step = step
      last.value = value
    } else if (!last && this.#last.size < metricsMax) {
      this.#last.set(key, { step, value })
    }
  }

  values(): Record<string, unknown> {
    return Object.fromEntries(Array.from(this.#last, ([key, { value }]) => [key, value]))
  }
}
