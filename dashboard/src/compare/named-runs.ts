/** Well below what a filter may have, since an address has it with every quote escaped. */
const filterCharsMost = 2_000
const namesMost = 500

/** `name in ("a", "b")`. Names have no character that needs an escape. */
export const nameFilter = (names: readonly string[]): string =>
  `name in (${names.map((name) => JSON.stringify(name)).join(', ')})`

/** Names in parts of which each can be asked for by one filter. */
export function namesInParts(names: readonly string[]): string[][] {
  const parts: string[][] = []
  let chars = 0
  for (const name of names) {
    chars += name.length + 4
    const part = parts.at(-1)
    if (part && chars <= filterCharsMost && part.length < namesMost) part.push(name)
    else {
      parts.push([name])
      chars = name.length + 4
    }
  }
  return parts
}
