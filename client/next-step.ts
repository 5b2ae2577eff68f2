import type { Transport } from './transport.ts'

/** The only question that a start ever waits for, and only where a run is resumed. */
const waitMs = 2_000

/** One after the highest step that the tracker has of a run; 0 when it has none, or does not answer in time. */
export async function nextStep(
  transport: Transport,
  project: string,
  run: string,
  warn: (sentence: string) => void,
): Promise<number> {
  const stop = new AbortController()
  const timer = setTimeout(() => stop.abort(), waitMs)
  try {
    const { body } = await transport({ method: 'GET', path: `/projects/${project}/runs/${run}/metrics` }, stop.signal)
    const metrics = (body?.metrics ?? []) as { last_step: number }[]
    return Math.max(-1, ...metrics.map((metric) => metric.last_step)) + 1
  } catch (error) {
    warn(`the tracker did not say where the run goes on (${(error as Error).message}): steps begin with 0`)
    return 0
  } finally {
    clearTimeout(timer)
  }
}
