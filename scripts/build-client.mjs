// Makes the npm package `aspara` in build/client/: `npm pack ./build/client`. One file for Node, Deno
// and Bun (from Node 20 on), the same for `require`, a small one for browsers, declarations, no dependency.
//
//   node scripts/build-client.mjs [FOLDER]    build/client without it
import { spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

process.chdir(fileURLToPath(new URL('..', import.meta.url)))
const [folder = 'build/client'] = process.argv.slice(2)
rmSync(folder, { recursive: true, force: true })

// Declarations name each other by `.ts` as the sources do; what is installed has `.js`, and `.cjs` for `require`: by the
// ending a compiler tells which kind of module it reads.
const compiled = spawnSync('node_modules/.bin/tsc', ['-p', 'client/tsconfig.json', '--outDir', folder], {
  stdio: 'inherit',
})
if (compiled.status !== 0) throw new Error('tsc could not make the declarations of client/')
for (const file of readdirSync(folder)) {
  const text = readFileSync(`${folder}/${file}`, 'utf8')
  const naming = (extension) => text.replaceAll(/(from |import\()'(\.\/[\w-]+)\.ts'/g, `$1'$2${extension}'`)
  writeFileSync(`${folder}/${file}`, naming('.js'))
  if (!file.startsWith('browser.')) writeFileSync(`${folder}/${file.replace(/\.d\.ts$/, '.d.cts')}`, naming('.cjs'))
}

// In one file: a program that starts with fifty modules takes a quarter longer to load them.
for (const [format, file] of [
  ['esm', 'aspara.js'],
  ['cjs', 'aspara.cjs'],
]) {
  await build({
    entryPoints: ['client/aspara.ts'],
    outfile: `${folder}/${file}`,
    bundle: true,
    platform: 'node',
    format,
    target: 'node20',
    logLevel: 'warning',
  })
}

/**
 * Names that only our own classes say to each other: in browsers they are shortened as variables are, which is 4 % of the
 * file. None of them may be an option, a field of the wire, or a name of the browser's; a name that is no longer in the
 * sources is an error below.
 */
const innerNames = [
  ...['acknowledge', 'acknowledged', 'acknowledgedRow', 'advice', 'artifactsOf', 'ask', 'batchChars', 'bytesSent'],
  ...['description', 'document', 'isHeard', 'number', 'path', 'reset', 'text'],
  ...['calls', 'drain', 'heartbeatMs', 'hurry', 'isBegun', 'isDone', 'isLast', 'isNew', 'isStopped'],
  ...[
    'keepDocument',
    'keepRow',
    'keeper',
    'leave',
    'onEnd',
    'onProgress',
    'onRow',
    'onWarning',
    'pass',
    'pause',
    'peek',
  ],
  ...['position', 'refuse', 'retryAfter', 'rewind', 'rowsSent', 'seek', 'segment', 'sendLast', 'shapeOf'],
  ...['sender', 'source', 'stop', 'tell', 'tellRefused', 'transport', 'trouble', 'wake'],
  ...['goOn', 'hasSentLastWord', 'isFinishing', 'lastStep', 'lastWord', 'lossReason', 'lostReason'],
  ...[
    'refusalAdvice',
    'refusedReason',
    'refusedRows',
    'skipHint',
    'requestOf',
    'displayName',
    'lastValues',
    'skipWait',
    'storage',
    'endNow',
  ],
]
const bundle = {
  entryPoints: ['client/browser.ts'],
  outfile: `${folder}/browser.js`,
  bundle: true,
  format: 'esm',
  target: 'es2022',
  allowOverwrite: true,
}
const plain = await build({ ...bundle, write: false })
for (const name of innerNames) {
  if (!new RegExp(`\\b${name}\\b`).test(plain.outputFiles[0].text)) throw new Error(`${name} is no name of client/ now`)
}
await build({ ...bundle, minify: true, mangleProps: new RegExp(`^(${innerNames.join('|')})$`) })

const { private: _, ...manifest } = JSON.parse(readFileSync('client/package.json', 'utf8'))
const exports = {
  '.': {
    browser: { types: './browser.d.ts', default: './browser.js' },
    require: { types: './aspara.d.cts', default: './aspara.cjs' },
    types: './aspara.d.ts',
    default: './aspara.js',
  },
  './package.json': './package.json',
}
// For tools that read no `exports`.
const doors = { main: './aspara.cjs', types: './aspara.d.cts' }
writeFileSync(`${folder}/package.json`, `${JSON.stringify({ ...manifest, ...doors, exports }, null, 2)}\n`)
for (const file of ['client/README.md', 'LICENSE']) {
  if (existsSync(file)) copyFileSync(file, `${folder}/${file.split('/').at(-1)}`)
}
console.log(`The npm package is in ${folder}/: npm install ${resolve(folder)}`)
