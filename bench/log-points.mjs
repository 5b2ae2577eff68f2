// What log_points.py does, with the npm package as it is built, in plain JavaScript: taking the types off a program of a few
// lines costs more processor time than all that is measured here.
const logs = 10_000
const [client, address, folder] = process.argv.slice(2)
const { init } = await import(client)
const name = `typescript-${process.pid}`
const run = await init({ project: 'clients', name, trackerUri: address, dir: folder })
const took = new Float64Array(logs)
for (let step = 0; step < logs; step++) {
  const loss = 1 / (1 + step)
  const metrics = { loss, 'val/loss': loss * 1.1, acc: 1 - loss, 'val/acc': 1 - loss * 1.1, lr: 0.001 }
  const started = performance.now()
  run.log(metrics)
  took[step] = performance.now() - started
}
const last = performance.now()
await run.flush()
const durableSeconds = (performance.now() - last) / 1_000
await run.finish({ quiet: true })
took.sort()
const { user, system } = process.cpuUsage()
const at = (part) => took[Math.floor(logs * part)] * 1_000
console.log(JSON.stringify({ p50Us: at(0.5), p99Us: at(0.99), durableSeconds, cpuSeconds: (user + system) / 1e6 }))
