// What somebody else has logged, or put into a link or a view, can do no more than look odd.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { crc32, deflateSync } from 'node:zlib'
import { send } from '../read-back.ts'
import { drawn } from './page-parts.ts'
import { logSweep } from './trained-runs.ts'
import { keepScreenshot, prepareStage } from './visit.ts'

const depth = 200_000
const deep = `${'['.repeat(depth)}${']'.repeat(depth)}`
/** A browser's own search would try it on a name of forty letters in 2^40 ways. */
const backtracking = '^(a+)+$|train/loss'
/** What can't be had in a time that rises with the length of a name is refused. */
const refused = '(a+)\\1'

/** U+202E turns all that follows it from right to left. */
const turnedName = 'abc\u202edef'

/** A picture of black pixels, which takes a gigabyte once a browser has unpacked it. */
function blackPng(side: number): Buffer {
  const chunk = (type: string, data: Buffer) => {
    const named = Buffer.concat([Buffer.from(type, 'latin1'), data])
    const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)]
    length.writeUInt32BE(data.length)
    sum.writeUInt32BE(crc32(named))
    return Buffer.concat([length, named, sum])
  }
  const head = Buffer.alloc(13)
  head.writeUInt32BE(side, 0)
  head.writeUInt32BE(side, 4)
  head[8] = 1
  const pixels = deflateSync(Buffer.alloc((side / 8 + 1) * side))
  const signature = Buffer.from('89504e470d0a1a0a', 'hex')
  return Buffer.concat([signature, chunk('IHDR', head), chunk('IDAT', pixels), chunk('IEND', Buffer.alloc(0))])
}

/** Each of its twelve words is ten of the one before it. */
const laughs = Array.from({ length: 12 }, (_, at) => {
  const [name, before] = [String.fromCharCode(98 + at), String.fromCharCode(97 + at)]
  return `<!ENTITY ${name} "${`&${before};`.repeat(10)}">`
})

const files: Record<string, Buffer | string> = {
  'columns.csv': `${Array.from({ length: 100_000 }, (_, at) => `c${at}`).join(',')}\n${'1,'.repeat(99_999)}1\n`,
  'line.csv': `a${'x'.repeat(9_000_000)}`,
  'quote.csv': `"${'x,'.repeat(3_000_000)}`,
  'lines.csv': '\n'.repeat(8_000_000),
  'line.txt': 'x'.repeat(9_000_000),
  'brackets.py': '('.repeat(2_000_000),
  'quotes.md': '>'.repeat(20_000),
  'large.png': blackPng(30_000),
  'laughs.svg': `<!DOCTYPE svg [<!ENTITY a "lol">${laughs.join('')}]><svg xmlns="http://www.w3.org/2000/svg"><text>&m;</text></svg>`,
  'groups.svg': `<svg xmlns="http://www.w3.org/2000/svg">${'<g>'.repeat(100_000)}`,
  'keys.json': `{${Array.from({ length: 300_000 }, (_, at) => `"k${at}":${at}`).join(',')}}`,
  'proto.json': '{"__proto__":{"x":1},"constructor":1,"toString":{"a":1}}',
  'broken.mp4': Buffer.alloc(100_000, 7),
  'broken.wav': 'RIFF',
  'broken.gif': 'GIF89a',
}

const notes: Record<string, string> = {
  quotes: '>'.repeat(30_000),
  lists: '- '.repeat(15_000),
  brackets: '['.repeat(30_000),
  stars: '**a_'.repeat(15_000),
  links: '[a](b) '.repeat(8_000),
  table: `|${'a|'.repeat(10_000)}\n|${'-|'.repeat(10_000)}\n`,
  addresses: 'http://'.repeat(8_000),
  tags: '<a '.repeat(20_000),
}

