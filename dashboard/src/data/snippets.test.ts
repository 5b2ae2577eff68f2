import assert from 'node:assert/strict'
import { test } from 'node:test'
import { firstLines } from './snippets.ts'

test('the address is left out where clients go by themselves', () => {
  const lines = 'import aspara\nrun = aspara.init(project="p")\nrun.log({"loss": 0.5})'
  for (const address of ['http://127.0.0.1:3142', 'http://localhost:3142']) {
    assert.equal(firstLines('python', address, 'p'), lines)
  }
})

test('any other address is said, in the words of the language', () => {
  const python = firstLines('python', 'http://gpu-7:8080', 'my-project')
  assert.match(python, /aspara\.init\(project="my-project", tracker_uri="http:\/\/gpu-7:8080"\)/)
  const typescript = firstLines('typescript', 'http://127.0.0.1:31420', 'my-project')
  assert.match(typescript, /await init\(\{ project: 'my-project', trackerUri: 'http:\/\/127\.0\.0\.1:31420' \}\)/)
})

test('it is three lines', () => {
  for (const language of ['python', 'typescript'] as const) {
    assert.equal(firstLines(language, 'https://tracker.example', 'p').split('\n').length, 3)
  }
})
