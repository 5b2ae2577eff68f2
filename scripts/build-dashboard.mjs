// Builds the page into dashboard/dist/ when a source of it is newer: a tracker that runs from its sources serves it from
// there, and scripts/build.mjs takes it along. Plain JavaScript: it runs before anything else may be there.
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import { newest } from './newest.mjs'
import { packageOf } from './sbom.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const sources = ['dashboard', 'protocol', 'package-lock.json', 'scripts/build-dashboard.mjs', 'scripts/sbom.mjs']
const built = 'dashboard/dist/index.html'

process.chdir(root)
if (!existsSync(built) || sources.some((source) => newest(source) > statSync(built).mtimeMs)) await buildDashboard()

async function buildDashboard() {
  // Whoever runs a shell for development gets the page that others get.
  process.env.NODE_ENV = 'production'
  const { build } = await import('vite')
  // Aside, and in place when all of it is there: a tracker may be serving the one before.
  const folder = `build/dashboard-${process.pid}`
  // What a plugin warns of (Tailwind's of its source map) is nothing to whoever starts a tracker.
  const packages = new Set(importedStyles('dashboard/src/app.css'))
  const noting = () => [notePackages(packages)]
  await build({
    root: 'dashboard',
    logLevel: 'error',
    build: { outDir: `${root}${folder}`, emptyOutDir: true },
    plugins: noting(),
    worker: { plugins: noting },
  })
  writeFileSync(`${folder}/packages.json`, `${JSON.stringify([...packages].sort(), null, 2)}\n`)
  for (const name of readdirSync(`${folder}/assets`)) compress(`${folder}/assets/${name}`)
  rmSync('dashboard/dist', { recursive: true, force: true })
  renameSync(folder, 'dashboard/dist')
}

/** Notes whose code is in the page, for the bill of materials (scripts/build.mjs). */
function notePackages(packages) {
  return {
    name: 'note-packages',
    generateBundle(_options, bundle) {
      for (const { moduleIds = [] } of Object.values(bundle)) {
        for (const id of moduleIds) {
          const place = packageOf(id)
          if (place) packages.add(place.slice(place.indexOf('node_modules/')))
        }
      }
    },
  }
}

/** The packages that a style sheet imports: Tailwind puts them together itself, unseen by other plugins. */
function importedStyles(path) {
  const imports = readFileSync(path, 'utf8').matchAll(/^@import\s+"([^."][^"]*)"/gm)
  return Array.from(imports, ([, name]) => packageOf(`node_modules/${name}`))
}

/** Leaves `name.br` and `name.gz` beside a file, where they are worth it (tracker/routes/pages.ts serves them). */
function compress(path) {
  const bytes = readFileSync(path)
  // Fonts and pictures are compressed in themselves.
  if (bytes.length < 1024 || !['.js', '.css', '.svg'].includes(extname(path))) return
  const params = { [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length }
  writeFileSync(`${path}.br`, brotliCompressSync(bytes, { params }))
  writeFileSync(`${path}.gz`, gzipSync(bytes, { level: 9 }))
}
