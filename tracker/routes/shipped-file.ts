import { extname } from 'node:path'

/**
 * A file that is served as it is. What is built has all of them in folders beside it (scripts/build.mjs), so that it runs
 * wherever it is put; the sources take them from where they are.
 */
export const shippedFile = (folder: 'dashboard' | 'viewers', name: string, source: () => string | URL): string | URL =>
  extname(import.meta.url) === '.js' ? new URL(`./${folder}/${name}`, import.meta.url) : source()
