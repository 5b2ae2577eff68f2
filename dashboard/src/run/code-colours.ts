import type { LanguageFn } from 'highlight.js'
import hljs from 'highlight.js/lib/core'
import { type CodePiece, codeLines, plainLines } from './code-lines.ts'

/** Each comes when a file in it is looked at. */
const languages: Record<string, () => Promise<{ default: LanguageFn }>> = {
  bash: () => import('highlight.js/lib/languages/bash'),
  cpp: () => import('highlight.js/lib/languages/cpp'),
  diff: () => import('highlight.js/lib/languages/diff'),
  go: () => import('highlight.js/lib/languages/go'),
  ini: () => import('highlight.js/lib/languages/ini'),
  javascript: () => import('highlight.js/lib/languages/javascript'),
  json: () => import('highlight.js/lib/languages/json'),
  markdown: () => import('highlight.js/lib/languages/markdown'),
  python: () => import('highlight.js/lib/languages/python'),
  rust: () => import('highlight.js/lib/languages/rust'),
  sql: () => import('highlight.js/lib/languages/sql'),
  typescript: () => import('highlight.js/lib/languages/typescript'),
  xml: () => import('highlight.js/lib/languages/xml'),
  yaml: () => import('highlight.js/lib/languages/yaml'),
}

/** The lines of code with what is a keyword, a string, a comment; plain when the language is not among ours. */
export async function colourCode(text: string, language: string): Promise<CodePiece[][]> {
  const load = languages[language]
  if (!load) return plainLines(text)
  if (!hljs.getLanguage(language)) hljs.registerLanguage(language, (await load()).default)
  return codeLines(hljs.highlight(text.replaceAll('\r\n', '\n'), { language, ignoreIllegals: true }).value)
}
