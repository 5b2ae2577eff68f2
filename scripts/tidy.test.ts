// Habits that matter are tests: what should stay true of the source text itself. A rule that is found wrong is changed
// here, in the open, with its reason; a list of exceptions may only shrink.

import assert from 'node:assert/strict'
import { builtinModules } from 'node:module'
import { dirname, matchesGlob, posix } from 'node:path'
import { test } from 'node:test'
import { pathToFileURL } from 'node:url'
import {
  isFile,
  isIgnored,
  isSource,
  isTest,
  isText,
  isThere,
  listFiles,
  listImports,
  readLines,
  readText,
  root,
} from './source-files.ts'

/** Who may import whom: each package reaches only what stands below it, and the two clients reach the rest by HTTP. */
const mayImport: Record<string, string[]> = {
  protocol: [],
  store: ['protocol'],
  // `aspara sync` and the intake read spools and send them as the client does.
  tracker: ['protocol', 'store', 'client'],
  client: ['protocol'],
  dashboard: ['protocol'],
}
/** These stand beside the packages: they may import any of them, and nobody imports from them. */
const besides = ['bench', 'conformance', 'examples', 'scripts']
/** The client stands alone, so it reads its own variables; those of proxies are every program's. */
const settingsFiles = ['tracker/config.ts', 'client/environment.ts', 'client/proxy.ts']
/** Only the table of engines names one engine; `store/engines/` and the tests of an engine are at home there. */
const engineNamers = ['store/engines/engines.ts']
/** Longer than this is read as two ideas. Listed files may stay as long as they are, not grow. */
const fileLinesMax = 400
const longFiles: Record<string, number> = {}

const files = listFiles()
const scripts = files.filter((path) => /\.(ts|tsx|mts|mjs)$/.test(path))
const pagesOfText = files.filter((path) =>
  /^(README|ARCHITECTURE|CONTRIBUTING|CHANGELOG)\.md$|^docs\/.*\.md$/.test(path),
)
const topLevel = (path: string) => path.split('/')[0]!

test('imports point one way: protocol ← store ← tracker, protocol ← client ← tracker, protocol ← dashboard', () => {
  const faults: string[] = []
  for (const { path, line, specifier, target } of importsOfOurs()) {
    const from = topLevel(path)
    if (from === target) continue
    const allowed = mayImport[from] ?? (besides.includes(from) ? Object.keys(mayImport) : undefined)
    if (allowed?.includes(target)) continue
    const reach = allowed
      ? `may import only ${allowed.join(' and ') || 'nothing of ours'}`
      : 'is no package that imports'
    faults.push(`${path}:${line} imports ${specifier}, but ${from}/ ${reach}`)
  }
  none(faults)
})

test('a package is entered by its name: relative imports stay inside', () => {
  const faults: string[] = []
  for (const { path, line, specifier, target, isRelative } of importsOfOurs()) {
    if (!isRelative || target === topLevel(path) || besides.includes(topLevel(path))) continue
    faults.push(
      `${path}:${line} imports ${specifier}, which leaves ${topLevel(path)}/: packages meet by name, @aspara/…`,
    )
  }
  none(faults)
})

test('a package imports only what its package.json names', () => {
  const faults: string[] = []
  const rootNames = namesOf('package.json')
  for (const path of scripts) {
    const manifest = `${topLevel(path)}/package.json`
    const isPackage = files.includes(manifest)
    // npm hoists, so an undeclared import works here by accident and fails where the package is installed alone.
    const named = isPackage
      ? namesOf(manifest)
      : Object.keys(mayImport).flatMap((name) => namesOf(`${name}/package.json`))
    if (!isPackage || isTest(path)) named.push(...rootNames)
    for (const { line, specifier } of listImports(path)) {
      if (/^[./]|^node:|^(data|file|https?):/.test(specifier) || builtinModules.includes(specifier)) continue
      const name = specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/')
      const isOurs = name.startsWith('@aspara/') && name.slice('@aspara/'.length) in mayImport
      if (named.includes(name) || name === `@aspara/${topLevel(path)}` || (isOurs && !isPackage)) continue
      faults.push(
        `${path}:${line} imports ${specifier}, which is not named in ${isPackage ? manifest : 'any package.json'}`,
      )
    }
  }
  none(faults)
})

