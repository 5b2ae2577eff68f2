import { Link } from '@tanstack/react-router'
import { useVirtualizer } from '@tanstack/react-virtual'
import { Search as SearchSign } from 'lucide-react'
import { useMemo, useRef, useState } from 'react'
import type { Artifact } from '../api/queries.ts'
import { formatBytes } from '../data/format.ts'
import type { Search } from '../router.tsx'
import { TextField } from '../ui/field.tsx'
import { Moment } from '../ui/moment.tsx'
import { CopySign } from './copy-sign.tsx'
import { Nothing, Section } from './section.tsx'

const rowPixels = 30
const fewArtifacts = 8

/** Beside one that is shown (`chosen`) the list is names and sizes; alone it tells all there is. */
export function ArtifactList({
  artifacts,
  chosen,
  note,
}: {
  artifacts: Artifact[]
  chosen: string | undefined
  note: string
}) {
  const [search, setSearch] = useState('')
  const wanted = search.trim().toLowerCase()
  const rows = useMemo(
    () =>
      artifacts.filter((one) =>
        [one.name, one.description, one.category].some((text) => text?.toLowerCase().includes(wanted)),
      ),
    [artifacts, wanted],
  )
  const scroller = useRef<HTMLDivElement>(null)
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowPixels,
    overscan: 10,
  })
  const items = virtual.getVirtualItems()
  const above = items[0]?.start ?? 0
  const below = virtual.getTotalSize() - (items.at(-1)?.end ?? 0)
  const isWide = chosen === undefined
  const head = 'h-7 border-line border-b px-1 text-left font-normal text-ink-2'

  return (
    <Section
      title="Artifacts"
      note={note}
      className="flex min-h-0 flex-1 flex-col"
      tools={
        artifacts.length > fewArtifacts && (
          <TextField
            label="Search artifacts"
            placeholder="Search"
            icon={<SearchSign />}
            value={search}
            onChange={(event) => setSearch(event.target.value)}
            onKeyDown={(event) => event.key === 'Escape' && setSearch('')}
            className="max-w-40"
          />
        )
      }
    >
      <div ref={scroller} className="min-h-0 flex-1 overflow-y-auto border-line border-t">
        <table aria-rowcount={rows.length + 1} className="w-full table-fixed border-collapse text-sm">
          <thead className="sticky top-0 z-10 bg-page">
            <tr>
              <th scope="col" className={head}>
                Name
              </th>
              <th scope="col" className={`${head} w-20 text-right!`}>
                Size
              </th>
              {isWide && (
                <>
                  <th scope="col" className={`${head} hidden w-24 pl-4! sm:table-cell`}>
                    Category
                  </th>
                  <th scope="col" className={`${head} hidden md:table-cell`}>
                    Description
                  </th>
                  <th scope="col" className={`${head} hidden w-24 sm:table-cell`}>
                    Created
                  </th>
                  <th scope="col" className={`${head} hidden w-36 lg:table-cell`}>
                    SHA-256
                  </th>
                </>
              )}
            </tr>
          </thead>
          <tbody>
            {above > 0 && <tr aria-hidden style={{ height: above }} />}
            {items.map(({ index }) => {
              const { name, file_size, category, description, created_at, sha256 } = rows[index]!
              return (
                <tr
                  key={name}
                  aria-rowindex={index + 2}
                  className={`h-7.5 hover:bg-hover ${name === chosen ? 'bg-chosen' : ''}`}
                >
                  <th scope="row" className="px-1 text-left font-normal">
                    <Link
                      to="."
                      search={(before: Search) => ({ ...before, artifact: name })}
                      aria-current={name === chosen || undefined}
                      title={name}
                      className="block truncate text-accent hover:underline"
                    >
                      {name}
                    </Link>
                  </th>
                  <td className="whitespace-nowrap px-1 text-right">{formatBytes(file_size)}</td>
                  {isWide && (
                    <>
                      <td className="hidden px-1 pl-4 text-ink-2 sm:table-cell">{category ?? ''}</td>
                      <td title={description ?? undefined} className="hidden truncate px-1 text-ink-2 md:table-cell">
                        {description}
                      </td>
                      <td className="hidden px-1 text-ink-2 sm:table-cell">
                        <Moment at={created_at} />
                      </td>
                      <td className="hidden px-1 lg:table-cell">
                        <span title={sha256} className="flex items-center gap-1 font-mono text-ink-2">
                          {sha256.slice(0, 10)}…
                          <CopySign text={() => sha256} what={`Copy the SHA-256 of ${name}`} />
                        </span>
                      </td>
                    </>
                  )}
                </tr>
              )
            })}
            {below > 0 && <tr aria-hidden style={{ height: below }} />}
          </tbody>
        </table>
        {rows.length === 0 && <Nothing>No artifact has “{search}” in its name, description or category.</Nothing>}
      </div>
    </Section>
  )
}
