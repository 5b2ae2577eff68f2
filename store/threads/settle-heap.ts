import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

let collect: ((options: object) => void) | undefined

function collector(): (options: object) => void {
  if (!collect) {
    setFlagsFromString('--expose-gc')
    collect = runInNewContext('gc') as (options: object) => void
  }
  return collect
}

/**
 * Gives back what starting up left in this thread's heap, some 20 ms of work. By itself V8 keeps a young generation as
 * large as loading the modules made it, for as long as nothing happens; under load it grows again.
 */
export function settleHeap(): void {
  collector()({ type: 'major', execution: 'sync', flavor: 'last-resort' })
}

/**
 * Gives back buffers that have just served their turn, a millisecond of work. By itself V8 lets each thread gather some 64 MB
 * of them before it looks, and there are five threads.
 */
export function releaseBuffers(): void {
  collector()({ type: 'minor', execution: 'sync' })
}