const stage = prepareStage(async (tracker) => {
  await logSweep(tracker, { project: 'p', runs: 2, steps: 30 })
  const form = new FormData()
  form.append('file', new Blob([deep]), 'deep.json')
  const run = `${tracker.api}/projects/p/runs/run-1`
  assert.equal((await fetch(`${run}/artifacts`, { method: 'POST', body: form })).status, 200)
  for (const [name, content] of Object.entries(files)) {
    const form = new FormData()
    form.append('file', new Blob([content as string]), name)
    assert.equal((await fetch(`${run}/artifacts`, { method: 'POST', body: form })).status, 200)
  }
  for (const [name, text] of Object.entries(notes)) {
    assert.equal((await send('POST', `${tracker.api}/projects/notes/runs`, { name, notes: text })).status, 200)
  }
  const turned = { name: 'turned', display_name: turnedName, tags: [turnedName], group: turnedName }
  assert.equal((await send('POST', `${tracker.api}/projects/turned/runs`, turned)).status, 200)
  const metrics = { metrics: { [turnedName]: 1 } }
  assert.equal((await send('POST', `${tracker.api}/projects/turned/runs/turned/metrics`, metrics)).status, 200)
  // A name that such a pattern would take years for.
  const name = `${'a'.repeat(40)}!`
  assert.equal((await send('POST', `${run}/metrics`, { metrics: { [name]: 1 } })).status, 200)
})

test('a JSON file that nests without end is shown as text', async (t) => {
  const page = await stage.visit(t, '/projects/p/runs/run-1?tab=artifacts&artifact=deep.json')
  await page.getByText('[[[[[[[[').first().waitFor()
  await keepScreenshot(page, 'hostile-deep-json-light-1440')
  await page.getByRole('tab', { name: 'Overview' }).click()
  await page.getByRole('tree', { name: 'Config' }).waitFor()
})

for (const place of ['a link', 'a saved view']) {
  test(`a search that could take for ever is answered or refused, and the page goes on: ${place}`, async (t) => {
    const { api } = stage.tracker
    const visit = async (metrics: string) => {
      if (place === 'a link') return stage.visit(t, `/projects/p?m=${encodeURIComponent(metrics)}`)
      assert.equal((await send('PUT', `${api}/projects/p/views/evil`, { view: { metrics } })).status, 200)
      return stage.visit(t, '/projects/p?view=evil')
    }
    await drawn(await visit(backtracking), 'train/loss')
    const page = await visit(refused)
    await page.getByText('Not searched for: back references are not supported').first().waitFor()
    await drawn(page, 'train/loss')
    await keepScreenshot(page, `hostile-search-${place.replaceAll(' ', '-')}-light-1440`)
  })
}

test('whatever a file holds, its preview can be left at once', async (t) => {
  for (const name of Object.keys(files)) {
    const page = await stage.visit(t, `/projects/p/runs/run-1?tab=artifacts&artifact=${name}`, { mayFail: /./ })
    await page
      .getByRole('link', { name: 'Download' })
      .or(page.getByRole('button', { name: 'Download' }))
      .first()
      .waitFor()
    await page.getByText('On its way').first().waitFor({ state: 'detached' })
    await page.getByRole('tab', { name: 'Overview' }).click()
    await page.getByRole('tree', { name: 'Config' }).waitFor()
    await page.context().close()
  }
})

test('whatever notes hold, they are shown, and nothing else is held up', async (t) => {
  for (const [name, text] of Object.entries(notes)) {
    const page = await stage.visit(t, `/projects/notes/runs/${name}?tab=overview`)
    await page
      .getByText('Shown as plain text')
      .or(page.getByText(text.slice(0, 6)).first())
      .first()
      .waitFor()
    await page.getByRole('tab', { name: 'Artifacts' }).click()
    await page.getByRole('tab', { name: 'Overview' }).click()
    await page.getByRole('heading', { name: 'Notes' }).waitFor()
    assert.equal(await page.getByText('can’t be shown').count(), 0, name)
    await page.context().close()
  }
})

test('a name that turns the direction of text turns no other text', async (t) => {
  for (const path of [
    '/',
    '/projects/turned',
    '/projects/turned/runs/turned',
    '/projects/turned/runs/turned?tab=overview',
  ]) {
    const page = await stage.visit(t, path)
    if (path !== '/') await page.getByText(turnedName).first().waitFor()
    const open = await page.evaluate(() => {
      const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
      const found: string[] = []
      while (walker.nextNode()) {
        const { parentElement, textContent } = walker.currentNode
        if (!textContent?.includes('\u202e') || !parentElement) continue
        const { display, unicodeBidi } = getComputedStyle(parentElement)
        const isAlone = [...parentElement.childNodes].every(
          (node) => node === walker.currentNode || node.nodeType !== 3,
        )
        if (!isAlone || (display === 'inline' && unicodeBidi !== 'isolate'))
          found.push(parentElement.outerHTML.slice(0, 300))
      }
      return found
    })
    assert.deepEqual(open, [])
  }
})
