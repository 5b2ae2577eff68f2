import type { Project } from '@aspara/protocol/projects.ts'

export type ProjectOrder = 'activity' | 'name' | 'runs'

export interface ProjectSearch {
  /** Every word of it has to be somewhere in the names, the tags or the notes, whatever the case. */
  text: string
  /** All of these tags, exactly. */
  tags: string[]
  order: ProjectOrder
}

/** The projects that fit, in order: those heard of last, or those with most runs, come first. */
export function listProjects(projects: Project[], { text, tags, order }: ProjectSearch): Project[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean)
  return projects
    .filter((project) => tags.every((tag) => project.tags.includes(tag)))
    .filter((project) => {
      const { name, display_name, notes } = project
      const all = [name, display_name ?? '', ...project.tags, notes].join('\n').toLowerCase()
      return words.every((word) => all.includes(word))
    })
    .sort((one, other) => compare[order](one, other) || byName(one, other))
}

/** What a project is called to people. */
export const titleOf = ({ name, display_name }: Pick<Project, 'name' | 'display_name'>): string => display_name || name

/** When something last happened in it, ms since the epoch. */
export const lastActivity = ({ heard_at, created_at }: Project): number => Date.parse(heard_at ?? created_at)

const byName = (one: Project, other: Project) =>
  titleOf(one).localeCompare(titleOf(other), undefined, { numeric: true, sensitivity: 'base' })

const compare: Record<ProjectOrder, (one: Project, other: Project) => number> = {
  activity: (one, other) => lastActivity(other) - lastActivity(one),
  name: byName,
  runs: (one, other) => other.runs - one.runs,
}

/** The first line of notes that says something, without the signs of Markdown's headings and lists. */
export function firstLine(notes: string): string {
  const line = notes.split('\n').find((one) => /[\p{L}\p{N}]/u.test(one)) ?? ''
  return line
    .replace(/^\s*(#{1,6}|[-*+>])\s+/, '')
    .replace(/(\*\*|__|`)(.+?)\1/g, '$2')
    .trim()
}

/** Tags as a person types them: `baseline, lr sweep` → two. */
export const readTags = (text: string): string[] => [
  ...new Set(
    text
      .split(',')
      .map((tag) => tag.trim())
      .filter(Boolean),
  ),
]

/** Tags in an address: `baseline,lr%20sweep`. */
export const readTagList = (text: string | undefined): string[] => (text ? text.split(',').map(decodePart) : [])

export const writeTagList = (tags: string[]): string | undefined => tags.map(encodeURIComponent).join(',') || undefined

function decodePart(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    // Somebody typed it.
    return part
  }
}
