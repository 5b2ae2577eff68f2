/** How an artifact is shown in the page. */
export type PreviewKind = 'image' | 'text' | 'json' | 'table' | 'audio' | 'video' | 'pdf' | 'unknown'

const MiB = 2 ** 20

/** These have to be here whole before anything of them is seen; beyond, they are downloaded. Bytes. */
export const wholeFileMax: Record<Exclude<PreviewKind, 'text' | 'table' | 'unknown'>, number> = {
  image: 64 * MiB,
  // The tree of it takes some ten times as much memory.
  json: 16 * MiB,
  audio: 128 * MiB,
  video: 256 * MiB,
  pdf: 64 * MiB,
}

/** Files whose beginning is enough are read by pieces of so many bytes. */
export const pieceBytes = MiB

/** The media types that the browser is told, for the tracker gives every artifact as bytes. */
const media: Record<string, [kind: 'image' | 'audio' | 'video' | 'pdf', type: string]> = {
  png: ['image', 'image/png'],
  apng: ['image', 'image/apng'],
  jpg: ['image', 'image/jpeg'],
  jpeg: ['image', 'image/jpeg'],
  gif: ['image', 'image/gif'],
  webp: ['image', 'image/webp'],
  avif: ['image', 'image/avif'],
  bmp: ['image', 'image/bmp'],
  ico: ['image', 'image/x-icon'],
  svg: ['image', 'image/svg+xml'],
  mp3: ['audio', 'audio/mpeg'],
  wav: ['audio', 'audio/wav'],
  ogg: ['audio', 'audio/ogg'],
  oga: ['audio', 'audio/ogg'],
  opus: ['audio', 'audio/ogg'],
  flac: ['audio', 'audio/flac'],
  m4a: ['audio', 'audio/mp4'],
  aac: ['audio', 'audio/aac'],
  mp4: ['video', 'video/mp4'],
  m4v: ['video', 'video/mp4'],
  webm: ['video', 'video/webm'],
  ogv: ['video', 'video/ogg'],
  mov: ['video', 'video/quicktime'],
  pdf: ['pdf', 'application/pdf'],
}

/** Files of text, with the language that colours them; '' for none. */
const texts: Record<string, string> = {
  txt: '',
  log: '',
  out: '',
  err: '',
  rst: '',
  jsonl: 'json',
  ndjson: 'json',
  md: 'markdown',
  py: 'python',
  pyi: 'python',
  ts: 'typescript',
  tsx: 'typescript',
  js: 'javascript',
  mjs: 'javascript',
  cjs: 'javascript',
  jsx: 'javascript',
  yaml: 'yaml',
  yml: 'yaml',
  toml: 'ini',
  ini: 'ini',
  cfg: 'ini',
  conf: 'ini',
  env: 'ini',
  sh: 'bash',
  bash: 'bash',
  zsh: 'bash',
  c: 'cpp',
  h: 'cpp',
  cc: 'cpp',
  cpp: 'cpp',
  hpp: 'cpp',
  cu: 'cpp',
  cuh: 'cpp',
  rs: 'rust',
  go: 'go',
  sql: 'sql',
  xml: 'xml',
  html: 'xml',
  diff: 'diff',
  patch: 'diff',
}

const extensionOf = (name: string) => /\.([^.]+)$/.exec(name)?.[1]?.toLowerCase() ?? ''

/** By the name alone. `unknown`: its first bytes decide whether it is text. */
export function previewKind(name: string): PreviewKind {
  const extension = extensionOf(name)
  if (Object.hasOwn(media, extension)) return media[extension]![0]
  if (['json', 'ipynb', 'geojson'].includes(extension)) return 'json'
  if (['csv', 'tsv'].includes(extension)) return 'table'
  return Object.hasOwn(texts, extension) ? 'text' : 'unknown'
}

export const mediaType = (name: string): string => media[extensionOf(name)]?.[1] ?? 'application/octet-stream'

/** The language that colours a file, or undefined. */
export function languageOf(name: string): string | undefined {
  const extension = extensionOf(name)
  if (extension === 'json' || extension === 'ipynb') return 'json'
  return (Object.hasOwn(texts, extension) && texts[extension]) || undefined
}

/** Whether bytes are those of a text: UTF-8, cut off anywhere, without control characters that no text has. */
export function isText(bytes: Uint8Array): boolean {
  for (const byte of bytes) if (byte < 7 || (byte > 13 && byte < 27)) return false
  try {
    // What follows may be the rest of a letter.
    new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true })
    return true
  } catch {
    return false
  }
}

/** A PDF says so somewhere in its first 1,024 bytes (ISO 32000-1, annex H.3.4.1). */
export const isPdf = (bytes: Uint8Array): boolean =>
  new TextDecoder('latin1').decode(bytes.subarray(0, 1024)).includes('%PDF-')
