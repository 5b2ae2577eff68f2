import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Problem, problem } from '@aspara/protocol/errors.ts'
import { limits } from '@aspara/protocol/limits.ts'
import { CommitQueue } from './commit-queue.ts'
import type { Outcome } from './messages.ts'

type Answer = { outcomes: Outcome[]; commitMs: number }

interface Sent {
  deeds: string[]
  answer(outcomes?: Outcome[]): void
  fail(error: Error): void
}

/** A queue of which the groups are committed by hand: `next()` resolves to the group that was sent. */
function queueByHand() {
  const committed: { deeds: number; bytes: number; commitMs: number }[] = []
  const arrived: Sent[] = []
  let wake: (() => void) | undefined
  const send = (deeds: string[]): Promise<Answer> => {
    const { promise, resolve, reject } = Promise.withResolvers<Answer>()
    const worked = () => deeds.map((deed): Outcome => ({ value: `did ${deed}` }))
    arrived.push({ deeds, answer: (outcomes = worked()) => resolve({ outcomes, commitMs: 7 }), fail: reject })
    wake?.()
    return promise
  }
  const next = async (): Promise<Sent> => {
    while (arrived.length === 0) await new Promise<void>((resolve) => (wake = resolve))
    return arrived.shift() as Sent
  }
  const queue = new CommitQueue<string>(send, { committed: (group) => committed.push(group) })
  return { queue, next, committed, arrived }
}

const code = (error: unknown) => (error instanceof Problem ? error.code : String(error))

// What is never committed would be waited for without end.
describe('the commit queue', { timeout: 10_000 }, () => {
  test('takes what arrives in one turn of the event loop as one group, and answers each with its own outcome', async () => {
    const { queue, next, committed } = queueByHand()
    const answers = Promise.all(['a', 'b', 'c'].map((deed) => queue.submit(deed, 10)))
    const group = await next()
    assert.deepEqual(group.deeds, ['a', 'b', 'c'])
    group.answer()
    assert.deepEqual(await answers, ['did a', 'did b', 'did c'])
    assert.deepEqual(committed, [{ deeds: 3, bytes: 30, commitMs: 7 }])
  })

  test('gathers the next group while one is under way, and sends one at a time', async () => {
    const { queue, next, arrived } = queueByHand()
    const first = queue.submit('a', 1)
    const sent = await next()
    const second = queue.submit('b', 1)
    await new Promise(setImmediate)
    const third = queue.submit('c', 1)
    await new Promise(setImmediate)
    assert.deepEqual(arrived, [], 'nothing is sent while the first is under way')
    sent.answer()
    assert.equal(await first, 'did a')
    const gathered = await next()
    assert.deepEqual(gathered.deeds, ['b', 'c'])
    gathered.answer()
    assert.deepEqual(await Promise.all([second, third]), ['did b', 'did c'])
  })

  test('answers nobody before the group is committed', async () => {
    const { queue, next } = queueByHand()
    let isAnswered = false
    const answer = queue.submit('a', 1).then(() => {
      isAnswered = true
    })
    const group = await next()
    await new Promise(setImmediate)
    assert.equal(isAnswered, false)
    group.answer()
    await answer
  })

  test('a deed that was refused is told why, and its neighbours go on', async () => {
    const { queue, next } = queueByHand()
    const answers = Promise.allSettled(['a', 'b', 'c'].map((deed) => queue.submit(deed, 1)))
    const group = await next()
    group.answer([null, { problem: problem('runNotFound').toMessage(), cause: 'of old' }, { value: 3 }])
    const [a, b, c] = await answers
    assert.deepEqual(
      [a, c],
      [
        { status: 'fulfilled', value: undefined },
        { status: 'fulfilled', value: 3 },
      ],
    )
    assert.equal(b.status, 'rejected')
    assert.equal(code(b.reason), 'runNotFound')
    assert.equal(b.reason.cause, 'of old')
  })

  test('a group that could not be sent fails alone', async () => {
    const { queue, next, committed } = queueByHand()
    const failing = Promise.allSettled([queue.submit('a', 1), queue.submit('b', 1)])
    const group = await next()
    const following = queue.submit('c', 1)
    group.fail(new Error('the thread is gone'))
    for (const answer of await failing) {
      assert.equal(answer.status === 'rejected' && answer.reason.message, 'the thread is gone')
    }
    ;(await next()).answer()
    assert.equal(await following, 'did c')
    assert.deepEqual(committed.length, 1)
    assert.equal(queue.queuedBytes, 0)
  })

  test('a send that throws at once fails its group too', async () => {
    const queue = new CommitQueue<string>(
      () => {
        throw new Error('not cloneable')
      },
      { committed: () => assert.fail('nothing was committed') },
    )
    await assert.rejects(queue.submit('a', 1), /not cloneable/)
    await queue.drained()
  })

  test('a group has no more deeds than the limit', async () => {
    const { queue, next } = queueByHand()
    const count = limits.commitDeedsMax + 3
    const answers = Promise.all(Array.from({ length: count }, (_, index) => queue.submit(`${index}`, 1)))
    const first = await next()
    assert.equal(first.deeds.length, limits.commitDeedsMax)
    first.answer()
    const second = await next()
    assert.equal(second.deeds.length, 3)
    second.answer()
    assert.equal((await answers).length, count)
  })

  test('a group has no more bytes than the limit, but at least one deed', async () => {
    const { queue, next } = queueByHand()
    const sizes = [limits.commitBytesMax / 2, limits.commitBytesMax / 2, 1, limits.commitBytesMax * 2, 1]
    const answers = Promise.all(sizes.map((bytes, index) => queue.submit(`${index}`, bytes)))
    const groups: string[][] = []
    for (let group = 0; group < 4; group++) {
      const sent = await next()
      groups.push(sent.deeds)
      sent.answer()
    }
    await answers
    assert.deepEqual(groups, [['0', '1'], ['2'], ['3'], ['4']])
  })

  test('past what may be queued it refuses at once, and takes again what there is room for', async () => {
    const { queue, next } = queueByHand()
    const full = queue.submit('a', limits.queuedBytesMax - 1)
    const group = await next()
    const last = queue.submit('b', 1)
    assert.equal(queue.queuedBytes, limits.queuedBytesMax)
    await assert.rejects(queue.submit('c', 1), (error) => code(error) === 'tooBusy')
    assert.equal(queue.queuedBytes, limits.queuedBytesMax, 'what is refused takes no room')
    group.answer()
    await full
    const after = queue.submit('d', limits.queuedBytesMax - 1)
    ;(await next()).answer()
    await last
    ;(await next()).answer()
    await after
    assert.equal(queue.queuedBytes, 0)
  })

  test('is drained when nothing waits any more, failed or not', async () => {
    const { queue, next } = queueByHand()
    await queue.drained()
    const answers = Promise.allSettled([queue.submit('a', 1)])
    let isDrained = false
    const drained = queue.drained().then(() => {
      isDrained = true
    })
    const first = await next()
    const later = queue.submit('b', 1)
    first.fail(new Error('lost'))
    await answers
    await new Promise(setImmediate)
    assert.equal(isDrained, false, 'the later one still waits')
    ;(await next()).answer()
    await later
    await drained
    await queue.drained()
  })

  test('goes to work again after it was drained', async () => {
    const { queue, next } = queueByHand()
    for (const deed of ['a', 'b']) {
      const answer = queue.submit(deed, 1)
      ;(await next()).answer()
      assert.equal(await answer, `did ${deed}`)
      await queue.drained()
    }
  })
})
