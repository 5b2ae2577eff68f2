import { measureIngest } from './ingest.ts'
import { measureSeries } from './series.ts'

/** `npm run bench -- NAME`: each measures the same work for us and a peer in one run, and prints a table. */
const benches: Record<string, () => Promise<void>> = { ingest: measureIngest, series: measureSeries }

const name = process.argv[2]
const bench = Object.hasOwn(benches, name) ? benches[name] : undefined
if (bench) {
  await bench()
} else {
  process.stderr.write(`npm run bench -- NAME, where NAME is one of: ${Object.keys(benches).join(', ')}\n`)
  process.exitCode = 2
}
