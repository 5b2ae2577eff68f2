import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { sql } from 'kysely'
import { SqliteEngine } from '../engines/sqlite.ts'
import { encodeEntry } from '../journal/entry.ts'
import { eventually, exportText } from '../testing/ask-store.ts'
import { openEmbedded } from '../testing/embedded-store.ts'
import { firstRelease } from '../testing/first-release.ts'
import { batch, writerOf } from '../testing/plain-appends.ts'
import { readLiveRuns } from './live-runs.ts'

const golden = new URL('../testing/golden/journal-entry-v1.bin', import.meta.url)
const entryCount = 300
const rowsPerEntry = 50

/** Nothing but journal, of one run with the golden entry in its midst. */
const journalOnly = () =>
  firstRelease(async (db) => {
    await sql`insert into heads values (1, ${entryCount + 1}, ${Number.MAX_SAFE_INTEGER}, 0)`.execute(db)
    await sql`insert into writers values (1, ${writerOf('a')}, ${entryCount})`.execute(db)
    for (let position = 0; position <= entryCount; position++) {
      const isGolden = position === entryCount / 2
      const first = (position > entryCount / 2 ? position - 1 : position) * rowsPerEntry
      const steps = Float64Array.from({ length: rowsPerEntry }, (_, row) => first + row)
      const columns = [{ metric: 'x', values: steps.map((step) => step / 2), rows: undefined }]
      const body = isGolden ? await readFile(golden) : encodeEntry({ steps, timestamps: steps, columns })
      const lowest = isGolden ? -Number.MAX_SAFE_INTEGER : first
      await sql`insert into journal values (1, ${position}, ${lowest}, ${body})`.execute(db)
    }
  })

/** What an export of it must be: `x` first, for it came first. */
function expectedExport(): string {
  const name = 'Validierung/精度 🙂, \\"top 5\\"'
  const x = (step: number) => `{"metric":"x","step":${step},"timestamp":${step},"value":${step / 2}}`
  const lines = Array.from({ length: entryCount * rowsPerEntry }, (_, step) => x(step))
  lines.splice(8, 0, '{"metric":"x","step":7,"timestamp":1772368245124,"value":0.1}')
  lines.splice(9, 0, '{"metric":"loss","step":7,"timestamp":1772368245124,"value":-0}')
  lines.splice(10, 0, `{"metric":"${name}","step":7,"timestamp":1772368245124,"value":-1e-320}`)
  lines.splice(1, 0, '{"metric":"loss","step":0,"timestamp":0,"value":"NaN"}')
  lines.splice(2, 0, `{"metric":"${name}","step":0,"timestamp":0,"value":5e-324}`)
  lines.unshift('{"metric":"loss","step":-1,"timestamp":1772368245123.456,"value":0.5}')
  lines.unshift(
    '{"metric":"loss","step":-9007199254740991,"timestamp":8640000000000000,"value":"-Infinity"}',
    `{"metric":"${name}","step":-9007199254740991,"timestamp":8640000000000000,"value":1.7976931348623157e+308}`,
  )
  lines.push('{"metric":"loss","step":9007199254740991,"timestamp":-0.25,"value":"Infinity"}')
  return `${lines.join('\n')}\n`
}

test('a journal of the first release is there as it was, is compacted, and goes on', { timeout: 60_000 }, async () => {
  const folder = await journalOnly()
  const address = { project: 'p', run: 'r' }
  const store = await openEmbedded(folder)
  const reader = await new SqliteEngine(folder).openReader()
  try {
    // The compactor begins at once; whatever it has come to, the points are all there.
    const expected = expectedExport()
    assert.equal(await exportText(store, address), expected)
    const chart = { project: 'p', runs: ['r'], metrics: ['x'], x: 'step' as const, from: 0, to: 14_999, points: 100 }
    const ask = async (known: string[]) => store.series.read({ ...chart, format: 'json', known })
    const { etag, body } = await ask([])
    const [line] = JSON.parse(String(Buffer.from(body as Uint8Array))).series
    assert.equal(line.count, entryCount * rowsPerEntry + 1)
    await eventually('all is compacted', async () => (await readLiveRuns(reader)).length === 0)
    assert.equal(await exportText(store, address), expected)
    assert.deepEqual(await ask([etag]), { etag }, 'what somebody has of it is still true')

    const sent = (sequence: number) =>
      batch({ sequence, steps: [20_000], timestamps: [1], metrics: { x: [0.25], loss: [2] } })
    assert.deepEqual(await store.journal.appendBatch(sent(entryCount - 1)), {
      next_sequence: entryCount,
      duplicate: true,
    })
    await store.journal.appendBatch(sent(entryCount))
    const more = ['x","step":20000,"timestamp":1,"value":0.25}', 'loss","step":20000,"timestamp":1,"value":2}']
    const text = await exportText(store, address)
    assert.ok(text.includes(more.map((line) => `{"metric":"${line}\n`).join('')))
    assert.equal(text.length, expected.length + more.join('').length + 2 * '{"metric":"\n'.length)
    assert.ok((await readdir(folder)).some((name) => name.endsWith('before-002-series')))
  } finally {
    await reader.destroy()
    await store.close()
  }
})
