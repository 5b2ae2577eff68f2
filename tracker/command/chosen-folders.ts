import { statSync } from 'node:fs'
import { SettingError, spoolFolders } from '../config.ts'

/** The folders whose spools a command is about: the one that was named, else those that clients use by themselves. */
export function chosenFolders(named: string | undefined): string[] {
  if (named === undefined) return spoolFolders()
  if (!statSync(named, { throwIfNoEntry: false })?.isDirectory()) throw new SettingError(`${named} is not a folder`)
  return [named]
}
