import { apiBase, authorization, path } from '../api/ask.ts'
import { type Listener, StreamHub, type StreamMessage } from './stream-hub.ts'
import type { TabMessage } from './stream-worker.ts'

/**
 * Listens to a project until the answered function is called: through the worker that all tabs share, or by a stream of
 * its own where the browser has no such workers. `tell` gets every message; `cursor` says from where on.
 */
export function openStream(project: string, cursor: string | null, tell: (message: StreamMessage) => void): () => void {
  const address = apiBase + path('projects', project, 'stream')
  const headers = authorization()
  if (typeof SharedWorker === 'undefined') {
    const hub = new StreamHub(address, headers)
    const listener: Listener = { cursor, tell }
    hub.add(listener)
    return () => hub.remove(listener)
  }
  const { port } = new SharedWorker(new URL('./stream-worker.ts', import.meta.url), {
    type: 'module',
    name: 'aspara-stream',
  })
  // No UUID: those are there on https and localhost alone.
  const lock = `aspara:${Date.now()}-${Math.random()}`
  const send = (message: TabMessage) => port.postMessage(message)
  port.onmessage = ({ data }: MessageEvent<StreamMessage>) => tell(data)
  let hasLeft = false
  const letGo = holdLock(lock, () => {
    if (hasLeft) return
    send({ kind: 'listen', address: new URL(address, location.href).href, headers, cursor, lock })
  })
  return () => {
    hasLeft = true
    send({ kind: 'leave' })
    port.close()
    letGo()
  }
}

/**
 * Holds a lock for as long as this tab lives, and calls back once it is held: the worker takes the lock's coming free for
 * the end of the tab, so it must not hear of it before. Web Locks are there on https and localhost alone; elsewhere a tab
 * says goodbye by itself or not at all.
 */
function holdLock(name: string, onHeld: () => void): () => void {
  if (!('locks' in navigator)) {
    onHeld()
    return () => {}
  }
  const { promise, resolve } = Promise.withResolvers<void>()
  void navigator.locks.request(name, () => {
    onHeld()
    return promise
  })
  return resolve
}
