import { spawn } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { putLoad } from './load.ts'
import { median } from './report.ts'
const gcs: string[] = []
const what = process.argv[2] ?? 'records'
const rounds = Number(process.argv[3] ?? 8)
const dirs = (process.argv[4] ?? '/work/wt/base,/work/main').split(',')
async function start(dir: string) {
  const child = spawn(process.execPath, [...(process.env.AB_GC ? ['--trace-gc'] : []), ...(process.env.AB_PROF ? ['--cpu-prof', '--cpu-prof-dir=/tmp/prof' + dir.replaceAll('/', '-')] : []), '--max-semi-space-size=4', `${dir}/tracker/${process.env.AB_SRC ? "command/aspara.ts" : "dist/aspara.js"}`, 'tracker', '--port', '0', '--data-dir', mkdtempSync('/tmp/zzab-')], { stdio: ['ignore', 'pipe', 'pipe'], env: {...process.env, ASPARA_DATA_DIR: '/tmp/zzab-none'} })
  child.stderr.on('data', () => {})
  const port = await new Promise<number>((resolve) => createInterface({ input: child.stdout }).on('line', (line) => { if (process.env.AB_GC && /ms: (Scav|Mark)/.test(line)) gcs.push(dir + line); const m = /"url":"http:\/\/[^:]+:(\d+)/.exec(line); if (m) resolve(Number(m[1])) }))
  return { child, port, dir }
}
const cpu = (pid: number) => { const f = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' '); return (Number(f[11]) + Number(f[12])) / 100 }
const servers = []
for (const d of dirs) servers.push(await start(d))
const rec = (run: string) => { let step = 0; return () => Buffer.from(JSON.stringify({ type: 'metrics', timestamp: new Date().toISOString(), run, project: 'bench', step: step++, metrics: { loss: 1 / (1 + step / 1000), accuracy: 0.85 } })) }
function batches(writers: number, metrics: number, points: number, all: number) {
  const names = Array.from({ length: metrics }, (_, i) => (metrics === 1 ? 'loss' : `train/metric-${i}`))
  const ids = Array.from({ length: writers }, () => randomUUID()); const rows = points / metrics; const t0 = Date.now()
  return Array.from({ length: all / points }, (_, index) => { const first = Math.floor(index / writers) * rows; const steps = Array.from({ length: rows }, (_, r) => first + r)
    return Buffer.from(JSON.stringify({ writer: ids[index % writers], sequence: Math.floor(index / writers), steps, timestamps: steps.map((s) => t0 + s * 20), metrics: Object.fromEntries(names.map((n) => [n, steps.map((s) => Math.fround(1 / (1 + s / 1000) + Math.random()))])) })) })
}
const runs = '/tracker/api/v1/projects/bench/runs'
const tests: Record<string, (s: any) => Promise<number>> = {}
for (const c of [16, 64]) tests[`records-${c}`] = async (s) => { const r = await putLoad({ port: s.port, connections: c, path: `${runs}/records-${c}/metrics`, next: rec(`records-${c}`), secondsMax: 0.7 }); return r.answered / r.seconds }
for (const m of [1, 10]) for (const p of [1000, 20000]) tests[`batches-${m}-${p}`] = async (s) => { const bodies = batches(4, m, p, 400_000); const qs = Array.from({ length: 4 }, (_, w) => bodies.filter((_, i) => i % 4 === w)); const rs = await Promise.all(qs.map((q) => putLoad({ port: s.port, path: `${runs}/batches-${m}-${p}/metrics/batch`, connections: 1, next: () => q.shift(), secondsMax: 120 }))); return 400_000 / Math.max(...rs.map((r) => r.seconds)) }
for (const [name, run] of Object.entries(tests)) {
  if (!name.startsWith(what)) continue
  const res = servers.map(() => [] as number[]); const cpus = servers.map(() => [] as number[])
  for (const s of servers) await run(s)
  for (let r = 0; r < rounds; r++) for (const i of r % 2 ? servers.map((_, i) => servers.length - 1 - i) : servers.keys()) { const a = cpu(servers[i].child.pid!); res[i].push(await run(servers[i])); cpus[i].push(cpu(servers[i].child.pid!) - a) }
  const per = cpus.map((l, i) => median(l.map((c, r) => c / (res[i][r] * (name.startsWith('rec') ? 0.7 : 1) / (name.startsWith('rec') ? 1 : res[i][r]))) )); console.log('cpu per work', per.map((v) => v.toExponential(3)).join(' vs '), (per[1] / per[0]).toFixed(3))
  const ratios = res[1].map((v, r) => v / res[0][r])
  console.log(name, res.map((l) => Math.round(median(l))).join(' vs '), 'ratio', median(ratios).toFixed(3), 'of medians', (median(res[1]) / median(res[0])).toFixed(3), 'cpu', cpus.map((l) => median(l).toFixed(2)).join(' vs '))
}
for (const s of servers) { console.log(s.dir, /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${s.child.pid}/status`, 'utf8'))![1]); s.child.kill(); await new Promise((r) => s.child.once('exit', r)) }
if (process.env.AB_GC) (await import('node:fs')).writeFileSync('/tmp/gcs', gcs.join('\n'))
