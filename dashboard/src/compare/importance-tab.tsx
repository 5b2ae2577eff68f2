import { useMemo } from 'react'
import { bestOf } from '../data/columns.ts'
import { Scroller } from '../run/scroller.tsx'
import { useCompareSearch } from './compare-search.ts'
import { chanceRho } from './correlation.ts'
import { Explanation, Loading } from './explanation.tsx'
import { FieldChoice } from './field-choice.tsx'
import { fieldLabel, type Goal, plotValues, readMetricField, shortLabel } from './fields.ts'
import {
  type Importance,
  type ImportanceRequest,
  importanceRunsMin,
  type KeyImportance,
  trustWords,
} from './importance.ts'
import { useImportance } from './use-importance.ts'
import { useHeadlines, usePlotData } from './use-plot-data.ts'

/** Which keys of the config a metric depends on: one by one (correlation) and all together (a forest). */
export function ImportanceTab({ project, names }: { project: string; names: readonly string[] }) {
  const [search, change] = useCompareSearch()
  const { headlines, isLoading: isNaming } = useHeadlines(project)
  const target = search.target ?? headlines[0]
  const { runs, fields, isLoading, error } = usePlotData(project, names, [target])
  const metric = target === undefined ? undefined : readMetricField(target)
  const guess = metric ? bestOf(metric.metric) : 'max'
  const goal: Goal = search.better === 'min' || search.better === 'max' ? search.better : guess
  const isNaNWorst = search.worst === '1'
  const request = useMemo((): ImportanceRequest | null => {
    if (target === undefined || isLoading) return null
    const keys = fields.filter(({ section }) => section === 'Config').map(({ id }) => id)
    return {
      keys: keys.map((id) => ({ key: id, values: plotValues(runs, id) })),
      target: plotValues(runs, target),
      goal,
      isNaNWorst,
    }
  }, [runs, fields, target, goal, isNaNWorst, isLoading])
  const { answer, isGrowing } = useImportance(request, JSON.stringify([target, goal, isNaNWorst]))
  const targets = fields.filter(({ section }) => section === 'Metrics' || section === 'Summary' || section === 'Run')
  if (runs.length === 0 && error) return <Explanation>The runs can't be read: {error.message}</Explanation>
  if (isNaming || (runs.length === 0 && isLoading)) return <Loading />
  return (
    <div className="flex max-w-240 flex-col gap-3 p-3">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2 text-sm">
        <FieldChoice
          label="What matters for"
          fields={targets}
          value={target ?? ''}
          others={target === undefined ? [{ id: '', label: 'choose' }] : []}
          onChoose={(id) => change({ target: id || undefined, better: undefined })}
        />
        <fieldset className="flex items-center gap-3">
          <legend className="sr-only">What is better</legend>
          {(['max', 'min'] as const).map((one) => (
            <label key={one} className="flex items-center gap-1">
              <input
                type="radio"
                name="better"
                className="accent-(--accent)"
                checked={goal === one}
                onChange={() => change({ better: one })}
              />
              {one === 'max' ? 'more is better' : 'less is better'}
            </label>
          ))}
        </fieldset>
        <label className="flex items-center gap-1.5">
          <input
            type="checkbox"
            className="accent-(--accent)"
            checked={isNaNWorst}
            onChange={({ target: box }) => change({ worst: box.checked ? '1' : undefined })}
          />
          NaN counts as the worst
        </label>
      </div>
      {target === undefined ? (
        <Explanation>This project has logged no metric yet. Choose another value above.</Explanation>
      ) : answer === null ? (
        <Loading />
      ) : (
        <Judgement answer={answer} target={target} goal={goal} isGrowing={isGrowing} />
      )}
    </div>
  )
}

interface JudgementProps {
  answer: Importance
  target: string
  goal: Goal
  isGrowing: boolean
}

