import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { test } from 'node:test'
import { parseTimestamp } from './timestamp.ts'

const utc = Date.UTC

test('what datetime.now(UTC).isoformat() writes is taken with its microseconds', () => {
  assert.equal(parseTimestamp('2026-03-01T12:30:45+00:00'), utc(2026, 2, 1, 12, 30, 45))
  assert.equal(parseTimestamp('2026-03-01T12:30:45.123456+00:00'), utc(2026, 2, 1, 12, 30, 45) + 123.456)
  assert.equal(parseTimestamp('2026-03-01T12:30:45.000001+00:00'), utc(2026, 2, 1, 12, 30, 45) + 0.001)
})

test('what str(datetime) writes, with a blank, is taken too', () => {
  assert.equal(parseTimestamp('2026-03-01 12:30:45.5+00:00'), utc(2026, 2, 1, 12, 30, 45, 500))
})

test('what JavaScript writes is taken', () => {
  assert.equal(parseTimestamp('2026-03-01T12:30:45.678Z'), utc(2026, 2, 1, 12, 30, 45, 678))
})

test('a fraction has 1 to 9 digits after a point or a comma, and microseconds are kept of it', () => {
  const second = utc(2026, 0, 1)
  assert.equal(parseTimestamp('2026-01-01T00:00:00.5Z'), second + 500)
  assert.equal(parseTimestamp('2026-01-01T00:00:00,25Z'), second + 250)
  assert.equal(parseTimestamp('2026-01-01T00:00:00.123456789Z'), second + 123.457)
  assert.equal(parseTimestamp('2026-01-01T00:00:00.999999999Z'), second + 1000)
  assert.equal(parseTimestamp('2026-01-01T00:00:00.1234567890Z'), undefined)
  assert.equal(parseTimestamp('2026-01-01T00:00:00.Z'), undefined)
})

test('every microsecond of a second is told from its neighbours', () => {
  let before = -Infinity
  for (let micros = 0; micros < 1_000_000; micros += 997) {
    const parsed = parseTimestamp(`2026-07-31T23:59:59.${String(micros).padStart(6, '0')}Z`) as number
    assert.equal(Math.round((parsed - utc(2026, 6, 31, 23, 59, 59)) * 1000), micros)
    assert.ok(parsed > before)
    before = parsed
  }
})

test('an offset moves the time, with a colon or without', () => {
  assert.equal(parseTimestamp('2026-03-01T12:00:00+05:30'), utc(2026, 2, 1, 6, 30))
  assert.equal(parseTimestamp('2026-03-01T12:00:00+0530'), utc(2026, 2, 1, 6, 30))
  assert.equal(parseTimestamp('2026-03-01T12:00:00-08:00'), utc(2026, 2, 1, 20))
  assert.equal(parseTimestamp('2026-03-01T00:30:00.25+01:00'), utc(2026, 1, 28, 23, 30, 0, 250))
  assert.equal(parseTimestamp('2026-03-01T12:00:00+25:00'), undefined)
  assert.equal(parseTimestamp('2026-03-01T12:00:00+05'), undefined)
})

test('times before 1970 are taken', () => {
  assert.equal(parseTimestamp('1969-12-31T23:59:59.75Z'), -250)
  assert.equal(parseTimestamp('0100-01-01T00:00:00Z'), -59011459200000)
  assert.equal(parseTimestamp('0099-12-31T23:59:59Z'), undefined, 'a year that Date takes for 1999')
})

test('a time without an offset is local to the tracker', () => {
  const module = JSON.stringify(new URL('./timestamp.ts', import.meta.url))
  const texts = ['2026-07-01T12:00:00.123456', '2026-01-01 12:00:00', '2026-01-01T12:00', '2026-01-01']
  const script = `
    const { parseTimestamp } = await import(${module})
    console.log(JSON.stringify(${JSON.stringify(texts)}.map(parseTimestamp)))`
  const parsedIn = (zone: string) =>
    JSON.parse(
      execFileSync(process.execPath, ['--input-type=module', '-e', script], {
        env: { ...process.env, TZ: zone },
        encoding: 'utf8',
      }),
    )
  // New York is 4 hours behind in summer and 5 in winter.
  assert.deepEqual(parsedIn('America/New_York'), [
    utc(2026, 6, 1, 16) + 123.456,
    utc(2026, 0, 1, 17),
    utc(2026, 0, 1, 17),
    utc(2026, 0, 1, 5),
  ])
})

test('a day that the month does not have is no timestamp', () => {
  assert.equal(parseTimestamp('2026-02-30T00:00:00Z'), undefined)
  assert.equal(parseTimestamp('2026-02-29T00:00:00Z'), undefined)
  assert.equal(parseTimestamp('2028-02-29T00:00:00Z'), utc(2028, 1, 29))
  assert.equal(parseTimestamp('2026-04-31T00:00:00Z'), undefined)
  assert.equal(parseTimestamp('2026-13-01T00:00:00Z'), undefined)
  assert.equal(parseTimestamp('2026-00-01T00:00:00Z'), undefined)
  assert.equal(parseTimestamp('2026-01-00T00:00:00Z'), undefined)
})

test('a time that the day does not have is no timestamp', () => {
  assert.equal(parseTimestamp('2026-03-01T24:00:00Z'), undefined)
  assert.equal(parseTimestamp('2026-03-01T25:00:00Z'), undefined)
  assert.equal(parseTimestamp('2026-03-01T12:60:00Z'), undefined)
  assert.equal(parseTimestamp('2026-03-01T12:00:60Z'), undefined)
  assert.equal(parseTimestamp('2026-03-01T12:30.5Z'), undefined, 'half a minute is not half a second')
})

test('milliseconds are taken as they are, as far as a date reaches', () => {
  for (const ms of [0, -0, 1.5, -1, 1772368245123.456, 8.64e15, -8.64e15]) assert.equal(parseTimestamp(ms), ms)
  for (const ms of [8.64e15 + 2, -8.64e15 - 2, Infinity, -Infinity, NaN]) assert.equal(parseTimestamp(ms), undefined)
})

test('any other text is no timestamp', () => {
  const texts = ['', 'now', '1772368245123', '2026', '2026-03', '20260301T123045Z', '01.03.2026', '2026-03-01T12Z']
  const around = ['2026-03-01T12:30:45Z\n', ' 2026-03-01T12:30:45Z', '2026-03-01T12:30:45z', '+012026-03-01T12:30:45Z']
  for (const text of [...texts, ...around]) assert.equal(parseTimestamp(text), undefined, text)
})
