/** What has become of a run's rows when it ends. */
export interface Outcome {
  /** PROJECT/NAME */
  run: string
  url: string
  /** Calls of `log` whose rows were kept, wherever they are now. */
  rows: number
  waiting: number
  refused: number
  refusedReason: string
  lost: number
  lostReason: string
  /** Whether all else of the run is at the tracker, too. */
  isSent: boolean
  /** Why not; empty where nobody tried. */
  trouble: string
  /** How what waits can be sent, for a person; empty when it can't. */
  advice: string
}

const counted = (count: number, what: string, reason: string) =>
  count > 0 ? [`${count} ${count === 1 ? 'was' : 'were'} ${what}${reason && ` (${reason})`}`] : []

/** The last sentence about a run; undefined when everything has arrived. It never says that more is at the tracker than is. */
export function closingSentence(outcome: Outcome): string | undefined {
  const { run, url, rows, waiting, refused, refusedReason, lost, lostReason, isSent, trouble, advice } = outcome
  if (isSent && refused + lost === 0) return undefined
  const total = rows + lost
  const arrived = rows - waiting - refused
  const reason = trouble && ` (${trouble})`
  const toDo = advice && `; send ${waiting > 1 ? 'them' : 'it'} with: ${advice}`
  if (total === 0) return `the run ${run} is not sent yet${reason}${toDo}`
  const rowsOf = (count: number) => `${count} row${count === 1 ? '' : 's'}`
  if (waiting === total) return `${rowsOf(total)} of ${run} ${total === 1 ? 'is' : 'are'} not sent yet${reason}${toDo}`
  const where = arrived > 0 ? `at ${url}` : 'at the tracker'
  const rest = [
    ...counted(refused, 'refused', refusedReason),
    ...counted(lost, 'lost', lostReason),
    ...(waiting > 0 ? [`${waiting} ${waiting === 1 ? 'is' : 'are'} not sent yet${reason}`] : []),
  ]
  const state = rest.length > 0 ? rest.join(', ') : `the rest of the run is not sent yet${reason}`
  const count = arrived > 0 ? `${arrived} of ${rowsOf(total)}` : `none of ${rowsOf(total)}`
  return `${count} of ${run} ${arrived === 1 ? 'is' : 'are'} ${where}; ${state}${isSent ? '' : toDo}`
}
