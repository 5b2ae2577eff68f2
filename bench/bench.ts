import { measureClients } from './clients.ts'
import { measureIngest } from './ingest.ts'
import { measureListing } from './listing.ts'
import { measurePage } from './page/page.ts'
import { measureSeries } from './series.ts'
import { measureStream } from './stream.ts'
import { measureTraining } from './training.ts'

/** `npm run bench -- NAME`: each measures the same work for us and a peer in one run, and prints a table. */
const benches: Record<string, () => Promise<void>> = {
  ingest: measureIngest,
  series: all,
  listing: measureListing,
  stream: measureStream,
  clients: measureClients,
  training: measureTraining,
  page: measurePage,
}

async function all(): Promise<void> {
  await measureSeries()
  await measureListing()
  await measureStream()
}

const name = process.argv[2]
const bench = Object.hasOwn(benches, name) ? benches[name] : undefined
if (bench) {
  await bench()
} else {
  process.stderr.write(`npm run bench -- NAME, where NAME is one of: ${Object.keys(benches).join(', ')}\n`)
  process.exitCode = 2
}
