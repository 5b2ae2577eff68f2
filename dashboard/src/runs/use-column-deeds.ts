import type { Run } from '../api/queries.ts'
import {
  columnTitle,
  descendsFirst,
  moveColumn,
  readColumn,
  sortText,
  toggleSort,
  withoutSort,
} from '../data/columns.ts'
import { useView, useViewStore } from '../view/use-view.ts'

/** What can be done with columns; `ids` are those on the page, which the first change makes one's own choice. */
export function useColumnDeeds(ids: string[], runs: Run[]) {
  const store = useViewStore()
  const { group, sort } = useView(({ group, sort }) => ({ group, sort }))
  const nameOf = (id: string) => {
    const column = readColumn(id)
    return column ? columnTitle(column) : 'Name'
  }
  const sortKey = (id: string): string | null => {
    const column = id === 'name' ? 'name' : readColumn(id)
    return column === undefined ? null : sortText(column, runs)
  }
  const groupKey = (id: string): string | null =>
    /^(config\.|summary\.)/.test(id) || ['tags', 'group', 'job_type', 'status'].includes(id) ? id : null
  return {
    sortKey,
    groupKey,
    isGrouped: (id: string) => group.includes(id),
    sort: (id: string, isAdded: boolean) => {
      const key = sortKey(id)
      const column = id === 'name' ? 'name' : readColumn(id)
      if (key === null || column === undefined) return
      store.change('order the runs', { sort: toggleSort(sort, key, descendsFirst(column), isAdded) })
    },
    setSort: (id: string, isDescending: boolean) => {
      const key = sortKey(id)
      if (key !== null) store.change('order the runs', { sort: (isDescending ? '-' : '') + key })
    },
    unsort: (id: string) => {
      const key = sortKey(id)
      if (key !== null) store.change('order the runs', { sort: withoutSort(sort, key) })
    },
    group: (id: string) =>
      store.change('group the runs', ({ group: before }) => ({
        group: before.includes(id) ? before.filter((one) => one !== id) : [...before, id],
      })),
    pin: (id: string) =>
      store.change(`pin or unpin the column ${nameOf(id)}`, ({ pinned }) => ({
        columns: ids,
        pinned: pinned.includes(id) ? pinned.filter((one) => one !== id) : [...pinned, id],
      })),
    move: (id: string, by: number) =>
      store.change(`move the column ${nameOf(id)}`, ({ pinned }) =>
        pinned.includes(id) ? { pinned: moveColumn(pinned, id, by) } : { columns: moveColumn(ids, id, by) },
      ),
    /** To the place of another one; among pinned columns it is then pinned too. */
    moveTo: (id: string, target: string) =>
      store.change(`move the column ${nameOf(id)}`, ({ pinned }) => {
        const others = pinned.filter((one) => one !== id)
        const columns = moveColumn(ids, id, ids.indexOf(target) - ids.indexOf(id))
        if (!pinned.includes(target)) return { columns, pinned: others }
        return { columns, pinned: others.toSpliced(pinned.indexOf(target), 0, id) }
      }),
    hide: (id: string) =>
      store.change(`hide the column ${nameOf(id)}`, ({ pinned }) => ({
        columns: ids.filter((one) => one !== id),
        pinned: pinned.filter((one) => one !== id),
      })),
    /** Shows or hides. */
    toggle: (id: string) =>
      store.change(`show or hide the column ${nameOf(id)}`, ({ pinned }) => ({
        columns: ids.includes(id) ? ids.filter((one) => one !== id) : [...ids, id],
        pinned: ids.includes(id) ? pinned.filter((one) => one !== id) : pinned,
      })),
    /** null: as it is by itself. */
    resize: (id: string, width: number | null) =>
      store.change(`resize the column ${nameOf(id)}`, ({ widths }) => {
        const { [id]: _, ...others } = widths
        return { widths: width === null ? others : { ...others, [id]: Math.min(800, Math.max(48, Math.round(width))) } }
      }),
  }
}

export type ColumnDeeds = ReturnType<typeof useColumnDeeds>