test('nothing outside store/engines asks which engine it is', () => {
  const faults: string[] = []
  for (const path of scripts) {
    // A bench looks at the files of one engine from outside.
    if (path.startsWith('store/engines/') || engineNamers.includes(path) || topLevel(path) === 'bench') continue
    for (const { line, specifier, path: target } of listImports(path)) {
      const isSqlite = specifier === 'node:sqlite' || /(^|\/)engines\/(sqlite|postgres)\.ts$/.test(target ?? specifier)
      if (isSqlite && !isTest(path))
        faults.push(`${path}:${line} imports ${specifier}: only store/engines/ knows engines`)
    }
    if (topLevel(path) !== 'store' && topLevel(path) !== 'tracker') continue
    const condition = /([=!]==?|\bcase)\s*['"`](sqlite|postgres)|['"`](sqlite|postgres\w*)['"`]\s*[=!]==?/i
    faults.push(
      ...find(path, condition).map((place) => `${place} decides by the engine: let the engine state the fact`),
    )
  }
  none(faults)
})

test(`only ${settingsFiles.join(' and ')} read the environment`, () => {
  const faults: string[] = []
  for (const path of scripts) {
    const isFree = settingsFiles.includes(path) || besides.includes(topLevel(path)) || isTest(path)
    if (isFree) continue
    const reading =
      /\bprocess\s*(\?\.|\.)\s*env\b|\bprocess\s*\[|\{[^}]*\benv\b[^}]*\}\s*(=\s*process\b|from\s*['"]node:process)/
    faults.push(
      ...find(path, reading).map((place) => `${place} reads the environment: only ${settingsFiles.join(' and ')} do`),
    )
  }
  none(faults)
})

test('every path and every relative link that a document cites exists', () => {
  const faults: string[] = []
  for (const path of ['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'CHANGELOG.md']) {
    if (!pagesOfText.includes(path)) faults.push(`${path} is missing`)
  }
  const folders = new Set(files.filter((path) => path.includes('/')).map(topLevel))
  for (const path of pagesOfText) {
    for (const { line, text } of linesOutsideFences(path)) {
      for (const [, cited = ''] of text.matchAll(/`([^`\s]+)`/g)) {
        const looksLikePath = folders.has(topLevel(cited)) && cited.includes('/') && /(\/|\.\w+)$/.test(cited)
        if (looksLikePath && !isCitedThere(cited)) faults.push(`${path}:${line} cites ${cited}, which does not exist`)
      }
      for (const [, link = ''] of text.matchAll(/\]\(<?([^)\s>]+)>?[^)]*\)/g)) {
        if (/^([a-z]+:|\/)/i.test(link)) continue
        const [target = '', anchor] = link.split('#')
        const page = target === '' ? path : posix.join(dirname(path), target)
        if (!isThere(page)) faults.push(`${path}:${line} links ${link}, which does not exist`)
        else if (anchor && page.endsWith('.md') && !anchorsOf(page).includes(anchor)) {
          faults.push(`${path}:${line} links ${link}, but ${page} has no such heading`)
        }
      }
    }
  }
  none(faults)
})

test('every error code has its paragraph in docs/api/errors.md, and every paragraph its code', async () => {
  const page = 'docs/api/errors.md'
  for (const path of ['protocol/errors.ts', page]) assert.ok(isFile(path), `${path} is missing`)
  const { problems } = (await import(pathToFileURL(`${root}/protocol/errors.ts`).href)) as { problems: object }
  const lines = readLines(page)
  const faults: string[] = []
  const headings = new Map<string, number>()
  for (const [index, text] of lines.entries()) {
    const code = /^###\s+`?(\w+)`?\s*$/.exec(text)?.[1]
    if (!code) continue
    if (headings.has(code)) faults.push(`${page}:${index + 1} describes ${code} a second time`)
    headings.set(code, index + 1)
    if (!Object.hasOwn(problems, code))
      faults.push(`${page}:${index + 1} describes ${code}, which protocol/errors.ts has not`)
    const paragraph = lines.slice(index + 1).find((line) => line.trim() !== '') ?? '#'
    if (paragraph.startsWith('#')) faults.push(`${page}:${index + 1} says nothing under ${code}`)
  }
  for (const code of Object.keys(problems)) {
    const line = readLines('protocol/errors.ts').findIndex((text) => text.trimStart().startsWith(`${code}:`)) + 1
    if (!headings.has(code))
      faults.push(`protocol/errors.ts:${line} has ${code}, which has no "### ${code}" in ${page}`)
  }
  none(faults)
})

