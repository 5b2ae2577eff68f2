// A program that logs, for tests that kill it: its settings are one JSON argument. It prints how many calls of `log` have
// returned, one line each, before it makes the next.

import { writeSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { type InitOptions, init } from 'aspara'

export interface LoggerSettings {
  init: InitOptions
  rows: number
  /** The loop lets others run after so many calls; 0: never. */
  yieldEvery?: number
  end?: 'finish' | 'nothing' | 'exit' | 'exit0' | 'throw' | 'wait' | 'reject'
}

const { init: options, rows, yieldEvery = 0, end = 'finish' }: LoggerSettings = JSON.parse(process.argv[2])
const run = await init(options)
for (let step = 0; step < rows; step++) {
  run.log({ loss: 1 / (step + 1), accuracy: step / rows })
  writeSync(1, `${step + 1}\n`)
  if (yieldEvery > 0 && step % yieldEvery === 0) await sleep(1)
}
if (end === 'finish') await run.finish()
if (end === 'exit') process.exit(3)
if (end === 'exit0') process.exit(0)
if (end === 'throw') throw new Error('the training broke')
if (end === 'reject') void Promise.reject(new Error('the training broke'))
if (end === 'wait') await sleep(60_000)
