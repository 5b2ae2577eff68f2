import assert from 'node:assert/strict'
import { randomInt, randomUUID } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { Agent, request } from 'node:http'
import { connect } from 'node:net'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { startTracker, type TrackerProcess, temporaryFolder } from '@aspara/tracker/testing/tracker-process.ts'
import { exportPoints, getJson, post, send } from './read-back.ts'
import { troubles } from './tracker-log.ts'

/**
 * A tracker that is killed again and again while many write to it. What it acknowledged is there afterwards, once; what
 * it did not acknowledge may be there or not, but never twice.
 *
 * SEED=… kills at the same moments again, as far as a machine repeats itself.
 */

const seed = Number(process.env.SEED ?? randomInt(2 ** 31))
const rounds = 20
/** Everything is read back after so many kills: what one of them lost is missing later too. */
const roundsPerLook = 5
const recordSenders = 24
const batchWriters = 4
const rowsPerBatch = 50

/** A stream of numbers from 0 to 1 that depends on nothing but its seed (mulberry32). */
function randomOf(state: number): () => number {
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** One sender's connection, and what it made of it. */
class Sender {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 })

  /** The answer's status and body; undefined when none came. */
  post(url: string, body: unknown): Promise<{ status: number; body: Record<string, unknown> } | undefined> {
    const { promise, resolve } = Promise.withResolvers<{ status: number; body: Record<string, unknown> } | undefined>()
    const text = JSON.stringify(body)
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }
    const sent = request(url, { method: 'POST', agent: this.#agent, headers }, (response) => {
      let answer = ''
      response.setEncoding('utf8').on('data', (piece: string) => {
        answer += piece
      })
      response.on('end', () => resolve({ status: response.statusCode!, body: JSON.parse(answer) }))
      response.on('error', () => resolve(undefined))
    })
    sent.on('error', () => resolve(undefined))
    sent.end(text)
    return promise
  }

  close(): void {
    this.#agent.destroy()
  }
}

/** A writer of batches as a client has it: it sends each until it is answered, across restarts. */
class BatchWriter {
  readonly run: string
  readonly writer = randomUUID()
  /** Batches that were acknowledged: 0 up to here. */
  acknowledged = 0
  readonly #random: () => number

  constructor(run: string, random: () => number) {
    this.run = run
    this.#random = random
  }

  /** The rows of a batch, the same whenever they are asked for. */
  batch(sequence: number) {
    const steps = Array.from({ length: rowsPerBatch }, (_, row) => sequence * rowsPerBatch + row)
    const metrics = {
      loss: steps.map((step) => step / 7),
      mirror: steps.map((step) => (step % 3 === 0 ? null : -step)),
    }
    return { writer: this.writer, sequence, steps, metrics }
  }

  async work(url: string, sender: Sender, isOver: () => boolean): Promise<void> {
    while (!isOver()) {
      const answer = await sender.post(url, this.batch(this.acknowledged))
      if (!answer) return
      assert.equal(answer.status, 200, JSON.stringify(answer.body))
      assert.equal(answer.body.next_sequence, this.acknowledged + 1)
      this.acknowledged++
      await this.#misbehave(url, sender)
    }
  }

