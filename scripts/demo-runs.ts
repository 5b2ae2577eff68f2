// Run after run of a made-up training, logged through the HTTP API as any program would: something on the page moves
// while one works on it. Every fifth run diverges, because pages are seldom tried on those.

import { setTimeout as sleep } from 'node:timers/promises'

const stepsPerRun = 200
const retryIntervalMs = 500

interface Demo {
  address: string
  pointIntervalMs: number
  /** Ends the demo; the run at hand is then finished as failed, as an interrupted training would be. */
  signal: AbortSignal
}

export async function demoRuns({ address, pointIntervalMs, signal }: Demo): Promise<void> {
  const project = `${address}/api/v1/projects/demo`
  for (let round = 0; !signal.aborted; round++) {
    const training = makeTraining(round % 5 === 4)
    const created = await send(`${project}/runs`, { config: training.config, tags: ['demo'] }, signal)
    if (!created) return
    const run = `${project}/runs/${created.name}`
    let step = 0
    for (; step < stepsPerRun && !signal.aborted; step++) {
      const metrics = training.at(step)
      await send(`${run}/metrics`, { step, metrics }, signal)
      if (metrics['train/loss'] === 'NaN') break
      await sleep(pointIntervalMs, undefined, { signal }).catch(() => {})
    }
    await send(`${run}/finish`, { exit_code: step === stepsPerRun ? 0 : 1 }, AbortSignal.timeout(2_000))
  }
}

/** Posts until the tracker answers: under `node --watch` it is away for a moment after each change to the source. */
async function send(url: string, body: object, signal: AbortSignal): Promise<Record<string, unknown> | undefined> {
  while (!signal.aborted) {
    const answer = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      signal,
    }).catch(() => undefined)
    if (answer?.ok) return (await answer.json()) as Record<string, unknown>
    if (answer) console.error(`demo: ${answer.status} ${await answer.text()}`)
    await sleep(retryIntervalMs, undefined, { signal }).catch(() => {})
  }
  return undefined
}

function makeTraining(diverges: boolean) {
  const learningRate = diverges ? 0.3 : 10 ** (-3.5 + 2 * Math.random())
  // The best loss lies near a rate of 3e-3 and training is slower below it: the runs are then worth comparing.
  const floor = 0.12 + 0.15 * Math.abs(Math.log10(learningRate) + 2.5)
  const pace = 15 + 25 * Math.max(0, -2.5 - Math.log10(learningRate))
  return {
    config: { learning_rate: Number(learningRate.toPrecision(3)), batch_size: 32 * 2 ** Math.floor(3 * Math.random()) },
    at(step: number): Record<string, number | string> {
      if (diverges && step > 60) return { 'train/loss': 'NaN', 'val/accuracy': 0.1 }
      const fall = Math.exp(-step / pace)
      const blowUp = diverges ? Math.exp((step - 45) / 6) : 0
      const loss = floor + (2.3 - floor) * fall + blowUp + 0.04 * noise() * (0.3 + fall)
      const accuracy = 0.1 + (0.88 - floor / 2) * (1 - fall) * (blowUp > 1 ? 1 / blowUp : 1) + 0.01 * noise()
      return { 'train/loss': Math.max(0, loss), 'val/accuracy': Math.min(1, Math.max(0, accuracy)) }
    },
  }
}

/** Near enough to a normal distribution for a curve to look real. */
function noise(): number {
  return Math.random() + Math.random() + Math.random() + Math.random() - 2
}
