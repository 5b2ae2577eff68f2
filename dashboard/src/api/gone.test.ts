import assert from 'node:assert/strict'
import { test } from 'node:test'
import { QueryClient, QueryObserver } from '@tanstack/react-query'
import { goneQuery, tellGone, tellThere } from './gone.ts'

const key = ['run', 'vision', 'calm-heron']

/** A page that shows a run, and what it has been answered so far. */
function openPage(answer: () => Promise<string>) {
  const queries = new QueryClient({
    defaultOptions: { queries: { staleTime: Number.POSITIVE_INFINITY, retry: false } },
  })
  const asked: string[] = []
  const run = new QueryObserver(queries, {
    queryKey: key,
    queryFn: async () => {
      asked.push('run')
      return answer()
    },
  })
  const gone = new QueryObserver(queries, goneQuery('vision', 'calm-heron'))
  gone.subscribe(() => {})
  const settled = () =>
    new Promise<void>((resolve) => {
      const stop = run.subscribe(({ fetchStatus, status }) => {
        if (fetchStatus !== 'idle' || status === 'pending') return
        queueMicrotask(() => stop())
        resolve()
      })
    })
  return { queries, asked, run, gone, settled }
}

test('a run that was deleted is not asked for, and is read again when it is back', async () => {
  const page = openPage(async () => 'as it is')
  page.run.subscribe(() => {})
  await page.settled()
  tellGone(page.queries, 'vision', 'calm-heron')
  assert.equal(page.gone.getCurrentResult().data, true)
  assert.equal(page.run.getCurrentResult().data, 'as it is', 'what was known of it can still be shown')
  assert.equal(page.asked.length, 1)
  const again = page.settled()
  tellThere(page.queries, 'vision', 'calm-heron')
  await again
  assert.equal(page.gone.getCurrentResult().data, false)
  assert.equal(page.asked.length, 2)
  page.queries.clear()
})

test('a run of which something is told while it is there is not read again', async () => {
  const page = openPage(async () => 'as it is')
  page.run.subscribe(() => {})
  await page.settled()
  tellThere(page.queries, 'vision', 'calm-heron')
  assert.equal(page.queries.isFetching(), 0)
  assert.equal(page.asked.length, 1)
  page.queries.clear()
})

test('a page that found no run shows it when there is one', async () => {
  let isThere = false
  const page = openPage(async () => {
    if (!isThere) throw new Error('Run not found')
    return 'new'
  })
  page.run.subscribe(() => {})
  await page.settled()
  assert.equal(page.run.getCurrentResult().status, 'error')
  isThere = true
  const again = page.settled()
  tellThere(page.queries, 'vision', 'calm-heron')
  await again
  assert.equal(page.run.getCurrentResult().data, 'new')
  page.queries.clear()
})
