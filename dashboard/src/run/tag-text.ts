/** The tags with those of a text added, commas between them; none is there twice. */
export function addTags(tags: readonly string[], text: string): string[] {
  const added = text
    .split(',')
    .map((tag) => tag.trim())
    .filter((tag) => tag !== '')
  return [...new Set([...tags, ...added])]
}
