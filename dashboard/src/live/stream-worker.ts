import { type Listener, StreamHub, type StreamMessage } from './stream-hub.ts'

/** What a tab says to the worker that all tabs of this tracker share. */
export type TabMessage =
  | { kind: 'listen'; address: string; headers: Record<string, string>; cursor: string | null; lock: string }
  | { kind: 'leave' }

const hubs = new Map<string, StreamHub>()

;(self as unknown as { onconnect: (event: MessageEvent) => void }).onconnect = ({ ports: [port] }) => {
  let leave = () => {}
  port!.onmessage = ({ data }: MessageEvent<TabMessage>) => {
    leave()
    leave = () => {}
    if (data.kind === 'leave') return
    const { address, headers, cursor, lock } = data
    const key = JSON.stringify([address, headers])
    const hub = hubs.get(key) ?? new StreamHub(address, headers)
    hubs.set(key, hub)
    const listener: Listener = { cursor, tell: (message: StreamMessage) => port!.postMessage(message) }
    hub.add(listener)
    leave = () => {
      hub.remove(listener)
      if (hub.isIdle) hubs.delete(key)
    }
    const leaveThis = leave
    // The tab holds the lock as long as it lives: one that crashed says no goodbye.
    void navigator.locks?.request(lock, () => leaveThis())
  }
}
