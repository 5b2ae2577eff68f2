import type { RunWriter } from '../api/queries.ts'
import { formatCount } from '../data/format.ts'
import { Moment } from '../ui/moment.tsx'
import { CopySign } from './copy-sign.tsx'
import { overheadOf } from './overhead.ts'
import { Scroller } from './scroller.tsx'
import { Nothing, Section } from './section.tsx'

/** The processes that write the run, how far each is, and what logging costs it. */
export function Writers({ writers, createdAt }: { writers: RunWriter[]; createdAt: string }) {
  const { sentence, facts, warnings, clients } = overheadOf(writers, Date.parse(createdAt))
  const details = [...facts, ...clients]
  return (
    <>
      <Section title="Logging overhead">
        {sentence ? (
          <p className="text-sm">{sentence}</p>
        ) : (
          <Nothing>No client of this run has said what logging costs it.</Nothing>
        )}
        {details.length > 0 && <p className="text-ink-2 text-sm">{details.join(' · ')}</p>}
        {warnings.length > 0 && (
          <ul className="mt-1 text-lost text-sm">
            {warnings.map((warning) => (
              <li key={warning}>! {warning}</li>
            ))}
          </ul>
        )}
      </Section>
      <Section title="Writers" note={writers.length > 0 ? String(writers.length) : undefined}>
        {writers.length === 0 ? (
          <Nothing>None: its records came one by one, and those have no receipt.</Nothing>
        ) : (
          <WriterTable writers={writers} />
        )}
      </Section>
    </>
  )
}

const titles = ['Writer', 'Batches', 'Rows', 'Points', 'Checksum', 'Last heard', 'Finished', 'Exit code']

function WriterTable({ writers }: { writers: RunWriter[] }) {
  return (
    <Scroller label="Table of writers" className="max-h-80 overflow-auto border-line border-t">
      <table className="w-full min-w-180 border-collapse text-sm">
        <thead className="sticky top-0 bg-page">
          <tr>
            {titles.map((title, at) => (
              <th
                key={title}
                scope="col"
                className={`h-7 whitespace-nowrap border-line border-b px-1 font-normal text-ink-2 ${at === 0 || at > 3 ? 'text-left' : 'text-right'} ${at === 4 ? 'pl-4!' : ''}`}
              >
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {writers.map((one) => (
            <tr key={one.writer} className="h-7 hover:bg-hover">
              <th scope="row" className="max-w-60 px-1 text-left font-normal">
                <span title={`${one.label ?? ''} ${one.writer}`.trim()} className="block truncate">
                  {one.label ?? <span className="font-mono">{one.writer.slice(0, 8)}</span>}
                </span>
              </th>
              <Count value={one.next_sequence} />
              <Count value={one.rows} />
              <Count value={one.points} />
              <td className="px-1 pl-4">
                {one.checksum === null ? (
                  <span className="text-ink-3">–</span>
                ) : (
                  <span className="flex items-center font-mono">
                    {one.checksum}
                    <CopySign text={() => one.checksum!} what={`Copy the checksum ${one.checksum}`} />
                  </span>
                )}
              </td>
              <td className="px-1">
                <Moment at={one.heard_at} />
              </td>
              <td className="px-1">
                <Moment at={one.finished_at} />
              </td>
              <td className={`px-1 ${one.exit_code ? 'text-failed' : ''}`}>
                {one.exit_code ?? <span className="text-ink-3">–</span>}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroller>
  )
}

const Count = ({ value }: { value: number | null }) => (
  <td title={value?.toLocaleString('en')} className="px-1 text-right">
    {value === null ? <span className="text-ink-3">–</span> : formatCount(value)}
  </td>
)
