// The last sentence about a run: it never says that more is at the tracker than is.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { closingSentence, type Outcome } from './closing.ts'

const whole: Outcome = {
  run: 'p/r',
  url: 'http://t/projects/p/runs/r',
  rows: 100,
  waiting: 0,
  refused: 0,
  refusedReason: '',
  lost: 0,
  lostReason: '',
  isSent: true,
  trouble: '',
  advice: 'aspara sync /s',
}

const cases: [outcome: Partial<Outcome>, sentence: string | undefined][] = [
  [{}, undefined],
  [
    { rows: 99, refused: 1, refusedReason: 'too old', lost: 1, lostReason: 'no room' },
    '98 of 100 rows of p/r are at http://t/projects/p/runs/r; 1 was refused (too old), 1 was lost (no room)',
  ],
  [{ refused: 100, refusedReason: 'no' }, 'none of 100 rows of p/r are at the tracker; 100 were refused (no)'],
  [
    { waiting: 100, isSent: false, trouble: 'no answer yet' },
    '100 rows of p/r are not sent yet (no answer yet); send them with: aspara sync /s',
  ],
  [{ rows: 1, waiting: 1, isSent: false }, '1 row of p/r is not sent yet; send it with: aspara sync /s'],
  [
    { waiting: 40, isSent: false, trouble: 'cut' },
    '60 of 100 rows of p/r are at http://t/projects/p/runs/r; 40 are not sent yet (cut); send them with: aspara sync /s',
  ],
  [
    { rows: 98, waiting: 3, lost: 2, lostReason: 'no room', isSent: false, trouble: 'cut' },
    '95 of 100 rows of p/r are at http://t/projects/p/runs/r; 2 were lost (no room), 3 are not sent yet (cut); send them with: aspara sync /s',
  ],
  [
    { isSent: false, trouble: 'cut' },
    '100 of 100 rows of p/r are at http://t/projects/p/runs/r; the rest of the run is not sent yet (cut); send it with: aspara sync /s',
  ],
  [
    { rows: 0, lost: 3, lostReason: 'kept in memory only', isSent: false, advice: '' },
    'none of 3 rows of p/r are at the tracker; 3 were lost (kept in memory only)',
  ],
  [{ rows: 0, isSent: false, trouble: 'cut' }, 'the run p/r is not sent yet (cut); send it with: aspara sync /s'],
]

for (const [outcome, sentence] of cases) {
  test(`a run that came to ${JSON.stringify(outcome)} says ${sentence === undefined ? 'nothing' : 'so'}`, () => {
    assert.equal(closingSentence({ ...whole, ...outcome }), sentence)
  })
}
