/** Notes that are being written, and those that they stood on when that began. */
export interface Draft {
  text: string
  base: string
}

/** Drafts outlive the tab and the run one looks at: who comes back goes on writing. They go with the page. */
const drafts = new Map<string, Draft>()

export const draftOf = (key: string): Draft | null => drafts.get(key) ?? null

export function keepDraft(key: string, draft: Draft | null): void {
  if (draft === null) drafts.delete(key)
  else drafts.set(key, draft)
}

/** Something would be lost if the page went away now. */
export const hasUnsavedDrafts = (): boolean => [...drafts.values()].some(({ text, base }) => text !== base)
