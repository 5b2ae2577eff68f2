import { realpathSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'

const segmentBytesMax = 255
/** Names that Windows gives to devices, whatever follows their first dot. */
const devices = /^(con|prn|aux|nul|com\d|lpt\d)(\..*)?$/i
const isWindows = process.platform === 'win32'

/**
 * The place of a name that comes from outside, below a folder; `/` makes folders of it.
 * @throws Error with a sentence for a name that would lead elsewhere: an absolute one, one with `..`, one through a link
 * that is there already
 */
export function pathBelow(folder: string, name: string): string {
  const quoted = JSON.stringify(name)
  const fault = faultOf(name)
  if (fault) throw new Error(`its name ${quoted} ${fault}`)
  const target = join(folder, ...name.split('/'))
  const parent = realOf(dirname(target))
  const way = relative(realOf(folder), parent)
  if (way === '..' || way.startsWith(`..${sep}`)) {
    throw new Error(`its name ${quoted} leads through a link to ${parent}, which is outside ${folder}`)
  }
  return target
}

function faultOf(name: string): string | undefined {
  if (name === '') return 'is empty'
  if (name.startsWith('/') || name.includes('\\') || /^[A-Za-z]:/.test(name)) return 'is a path of its own'
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  if (/[\x00-\x1f\x7f-\x9f]/.test(name) || !name.isWellFormed()) return 'has control characters'
  for (const segment of name.split('/')) {
    if (segment === '' || segment === '.' || segment === '..') return 'leads to another folder'
    if (Buffer.byteLength(segment) > segmentBytesMax) return `has more than ${segmentBytesMax} bytes`
    if (isWindows && (devices.test(segment) || /[<>:"|?*]|[. ]$/.test(segment))) return 'is none that Windows takes'
  }
  return undefined
}

/** Where a folder really is; what is not there yet will be made in what is. */
function realOf(folder: string): string {
  try {
    return realpathSync(folder)
  } catch (error) {
    const parent = dirname(folder)
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || parent === folder) throw error
    return join(realOf(parent), folder.slice(parent.length))
  }
}
