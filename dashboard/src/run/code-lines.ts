/** A piece of a line of code, with what it is to highlight.js: `keyword`, `string`, `title.function`; '' for nothing. */
export interface CodePiece {
  text: string
  scope: string
}

const entities: Record<string, string> = { '&amp;': '&', '&lt;': '<', '&gt;': '>', '&quot;': '"', '&#x27;': "'" }

/**
 * What highlight.js answers, line by line, so that a list can draw those that are seen: a string or a comment that goes over
 * several lines is one in each of them. Its HTML is only ever `<span class="…">`, `</span>` and text with five entities, and
 * is read as such: nothing of a file becomes part of the page but as text.
 */
export function codeLines(html: string): CodePiece[][] {
  const lines: CodePiece[][] = [[]]
  const scopes: string[] = []
  for (const [token, className] of html.matchAll(/<span class="([^"]*)">|<\/span>|[^<]+/g)) {
    if (className !== undefined) {
      scopes.push(scopeOf(className))
    } else if (token === '</span>') {
      scopes.pop()
    } else {
      const text = token.replace(/&(?:amp|lt|gt|quot|#x27);/g, (entity) => entities[entity]!)
      const scope = scopes.findLast((one) => one !== '') ?? ''
      for (const [at, part] of text.split('\n').entries()) {
        if (at > 0) lines.push([])
        if (part !== '') lines.at(-1)!.push({ text: part, scope })
      }
    }
  }
  return lines
}

/** `hljs-title function_` → `title.function`. */
const scopeOf = (className: string): string =>
  className
    .split(' ')
    .map((part) => part.replace(/^hljs-/, '').replace(/_+$/, ''))
    .join('.')

/** Text without a language, in the same form. A carriage return at the end of a line belongs to its break. */
export const plainLines = (text: string): CodePiece[][] =>
  text.split('\n').map((line) => {
    const shown = line.endsWith('\r') ? line.slice(0, -1) : line
    return shown === '' ? [] : [{ text: shown, scope: '' }]
  })

/** The letters of a progress bar that was drawn over and over are one line of text: what its last state was is shown. */
export const withoutTerminal = (text: string): string =>
  text
    // biome-ignore lint/suspicious/noControlCharactersInRegex: ESC begins what a terminal takes as colours and moves (ECMA-48)
    .replace(/\u001b\[[0-9;?]*[ -/]*[@-~]/g, '')
    .split('\n')
    .map(lastDrawn)
    .join('\n')

// No pattern: it would begin again at each letter of a line of a megabyte.
function lastDrawn(line: string): string {
  const end = line.endsWith('\r') ? line.length - 1 : line.length
  return end === 0 ? line : line.slice(line.lastIndexOf('\r', end - 1) + 1)
}