  /** What a bad line or a confused client does to it now and then. */
  async #misbehave(url: string, sender: Sender): Promise<void> {
    const dice = this.#random()
    if (dice < 0.1) {
      // An old one again.
      const sequence = Math.floor(this.#random() * this.acknowledged)
      const answer = await sender.post(url, this.batch(sequence))
      const expected = { status: 'ok', next_sequence: sequence + 1, duplicate: true }
      if (answer) assert.deepEqual(answer, { status: 200, body: expected })
    } else if (dice < 0.2) {
      // One too early.
      const answer = await sender.post(url, this.batch(this.acknowledged + 1 + Math.floor(this.#random() * 3)))
      if (answer) assert.deepEqual([answer.status, answer.body.expected_sequence], [409, this.acknowledged])
    } else if (dice < 0.25) {
      // One whose columns differ in length, under the number that is next.
      const { metrics, ...rest } = this.batch(this.acknowledged)
      const answer = await sender.post(url, { ...rest, metrics: { ...metrics, loss: metrics.loss.slice(1) } })
      if (answer) assert.equal(answer.status, 422)
    } else if (dice < 0.35) {
      await sendTorn(url, this.batch(this.acknowledged), this.#random)
    }
  }
}

/** Announces a whole batch, sends a part of it, and is gone. */
async function sendTorn(url: string, batch: unknown, random: () => number): Promise<void> {
  const { port, pathname } = new URL(url)
  const body = JSON.stringify(batch)
  const socket = connect({ port: Number(port), host: '127.0.0.1' })
  socket.on('error', () => {})
  const closed = new Promise((resolve) => socket.once('close', resolve))
  const head = `POST ${pathname} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`
  socket.write(head + body.slice(0, Math.floor(random() * body.length)), () => socket.resetAndDestroy())
  await closed
}

test(`${rounds} kills under load lose nothing that was acknowledged, and store nothing twice`, async (t) => {
  t.diagnostic(`seed ${seed}`)
  const random = randomOf(seed)
  const dataDir = await temporaryFolder()
  let tracker: TrackerProcess = await startTracker({ dataDir })
  t.after(async () => {
    await tracker.kill()
    await rm(dataDir, { recursive: true, force: true })
  })

  // Each record has a step of its own, counted over all rounds, and goes to one of a few runs.
  const recordRuns = ['records-0', 'records-1', 'records-2']
  const acknowledged = recordRuns.map(() => new Set<number>())
  const sent = recordRuns.map(() => new Set<number>())
  let nextStep = 0
  // Two of the writers share a run, as the processes of one training do.
  const writers = Array.from(
    { length: batchWriters },
    (_, index) => new BatchWriter(`batches-${Math.floor(index / 2)}`, randomOf(seed + index + 1)),
  )
  const valueAt = (step: number) => Math.sin(step)

  for (let round = 0; round < rounds; round++) {
    const runs = `${tracker.api}/projects/killed/runs`
    let isOver = false
    const logRecords = async (sender: Sender) => {
      while (!isOver) {
        const step = nextStep++
        const run = step % recordRuns.length
        sent[run]!.add(step)
        const answer = await sender.post(`${runs}/${recordRuns[run]}/metrics`, {
          step,
          metrics: { value: valueAt(step) },
        })
        if (!answer) return
        assert.equal(answer.status, 200, JSON.stringify(answer.body))
        acknowledged[run]!.add(step)
      }
    }
    const senders = Array.from({ length: recordSenders + batchWriters }, () => new Sender())
    const work = senders.map((sender, index) => {
      const writer = writers[index - recordSenders]
      return writer ? writer.work(`${runs}/${writer.run}/metrics/batch`, sender, () => isOver) : logRecords(sender)
    })
    const working = Promise.all(work)
    working.catch(() => {}) // It is looked at after the kill.
    // The moment is the one thing here that is left to the clock.
    await delay(20 + random() * 400)
    await tracker.kill()
    isOver = true
    await working
    for (const sender of senders) sender.close()

    tracker = await startTracker({ dataDir })
    assert.deepEqual(troubles(tracker), [])
    if ((round + 1) % roundsPerLook === 0) await assertKept(tracker, `after kill ${round + 1}`)
  }
  await resendEverything(tracker)
  await assertKept(tracker, 'after everything was sent again')
  const records = acknowledged.reduce((sum, steps) => sum + steps.size, 0)
  const batches = writers.reduce((sum, writer) => sum + writer.acknowledged, 0)
  t.diagnostic(`${records} records and ${batches} batches acknowledged`)
  assert.ok(records > rounds * 10 && batches > rounds)
  assert.equal(await tracker.stop(), 0)

  /** Every acknowledged record once, every batch that was acknowledged once and the one in flight once or not at all. */
  async function assertKept({ api }: TrackerProcess, when: string): Promise<void> {
    for (const [index, run] of recordRuns.entries()) {
      const seen = new Set<number>()
      for (const { step, value } of await exportPoints(api, 'killed', run)) {
        assert.ok(sent[index]!.has(step), `${when} ${run} has step ${step}, which nobody sent`)
        assert.ok(!seen.has(step), `${when} step ${step} of ${run} is there twice`)
        assert.equal(value, valueAt(step))
        seen.add(step)
      }
      for (const step of acknowledged[index]!) {
        assert.ok(seen.has(step), `${when} step ${step} of ${run} is lost, and it was acknowledged`)
      }
    }
    for (const run of new Set(writers.map((writer) => writer.run))) {
      const counts = new Map<number, number>()
      for (const { metric, step, value } of await exportPoints(api, 'killed', run)) {
        if (metric === 'loss') {
          assert.equal(value, step / 7)
          counts.set(step, (counts.get(step) ?? 0) + 1)
        } else {
          assert.deepEqual([metric, value, step % 3 === 0], ['mirror', -step, false])
        }
      }
      const sharers = writers.filter((writer) => writer.run === run)
      const expected = (sequence: number) => sharers.filter((writer) => writer.acknowledged > sequence).length
      const inFlight = (sequence: number) => sharers.filter((writer) => writer.acknowledged === sequence).length
      const batchesMax = Math.max(...sharers.map((writer) => writer.acknowledged)) + 1
      for (let sequence = 0; sequence < batchesMax; sequence++) {
        // All rows of a batch are there, or none.
        const rows = new Set(
          Array.from({ length: rowsPerBatch }, (_, row) => counts.get(sequence * rowsPerBatch + row) ?? 0),
        )
        assert.equal(rows.size, 1, `${when} batch ${sequence} of ${run} is there in parts`)
        const [count] = rows
        const [least, most] = [expected(sequence), expected(sequence) + inFlight(sequence)]
        assert.ok(
          count! >= least && count! <= most,
          `${when} batch ${sequence} of ${run} is there ${count} times, not ${least}`,
        )
      }
      assert.ok([...counts.keys()].every((step) => step < batchesMax * rowsPerBatch))
    }
  }

  /** All that was ever acknowledged, as a client does that has lost its notes: nothing of it may count a second time. */
  async function resendEverything({ api }: TrackerProcess): Promise<void> {
    for (const writer of writers) {
      const url = `${api}/projects/killed/runs/${writer.run}/metrics/batch`
      for (let sequence = 0; sequence < writer.acknowledged; sequence++) {
        const answer = await post(url, writer.batch(sequence))
        assert.deepEqual(answer, { status: 'ok', next_sequence: sequence + 1, duplicate: true })
      }
    }
  }
})

test('what a writer has sent is known across a kill: replays, gaps, unequal and torn batches', async (t) => {
  const dataDir = await temporaryFolder()
  let tracker = await startTracker({ dataDir })
  t.after(async () => {
    await tracker.kill()
    await rm(dataDir, { recursive: true, force: true })
  })
  const writer = randomUUID()
  const batch = (sequence: number) => ({ writer, sequence, steps: [sequence], metrics: { loss: [sequence] } })
  const url = () => `${tracker.api}/projects/p/runs/r/metrics/batch`
  const points = async () => (await exportPoints(tracker.api, 'p', 'r')).map(({ step, value }) => [step, value])

  assert.deepEqual(await post(url(), batch(0)), { status: 'ok', next_sequence: 1 })
  assert.deepEqual(await post(url(), batch(1)), { status: 'ok', next_sequence: 2 })
  await sendTorn(url(), batch(2), () => 0.5)
  await tracker.kill()
  tracker = await startTracker({ dataDir })

  for (const sequence of [1, 0, 1]) {
    const expected = { status: 'ok', next_sequence: sequence + 1, duplicate: true }
    assert.deepEqual(await post(url(), batch(sequence)), expected)
  }
  const gap = await send('POST', url(), batch(3))
  assert.deepEqual([gap.status, gap.body.expected_sequence], [409, 2])
  const unequal = await send('POST', url(), { ...batch(2), steps: [2, 3] })
  assert.equal(unequal.status, 422)
  await sendTorn(url(), batch(2), () => 0.9)
  assert.deepEqual(await points(), [
    [0, 0],
    [1, 1],
  ])
  // None of these took the place of the real one.
  assert.deepEqual(await post(url(), batch(2)), { status: 'ok', next_sequence: 3 })
  await tracker.kill()
  tracker = await startTracker({ dataDir })
  assert.equal((await post(url(), batch(2))).duplicate, true)
  assert.deepEqual(await points(), [
    [0, 0],
    [1, 1],
    [2, 2],
  ])
})

test('what else was acknowledged before a kill is there after it: runs, config, tags, deletions, artifacts', async (t) => {
  const dataDir = await temporaryFolder()
  let tracker = await startTracker({ dataDir })
  t.after(async () => {
    await tracker.kill()
    await rm(dataDir, { recursive: true, force: true })
  })
  const runs = () => `${tracker.api}/projects/p/runs`
  const upload = async (run: string, name: string, text: string) => {
    const form = new FormData()
    form.append('file', new Blob([text]), name)
    assert.equal((await fetch(`${runs()}/${run}/artifacts`, { method: 'POST', body: form })).status, 200)
  }
  /** Deeds of which the last is acknowledged right before the kill, and what has to be true afterwards. */
  const lives: [() => Promise<unknown>, () => Promise<unknown>][] = [
    [
      async () => {
        await post(runs(), { name: 'a', config: { lr: 0.1 }, tags: ['t'] })
        await upload('a', 'kept.txt', 'kept')
        await post(`${runs()}/a/config`, { config: { more: true } })
        await post(`${runs()}/a/finish`, { exit_code: 1 })
      },
      async () => {
        const { config, status } = await getJson(`${runs()}/a`)
        assert.deepEqual([config, status], [{ lr: 0.1, more: true }, 'failed'])
        assert.equal(await (await fetch(`${runs()}/a/artifacts/kept.txt`)).text(), 'kept')
      },
    ],
    [
      () => upload('a', 'kept.txt', 'replaced'),
      async () => assert.equal(await (await fetch(`${runs()}/a/artifacts/kept.txt`)).text(), 'replaced'),
    ],
    [() => send('DELETE', `${runs()}/a`), async () => assert.equal((await send('GET', `${runs()}/a`)).status, 404)],
  ]
  for (const [live, isTrue] of lives) {
    await live()
    await tracker.kill()
    tracker = await startTracker({ dataDir })
    await isTrue()
  }
})
