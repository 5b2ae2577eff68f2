// Asks the registries whether a version that we use is known to be vulnerable: `npm audit` for what is shipped and for what
// we build and test with, pip-audit for the Python packages that we test with (the Python client has no dependency).
// A high or critical fault of what is shipped fails; everything else is a warning. Where a registry does not tell (a
// mirror, a machine without a network) that is said, and passes.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

process.chdir(fileURLToPath(new URL('..', import.meta.url)))
const faults = [...npmFaults(), ...pythonFaults()]
for (const { isGrave, sentence } of faults) console.log(`audit: ${isGrave ? '' : 'warning: '}${sentence}`)
if (faults.some(({ isGrave }) => isGrave)) process.exitCode = 1

/** @returns {{ isGrave: boolean, sentence: string }[]} */
function npmFaults() {
  const shipped = new Set(
    JSON.parse(readFileSync('tracker/dist/sbom.cdx.json', 'utf8')).components.map(({ purl }) => purl),
  )
  const lock = JSON.parse(readFileSync('package-lock.json', 'utf8')).packages
  const isShipped = (place) => {
    const name = place.slice(place.lastIndexOf('node_modules/') + 'node_modules/'.length).replace('@', '%40')
    return shipped.has(`pkg:npm/${name}@${lock[place]?.version}`)
  }
  const report = answerOf('npm', ['audit', '--json'])
  if (!report?.vulnerabilities)
    return untold(`the npm registry does not tell${report?.message ? `: ${report.message}` : ''}`)
  const found = Object.values(report.vulnerabilities)
  if (found.length === 0) console.log('audit: the npm registry knows of no vulnerable package that is used here')
  return found.map(({ name, severity, via, nodes }) => {
    const reaches = nodes.some(isShipped)
    const why = via.map((one) => (typeof one === 'string' ? `through ${one}` : `${one.title} (${one.url})`)).join('; ')
    return {
      isGrave: reaches && (severity === 'high' || severity === 'critical'),
      sentence: `${name}, ${severity}, ${reaches ? 'is shipped' : 'is used to build or test'}: ${why}`,
    }
  })
}

/** @returns {{ isGrave: boolean, sentence: string }[]} */
function pythonFaults() {
  const python = process.platform === 'win32' ? '.venv/Scripts/python.exe' : '.venv/bin/python'
  if (!existsSync(python)) return untold('node scripts/setup.mjs --tests installs what asks the Python index')
  const questions = [
    '--no-deps',
    '--disable-pip',
    '-r',
    'conformance/requirements.txt',
    '-f',
    'json',
    '--timeout',
    '10',
  ]
  const report = answerOf(python, ['-m', 'pip_audit', ...questions])
  if (!report) return untold('the Python index does not tell')
  const asked = report.dependencies
  const told = asked.filter(({ vulns }) => vulns)
  if (told.length < asked.length) {
    untold(`the Python index tells nothing about ${asked.length - told.length} of ${asked.length} packages`)
  } else if (!told.some(({ vulns }) => vulns.length > 0)) {
    console.log('audit: the Python index knows of no vulnerable package that is used here')
  }
  return told.flatMap(({ name, version, vulns }) =>
    vulns.map(({ id, fix_versions: fixed }) => ({
      isGrave: false,
      sentence: `${name} ${version} is used to test: ${id}, fixed in ${fixed.join(', ') || 'no version yet'}`,
    })),
  )
}

/** What a command prints as JSON; undefined when it prints none. */
function answerOf(command, args) {
  const { stdout } = spawnSync(command, args, {
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    stdio: ['ignore', 'pipe', 'ignore'],
    shell: process.platform === 'win32' && command === 'npm',
    timeout: 120_000,
  })
  try {
    return JSON.parse(stdout)
  } catch {
    return undefined
  }
}

/** Says what nobody could be asked: no faults are known then. */
function untold(sentence) {
  console.log(`audit: ${sentence}`)
  return []
}
