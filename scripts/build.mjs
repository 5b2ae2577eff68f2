// Bundles the tracker into tracker/dist/ when a source is newer. Plain JavaScript: it runs before anything else may be there.
//
// The sources run as they are (`node tracker/command/aspara.ts`). What users start is bundled because of memory: each of
// three threads would load some hundred small modules, and take 60 MB more for it (bench/README.md). It also starts in half
// of the time, so the tests that npm runs start it as well (scripts/test.env).
import { copyFileSync, cpSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import './build-dashboard.mjs'
import { newest } from './newest.mjs'
import { billOfMaterials, packageOf } from './sbom.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
// The page is built by now, if a source of it was newer.
const page = 'dashboard/dist/index.html'
const sources = [
  'client',
  'protocol',
  'store',
  'tracker',
  page,
  'package-lock.json',
  'scripts/build.mjs',
  'scripts/sbom.mjs',
]
const built = 'tracker/dist/aspara.js'
/** The bill of materials, in CycloneDX. */
const bill = 'tracker/dist/sbom.cdx.json'

process.chdir(root)
if (!existsSync(built) || sources.some((source) => newest(source) > statSync(built).mtimeMs)) await build()

async function build() {
  const { build } = await import('esbuild')
  rmSync('tracker/dist', { recursive: true, force: true })
  const { metafile } = await build({
    entryPoints: [
      { in: 'tracker/command/aspara.ts', out: 'command' },
      ...['writer', 'reader', 'compactor'].map((name) => ({
        in: `store/threads/${name}-thread.ts`,
        out: `${name}-thread`,
      })),
      { in: 'tracker/body/body-thread.ts', out: 'body-thread' },
    ],
    outdir: 'tracker/dist',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    // Short names are 5 MB less in three threads; `node --enable-source-maps` brings the long ones back into a stack.
    minify: true,
    sourcemap: 'linked',
    sourcesContent: false,
    metafile: true,
    // What CommonJS packages expect around them.
    banner: {
      js: [
        "import { createRequire as bundleRequire } from 'node:module'",
        "import { dirname as bundleDirname } from 'node:path'",
        "import { fileURLToPath as bundlePath } from 'node:url'",
        'const require = bundleRequire(import.meta.url)',
        'const __filename = bundlePath(import.meta.url)',
        'const __dirname = bundleDirname(__filename)',
      ].join('\n'),
    },
    logLevel: 'warning',
  })
  // The door: a Node that is too old must not read the bundle.
  copyFileSync('tracker/bin/node-version.js', 'tracker/dist/node-version.js')
  writeFileSync(built, "#!/usr/bin/env node\nimport './node-version.js'\n\nawait import('./command.js')\n")
  // What is served as it is goes beside it (tracker/routes/shipped-file.ts): the folder runs wherever it is put.
  const packages = createRequire(import.meta.url)
  const viewers = [
    '@fastify/swagger-ui/static/swagger-ui.css',
    '@fastify/swagger-ui/static/swagger-ui-bundle.js',
    'redoc/bundles/redoc.standalone.js',
  ]
  mkdirSync('tracker/dist/viewers')
  for (const file of viewers) copyFileSync(packages.resolve(file), `tracker/dist/viewers/${basename(file)}`)
  cpSync('dashboard/dist', 'tracker/dist/dashboard', {
    recursive: true,
    filter: (path) => basename(path) !== 'packages.json',
  })
  writeBill(
    Object.values(metafile.outputs).flatMap(({ inputs }) => Object.keys(inputs)),
    viewers,
  )
}

/** What others have made of what is shipped: in the bundle, in the page, and beside them. */
function writeBill(bundled, viewers) {
  const inBundle = bundled.map(packageOf).filter((place) => place !== undefined)
  const inPage = JSON.parse(readFileSync('dashboard/dist/packages.json', 'utf8'))
  const beside = viewers.map((file) => packageOf(`node_modules/${file}`))
  const { name, version, description } = JSON.parse(readFileSync('tracker/package.json', 'utf8'))
  writeFileSync(bill, billOfMaterials({ name, version, description, packages: [...inBundle, ...inPage, ...beside] }))
}
