import { expect, expectOptions, show } from './expect.ts'
import type { LogOptions } from './run-parts.ts'

/** @throws TypeError for what is no option */
export function checkLogOptions(options: LogOptions): void {
  if (typeof options !== 'object') {
    throw new TypeError(
      `the second argument of log must be an object of options, such as { step: 5 }, got ${show(options)}`,
    )
  }
  for (const name in options) {
    if (name !== 'step' && name !== 'timestamp' && name !== 'commit') {
      expectOptions('log', options, ['step', 'commit', 'timestamp'])
    }
  }
}

/** @throws TypeError for what is no step */
export function checkedStep(step: unknown): number {
  const whole = typeof step === 'bigint' ? Number(step) : step
  expect(Number.isSafeInteger(whole), 'step', 'a whole number from -(2^53-1) to 2^53-1', step)
  return whole as number
}

/** Never throws: the run is ending, whatever it is given. */
export function checkedExitCode(given: unknown, warn: (sentence: string) => void): number {
  const code = typeof given === 'string' && /^-?\d+$/.test(given) ? Number(given) : (given ?? 0)
  if (Number.isInteger(code)) return Math.min(Math.max(code as number, -(2 ** 31)), 2 ** 32 - 1)
  warn(`exitCode must be a whole number, got ${show(given)}: the run is recorded as failed, with exit code 1`)
  return 1
}