test('files are named by their idea, in kebab-case', () => {
  const faults: string[] = []
  const kebab = /^\.?[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+(-[a-z0-9]+)*)*$/
  for (const path of files) {
    for (const part of path.split('/')) {
      const isDocument = /^[A-Z][A-Z_]*(\.md)?$/.test(part)
      const isPython =
        /^[a-z0-9_]+(\.pyi?|\.typed)?$/.test(part) && files.some((file) => file === path && /\.py|typed$/.test(file))
      if (!kebab.test(part) && !isDocument && !isPython) faults.push(`${path}: "${part}" is not kebab-case`)
    }
    if (/^(utils?|helpers?|index|common|misc)\.(ts|tsx|mts|mjs|js|py)$/.test(posix.basename(path))) {
      faults.push(`${path}: name the file by its idea; a package's door bears its package's name`)
    }
  }
  none(faults)
})

test('no note to self is left in the source, and no test runs alone', () => {
  const faults: string[] = []
  for (const path of files.filter(isSource)) {
    faults.push(
      ...find(path, /(\/\/|#|\/?\*|<!--)\s*(TODO|FIXME|XXX)\b/).map((place) => `${place} leaves a note to self`),
    )
    if (!/\.test\.tsx?$/.test(path)) continue
    const alone = /\b(test|it|describe|suite|t)\.only\s*\(|\bonly:\s*true/
    faults.push(...find(path, alone).map((place) => `${place} keeps the other tests from running`))
  }
  none(faults)
})

test('no file names the host of a registry or a place on one machine', () => {
  const faults: string[] = []
  const hosts = ['registry.npmjs.org', 'registry.yarnpkg.com', 'pypi.org/simple', 'pythonhosted.org', 'deb.debian.org']
  const everywhere = new RegExp(
    `${hosts.map((host) => RegExp.escape(host)).join('|')}|/(work/(main|shared)|root)/`,
    'i',
  )
  const inDocuments = /(^|[\s`'"(=])\/(tmp|work|home)\//
  for (const path of files.filter(isText)) {
    // This list has to spell them out.
    if (path === 'scripts/tidy.test.ts') continue
    const pattern = path.endsWith('.md') ? new RegExp(`${everywhere.source}|${inDocuments.source}`, 'i') : everywhere
    faults.push(...find(path, pattern).map((place) => `${place} is true on one machine only`))
  }
  none(faults)
})

test('every file and script that an npm script names exists', () => {
  const faults: string[] = []
  const rootScripts = scriptsOf('package.json')
  for (const manifest of files.filter((path) => posix.basename(path) === 'package.json')) {
    for (const [name, command] of Object.entries(scriptsOf(manifest))) {
      for (const [, script = ''] of command.matchAll(/\bnpm run (?:-\S+ )*([\w:-]+)/g)) {
        if (!(script in rootScripts) && !(script in scriptsOf(manifest)))
          faults.push(`${manifest}: "${name}" runs ${script}, which is no script`)
      }
      for (const word of command.split(/\s+/).map((word) => word.replace(/^['"]|['"]$/g, ''))) {
        if (!/^[\w.*][^:=]*\.(ts|mjs|js|py|json)$/.test(word)) continue
        const path = posix.join(dirname(manifest), word)
        if (!files.some((file) => matchesGlob(file, path)) && !isIgnored(path))
          faults.push(`${manifest}: "${name}" names ${word}, which matches no file`)
      }
    }
  }
  none(faults)
})

test(`a source file has at most ${fileLinesMax} lines`, () => {
  const faults: string[] = []
  for (const path of files.filter((path) => isSource(path) && !isTest(path) && !/\.(css|html)$/.test(path))) {
    const lines = readText(path).trimEnd().split('\n').length
    const linesMax = longFiles[path] ?? fileLinesMax
    if (lines > linesMax) faults.push(`${path}:${linesMax + 1} goes on to line ${lines}: are there two ideas in it?`)
    if (longFiles[path] !== undefined && lines <= fileLinesMax)
      faults.push(`${path} is short now: take it off longFiles`)
  }
  for (const path of Object.keys(longFiles))
    if (!files.includes(path)) faults.push(`${path} is gone: take it off longFiles`)
  none(faults)
})

test('the lockfile resolves packages by name and version, not from a host', () => {
  assert.ok(isFile('package-lock.json'), 'package-lock.json is missing')
  none(
    find('package-lock.json', /"resolved":\s*"(?!file:)[a-z+]+:/).map((place) => `${place} names a host: see .npmrc`),
  )
})

test('the lockfile is whole on every platform, or `npm ci` refuses it', () => {
  const faults: string[] = []
  const { packages } = JSON.parse(readText('package-lock.json')) as { packages: Record<string, Locked> }
  for (const [path, { optionalDependencies = {} }] of Object.entries(packages)) {
    // npm leaves out, without a word, what the registry did not have when the lockfile was made.
    for (const name of Object.keys(optionalDependencies)) {
      if (`node_modules/${name}` in packages || `${path}/node_modules/${name}` in packages) continue
      faults.push(`package-lock.json lacks ${name}, which ${path} names: pin a version that has them all`)
    }
  }
  none(faults)
})

test('install scripts are allowed by name: without a host in the lockfile npm can check no version', () => {
  const allowScripts: Record<string, boolean> = JSON.parse(readText('package.json')).allowScripts ?? {}
  const versioned = Object.keys(allowScripts).filter((spec) => allowScripts[spec] && spec.lastIndexOf('@') > 0)
  none(
    versioned.map(
      (spec) => `package.json: allowScripts has ${spec}, so npm 12 runs no script of it: leave out the version`,
    ),
  )
})

interface Locked {
  optionalDependencies?: Record<string, string>
}

function none(faults: string[]) {
  assert.ok(faults.length === 0, `\n${faults.join('\n')}`)
}

/** The lines of a file that match, as `file:line`. */
function find(path: string, pattern: RegExp): string[] {
  return readLines(path).flatMap((text, index) => (pattern.test(text) ? [`${path}:${index + 1}`] : []))
}

/** Imports that reach a top-level folder of ours, whether by the package's name or by a relative path. */
function* importsOfOurs() {
  for (const path of scripts) {
    for (const { line, specifier, path: relative } of listImports(path)) {
      const target = relative
        ? topLevel(relative)
        : // The client is published under the product's own name.
          /^aspara(\/|$)/.test(specifier)
          ? 'client'
          : /^@aspara\/([\w-]+)/.exec(specifier)?.[1]
      // A file at the root (package.json, for its version) belongs to no package.
      if (target && (!relative || relative.includes('/')))
        yield { path, line, specifier, target, isRelative: !!relative }
    }
  }
}

function namesOf(manifest: string): string[] {
  if (!isFile(manifest)) return []
  const { dependencies, devDependencies, peerDependencies } = JSON.parse(readText(manifest))
  return Object.keys({ ...dependencies, ...devDependencies, ...peerDependencies })
}

function scriptsOf(manifest: string): Record<string, string> {
  return JSON.parse(readText(manifest)).scripts ?? {}
}

function linesOutsideFences(path: string): { line: number; text: string }[] {
  let isInside = false
  return readLines(path).flatMap((text, index) => {
    const isFence = /^\s*(```|~~~)/.test(text)
    if (isFence) isInside = !isInside
    return isFence || isInside ? [] : [{ line: index + 1, text }]
  })
}

function isCitedThere(cited: string): boolean {
  if (!/[*{]/.test(cited)) return isThere(cited)
  return files.some((file) => matchesGlob(file, cited))
}

/** The anchors of a page's headings, as the usual renderers make them. */
function anchorsOf(page: string): string[] {
  return linesOutsideFences(page).flatMap(({ text }) => {
    const heading = /^#{1,6}\s+(.*?)\s*#*$/.exec(text)?.[1]
    if (heading === undefined) return []
    return heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replace(/\s/g, '-')
  })
}
