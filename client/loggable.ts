import type { Metrics, MetricValue } from './flatten.ts'

/** What has no single number in it, though it may be an object. */
type NoMetric =
  | readonly unknown[]
  | ArrayBufferView
  | Date
  | PromiseLike<unknown>
  | ((...parameters: never[]) => unknown)

/**
 * What `log` takes, checked property by property: an `interface` has no index signature, so it would not fit `Metrics`
 * however many numbers it is made of.
 */
export type Loggable<T> = T extends NoMetric
  ? never
  : T extends ReadonlyMap<string, unknown>
    ? T
    : { [K in keyof T]: LoggableValue<T[K]> }

type LoggableValue<V> = [V] extends [NoMetric]
  ? MetricValue | Metrics
  : [V] extends [MetricValue]
    ? V
    : [V] extends [object | null | undefined]
      ? Loggable<NonNullable<V>> | null | undefined
      : MetricValue | Metrics
