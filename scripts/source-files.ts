// The repository's own text, as the tidy test reads it.

import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('..', import.meta.url))

/** Every file of the repository as it would be committed, from the root, with `/` between folders. */
export function listFiles(): string[] {
  const listed = execFileSync('git', ['ls-files', '-z', '-co', '--exclude-standard'], { cwd: root, encoding: 'utf8' })
  // What was deleted and not yet committed is still listed.
  return [...new Set(listed.split('\0'))].filter((path) => path !== '' && isFile(path)).sort()
}

export function isFile(path: string): boolean {
  const place = join(root, path)
  return existsSync(place) && statSync(place).isFile()
}

export function isThere(path: string): boolean {
  return existsSync(join(root, path))
}

/** Made from the sources, not one of them. */
export function isIgnored(path: string): boolean {
  return spawnSync('git', ['check-ignore', '--quiet', path], { cwd: root }).status === 0
}

export function readText(path: string): string {
  return readFileSync(join(root, path), 'utf8')
}

export function readLines(path: string): string[] {
  return readText(path).split('\n')
}

export function isSource(path: string): boolean {
  return /\.(ts|tsx|mts|mjs|js|py|css|html|sh)$/.test(path)
}

export function isTest(path: string): boolean {
  return /(\.test\.tsx?|(^|\/)test_[^/]*\.py)$/.test(path) || /(^|\/)testing\//.test(path)
}

/** A binary file has no lines to speak of. */
export function isText(path: string): boolean {
  return !readFileSync(join(root, path)).subarray(0, 8_000).includes(0)
}

export interface Import {
  line: number
  /** As written: `node:fs`, `@aspara/store/store.ts`, `./rollup.ts`. */
  specifier: string
  /** For a relative one, the path from the root. */
  path: string | undefined
}

// `import('…')` also stands in types; a worker is started from `new URL('…', import.meta.url)`. Type imports count.
const importing =
  /(?:\bfrom\s*|\bimport\s*\(?\s*|\brequire(?:\.resolve)?\s*\(\s*|\bimport\.meta\.resolve\s*\(\s*)(['"])([^'"\n]+)\1|\bnew URL\(\s*(['"])(\.[^'"\n]+)\3\s*,\s*import\.meta\.url/g

export function listImports(path: string): Import[] {
  const text = blankComments(readText(path))
  return [...text.matchAll(importing)].flatMap((match) => {
    const specifier = match[2] ?? match[4] ?? ''
    // The address of a page or of data is no import.
    if (match[4] && !/\.(ts|tsx|mts|mjs|js)$/.test(specifier)) return []
    return {
      line: text.slice(0, match.index).split('\n').length,
      specifier,
      path: specifier.startsWith('.') ? posix.join(dirname(path), specifier) : undefined,
    }
  })
}

/** Comments become blanks of the same length, so that line numbers stay; strings are kept whole, a `//` in one is text. */
function blankComments(text: string): string {
  const stringOrComment =
    /'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`|\/\*[\s\S]*?\*\/|(?<![:\\])\/\/[^\n]*/g
  return text.replace(stringOrComment, (found) => (found[0] === '/' ? found.replace(/[^\n]/g, ' ') : found))
}
