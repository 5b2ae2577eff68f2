import type { CommitObserver } from '@aspara/store/threads/commit-queue.ts'
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { App } from './route.ts'

interface RequestLabels {
  method: string
  route: string
  status: number
}

/** What the tracker tells Prometheus. Names follow https://prometheus.io/docs/practices/naming/ */
export class Telemetry implements CommitObserver {
  readonly registry = new Registry()
  /** Counted in plain objects and told when it is asked for: the library would hash three labels for each request. */
  #answered = new Map<string, { labels: RequestLabels; count: number }>()
  #commits = new Histogram({
    name: 'aspara_commit_duration_seconds',
    help: 'Time from a group of writes reaching the writer thread until it is on disk',
    buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5],
    registers: [this.registry],
  })
  #deeds = new Counter({ name: 'aspara_writes_total', help: 'Writes committed', registers: [this.registry] })

  constructor() {
    collectDefaultMetrics({ register: this.registry })
    const answered = this.#answered
    new Counter({
      name: 'aspara_http_requests_total',
      help: 'Requests answered, by method, route and status',
      labelNames: ['method', 'route', 'status'],
      registers: [this.registry],
      collect() {
        this.reset()
        for (const { labels, count } of answered.values()) this.inc(labels, count)
      },
    })
  }

  answered(method: string, route: string, status: number): void {
    const key = `${method} ${status} ${route}`
    const entry = this.#answered.get(key)
    if (entry) entry.count++
    else this.#answered.set(key, { labels: { method, route, status }, count: 1 })
  }

  committed({ deeds, commitMs }: { deeds: number; commitMs: number }): void {
    this.#commits.observe(commitMs / 1000)
    this.#deeds.inc(deeds)
  }

  watchStreams(openStreams: () => number): void {
    new Gauge({
      name: 'aspara_open_streams',
      help: 'Live streams of projects that are open',
      registers: [this.registry],
      collect() {
        this.set(openStreams())
      },
    })
  }

  watchQueue(queuedBytes: () => number): void {
    new Gauge({
      name: 'aspara_queued_bytes',
      help: 'Bytes accepted and not yet committed',
      registers: [this.registry],
      collect() {
        this.set(queuedBytes())
      },
    })
  }
}

export function prometheusRoute(app: App, telemetry: Telemetry): void {
  app.addHook('onResponse', (request, reply, done) => {
    telemetry.answered(request.method, request.routeOptions.url ?? 'none', reply.statusCode)
    done()
  })
  app.get('/metrics', { schema: { hide: true } }, async (_request, reply) => {
    reply.type(telemetry.registry.contentType)
    return telemetry.registry.metrics()
  })
}
