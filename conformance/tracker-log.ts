import type { TrackerProcess } from '@aspara/tracker/testing/tracker-process.ts'

/** Lines of a tracker's log that no request may cause: errors, and stack traces of any level. */
export function troubles(tracker: TrackerProcess): string[] {
  return tracker.log.filter((line) => /"level":(?:50|60|"error"|"fatal")|"stack":|^ {4}at /.test(line))
}