function Judgement({ answer, target, goal, isGrowing }: JudgementProps) {
  const { n, unset, nonFinite, r2, keys, constant } = answer
  const label = shortLabel(target)
  const left = [nonFinite > 0 && `${nonFinite} with NaN or ∞`, unset > 0 && `${unset} without a value`].filter(Boolean)
  const most = Math.max(...keys.map(({ importance }) => importance), 0)
  return (
    <div className={isGrowing ? 'opacity-60' : ''} aria-busy={isGrowing}>
      <p className="mb-1 text-sm" role="status">
        {n} run{n === 1 ? '' : 's'} with {label}
        {left.length > 0 && ` (besides them ${left.join(' and ')})`}.{' '}
        {n < importanceRunsMin
          ? `Too few runs to tell: from ${importanceRunsMin} on there is something to learn.`
          : r2 === null
            ? 'Nothing in their configs or in this value varies, so there is nothing to tell.'
            : trustWords(r2)}
      </p>
      {n >= importanceRunsMin && keys.length > 0 && (
        <>
          <Scroller label="What matters" className="overflow-x-auto">
            <table className="w-full min-w-120 text-sm">
              <caption className="sr-only">What the keys of the config have to do with {label}</caption>
              <thead>
                <tr className="border-line border-b text-left text-ink-2">
                  <th scope="col" className="h-8 pr-3 font-normal">
                    Key
                  </th>
                  <th
                    scope="col"
                    className="w-2/5 pr-3 font-normal"
                    title="What shuffling the key adds to the forest's error"
                  >
                    Importance
                  </th>
                  <th scope="col" className="w-1/3 font-normal" title="Spearman's rank correlation">
                    Correlation
                  </th>
                </tr>
              </thead>
              <tbody>
                {keys.map((one) => (
                  <KeyLine key={one.key} one={one} most={most} goal={goal} isTrusted={r2 !== null && r2 > 0.1} />
                ))}
              </tbody>
            </table>
          </Scroller>
          <p className="mt-2 text-ink-3 text-xs">
            Importance: how much worse a random forest of 100 trees foretells the order of runs it has not seen when the
            key is shuffled; keys that go together share it. Correlation: Spearman’s ρ; an outline means that chance
            alone would do as much.{' '}
            {constant > 0 && `${constant} key${constant === 1 ? ' is' : 's are'} the same in all runs.`}
          </p>
        </>
      )}
    </div>
  )
}

interface KeyLineProps {
  one: KeyImportance
  most: number
  goal: Goal
  isTrusted: boolean
}

function KeyLine({ one: { key, kind, importance, correlation }, most, goal, isTrusted }: KeyLineProps) {
  const rho = correlation?.rho ?? null
  const isChance = rho !== null && Math.abs(rho) < chanceRho(correlation!.n)
  const isGood = rho !== null && rho > 0 === (goal === 'max')
  const written = importance <= 0 ? '0' : importance < 0.005 ? '< 0.01' : importance.toFixed(2)
  return (
    <tr className="border-line border-b">
      <th scope="row" className="h-8 max-w-40 truncate pr-3 text-left font-normal" title={fieldLabel(key)}>
        {fieldLabel(key)} {kind === 'category' && <span className="text-ink-3 text-xs">category</span>}
      </th>
      <td className="pr-3">
        <span className="flex items-center gap-2">
          <span className="w-12 shrink-0 text-right">{written}</span>
          <span aria-hidden className="h-2.5 flex-1">
            <span
              className={`block h-full rounded-[2px] ${isTrusted ? 'bg-accent' : 'border border-line-strong'}`}
              style={{ width: `${most > 0 ? (100 * Math.max(0, importance)) / most : 0}%` }}
            />
          </span>
        </span>
      </td>
      <td>
        {rho === null ? (
          <span className="text-ink-3">{kind === 'category' ? 'has no order' : '–'}</span>
        ) : (
          <span className="flex items-center gap-2">
            <span className="w-12 shrink-0 text-right">{rho.toFixed(2).replace('-', '−')}</span>
            <span aria-hidden className="relative h-2.5 flex-1">
              <span className="absolute inset-y-[-3px] left-1/2 w-px bg-line-strong" />
              <span
                className={`absolute h-full rounded-[2px] ${isChance ? 'border border-line-strong' : 'bg-accent'}`}
                style={{
                  width: `${50 * Math.abs(rho)}%`,
                  ...(rho < 0 ? { right: '50%' } : { left: '50%' }),
                }}
              />
            </span>
            <span className="w-28 shrink-0 text-ink-2 text-xs max-sm:sr-only">
              {isChance ? 'may be chance' : isGood ? 'more is better' : 'less is better'}
            </span>
          </span>
        )}
      </td>
    </tr>
  )
}
