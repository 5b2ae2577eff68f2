import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodePoints } from './encode-points.ts'
import type { PointPage } from './point-page.ts'

const page: PointPage = {
  run: 'r-1',
  metrics: ['loss', 'a,"b"'],
  metric: Uint32Array.of(0, 1, 0, 1, 0),
  steps: Float64Array.of(-3, -3, 0, 7, Number.MAX_SAFE_INTEGER),
  timestamps: Float64Array.of(0, 0, 1_700_000_000_000.001, 1_700_000_000_000.001, 1e15),
  values: Float64Array.of(0.1, -0, NaN, Infinity, -Infinity),
}

async function textOf(format: 'jsonl' | 'csv', withRun: boolean, pages: PointPage[]): Promise<string> {
  async function* given() {
    yield* pages
  }
  let text = ''
  for await (const piece of encodePoints(format, given(), { withRun })) text += Buffer.from(piece).toString()
  return text
}

test('a point is a line of JSON, in which what is no finite number is a word', async () => {
  assert.equal(
    await textOf('jsonl', false, [page]),
    `{"metric":"loss","step":-3,"timestamp":0,"value":0.1}
{"metric":"a,\\"b\\"","step":-3,"timestamp":0,"value":-0}
{"metric":"loss","step":0,"timestamp":1700000000000.001,"value":"NaN"}
{"metric":"a,\\"b\\"","step":7,"timestamp":1700000000000.001,"value":"Infinity"}
{"metric":"loss","step":9007199254740991,"timestamp":1000000000000000,"value":"-Infinity"}
`,
  )
})

test('a point is a line of comma-separated values under a header', async () => {
  assert.equal(
    await textOf('csv', false, [page]),
    `metric,step,timestamp,value
loss,-3,0,0.1
"a,""b""",-3,0,-0
loss,0,1700000000000.001,NaN
"a,""b""",7,1700000000000.001,Infinity
loss,9007199254740991,1000000000000000,-Infinity
`,
  )
})

test('points of several runs begin with their run', async () => {
  const pages = ['a', 'b'].map((run) => ({ ...page, run, values: page.values.subarray(0, 1) }))
  assert.equal(await textOf('csv', true, pages), 'run,metric,step,timestamp,value\na,loss,-3,0,0.1\nb,loss,-3,0,0.1\n')
  assert.equal(
    await textOf('jsonl', true, pages),
    `{"run":"a","metric":"loss","step":-3,"timestamp":0,"value":0.1}
{"run":"b","metric":"loss","step":-3,"timestamp":0,"value":0.1}
`,
  )
})

test('without points there is the header of csv, and nothing of jsonl', async () => {
  assert.equal(await textOf('csv', false, []), 'metric,step,timestamp,value\n')
  assert.equal(await textOf('csv', true, []), 'run,metric,step,timestamp,value\n')
  assert.equal(await textOf('jsonl', true, []), '')
})
