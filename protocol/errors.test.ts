import assert from 'node:assert/strict'
import { test } from 'node:test'
import { invalidField, Problem, type ProblemCode, problem, problems, sequenceGap } from './errors.ts'

const everyProblem = () =>
  (Object.keys(problems) as ProblemCode[]).map((code) => ({
    code,
    ...problems[code],
    detail: (problems[code].detail as (...words: unknown[]) => string)('one', 2),
  }))

test('every problem has a status of the caller or of the world, and a sentence', () => {
  for (const { code, status, detail } of everyProblem()) {
    assert.ok(status >= 400 && status < 600, code)
    assert.match(detail, /^[A-Z]/, code)
    assert.doesNotMatch(detail, /undefined|\[object|\.$/, code)
  }
})

test('the sentences that clients know stand as they are', () => {
  assert.equal(problem('runExists').message, 'Run already exists')
  assert.equal(problem('runExists').status, 409)
  assert.equal(problem('runNotFound').message, 'Run not found')
  assert.equal(problem('projectNotFound').message, 'Project not found')
  assert.equal(problem('routeNotFound').message, 'Not Found')
})

test('the words and numbers of a problem stand in its sentence', () => {
  assert.match(problem('invalidName', 'project').message, /^Invalid project name/)
  assert.match(problem('bodyTooLarge', 1234).message, /1234 bytes/)
  assert.match(problem('documentTooLarge', 'config', 99).message, /config .* 99 bytes/)
  assert.match(problem('malformedEncoding', 'zstd').message, /zstd/)
})

test('a 422 names the field, in its detail and in its message', () => {
  const fault = invalidField(['body', 'steps', 3], 'must be an integer', 'type_error')
  assert.equal(fault.status, 422)
  assert.equal(fault.code, 'invalidField')
  assert.deepEqual(fault.detail, [{ loc: ['body', 'steps', 3], msg: 'must be an integer', type: 'type_error' }])
  assert.equal(fault.message, 'body.steps.3: must be an integer')
})

test('a gap tells the number to go back to, in words and as a field', () => {
  const gap = sequenceGap(7, 4)
  assert.equal(gap.status, 409)
  assert.match(gap.message, /7.*4/)
  assert.deepEqual(gap.extra, { expected_sequence: 4 })
})

test('a problem is the same on the other side of a thread', () => {
  const some = [problem('diskFull'), problem('uriTooLong'), sequenceGap(7, 4), invalidField(['body'], 'no')]
  for (const before of some) {
    const after = new Problem(structuredClone(before.toMessage()))
    assert.ok(after instanceof Error)
    assert.equal(after.name, 'Problem')
    for (const key of ['code', 'status', 'message', 'detail', 'extra'] as const)
      assert.deepEqual(after[key], before[key])
  }
})
