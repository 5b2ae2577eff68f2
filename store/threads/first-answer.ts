import { on } from 'node:events'
import type { Worker } from 'node:worker_threads'

/** What a thread says first of itself: that it is ready, or why it will never be. */
type FirstAnswer = { ready: true } | { unavailable: string }

/**
 * Waits until a thread has said that it is ready. Other messages may come before: under `node --watch` Node reports through
 * the same channel which files the thread has loaded.
 * @throws the error that ended the thread
 */
export async function firstAnswer(worker: Worker): Promise<FirstAnswer> {
  for await (const [message] of on(worker, 'message')) {
    if ('ready' in message || 'unavailable' in message) return message
  }
  throw new Error('BUG: a thread sends no more messages and has not said that it is ready')
}
