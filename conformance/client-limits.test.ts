// The client refuses, or divides, what the tracker would refuse, and nothing that it would take.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { limits } from '@aspara/protocol/limits.ts'
import { takeBatch } from 'aspara/batch.ts'
import type { Item } from 'aspara/keeper.ts'
import { isArtifactName, isName, metricNameFault } from 'aspara/names.ts'
import { describeRun, type InitOptions, modes } from 'aspara/options.ts'
import { partsOfRow } from 'aspara/row-parts.ts'
import { recordBytesMax } from 'aspara/spool-format.ts'

const text = (count: number) => 'x'.repeat(count)
const list = (count: number) => Array.from({ length: count }, () => 'x')

test('what init takes is as long as the tracker takes it', () => {
  const most: [InitOptions, InitOptions][] = [
    [{ id: text(limits.nameCharsMax) }, { id: text(limits.nameCharsMax + 1) }],
    [{ notes: text(limits.notesCharsMax) }, { notes: text(limits.notesCharsMax + 1) }],
    [{ tags: list(limits.tagsMax) }, { tags: list(limits.tagsMax + 1) }],
    [{ tags: [text(limits.tagCharsMax)] }, { tags: [text(limits.tagCharsMax + 1)] }],
    [{ projectTags: [text(limits.tagCharsMax)] }, { projectTags: [text(limits.tagCharsMax + 1)] }],
    [{ group: text(limits.groupCharsMax) }, { group: text(limits.groupCharsMax + 1) }],
    [{ jobType: text(limits.groupCharsMax) }, { jobType: text(limits.groupCharsMax + 1) }],
    [{ settings: { label: text(limits.labelCharsMax) } }, { settings: { label: text(limits.labelCharsMax + 1) } }],
  ]
  for (const [good, bad] of most) {
    describeRun(good, modes)
    assert.throws(() => describeRun(bad, modes), TypeError)
  }
  assert.equal(describeRun({ name: `ü${text(2_000)}` }, modes).display_name?.length, limits.displayNameCharsMax)
  assert.ok(isName(text(limits.nameCharsMax)) && !isName(text(limits.nameCharsMax + 1)))
  assert.ok(isArtifactName(text(limits.artifactNameCharsMax)) && !isArtifactName(text(limits.artifactNameCharsMax + 1)))
})

test('a config is as large and as deep as the tracker takes it', () => {
  let deep: object = { end: 1 }
  for (let depth = 0; depth < 200; depth++) deep = { inside: deep }
  const { config } = describeRun({ config: deep }, modes)
  let depth = 0
  for (let at: unknown = config; typeof at === 'object'; at = (at as { inside: unknown }).inside) depth++
  assert.ok(depth > 50 && depth <= limits.documentDepthMax, `${depth}`)
  describeRun({ config: { big: text(limits.documentBytesMax - 4_096) } }, modes)
  assert.throws(() => describeRun({ config: { big: text(limits.documentBytesMax) } }, modes), TypeError)
})

test('names of metrics, and how many of them go together, are those of the tracker', () => {
  assert.equal(metricNameFault(text(limits.metricKeyBytesMax)), undefined)
  assert.match(
    metricNameFault(text(limits.metricKeyBytesMax + 1)) ?? '',
    new RegExp(`${limits.metricKeyBytesMax} bytes`),
  )
  const keys = Array.from({ length: limits.metricsPerRecordMax + 1 }, (_, index) => `m${index}`)
  assert.deepEqual(
    partsOfRow(keys).map((part) => part.length),
    [limits.metricsPerRecordMax, 1],
  )
  const long = keys.map((key) => key.padEnd(limits.metricKeyBytesMax, 'x'))
  for (const part of partsOfRow(long)) assert.ok(JSON.stringify(part).length < recordBytesMax - 1_000)
})

test('a batch has no more columns and cells than the tracker takes', () => {
  const rows = Array.from({ length: 3_000 }, (_, row): Item => {
    const keys = Array.from({ length: row < 4 ? 4_000 : 500 }, (_, index) => `m${row < 4 ? row : 'x'}/${index}`)
    return { keys, step: row, time: 0, values: new Float64Array(keys.length), at: 0 }
  })
  let next = 0
  const source = { peek: () => rows[next], pass: () => void next++ }
  let taken = 0
  for (let batch = takeBatch(source, 20_000, 1e9); batch; batch = takeBatch(source, 20_000, 1e9)) {
    const columns = Object.keys(JSON.parse(`{${batch.text}}`).metrics).length
    assert.ok(columns <= limits.metricsPerRecordMax, `${columns} columns`)
    assert.ok(batch.rows * (columns + 2) <= limits.batchCellsMax, `${batch.rows} rows of ${columns}`)
    taken += batch.rows
  }
  assert.equal(taken, rows.length)
})
