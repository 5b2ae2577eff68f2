import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/**
 * Gives back what starting up left in this thread's heap, some 20 ms of work. By itself V8 keeps a young generation as
 * large as loading the modules made it, for as long as nothing happens; under load it grows again.
 */
export function settleHeap(): void {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as (options: object) => void
  collect({ type: 'major', execution: 'sync', flavor: 'last-resort' })
}
