import { readdirSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { suggest } from '../base/suggest.ts'

/** What to do about a file that is in none of the folders: the name that was meant, or where it was looked for. */
export function missingFileHint(name: string, folders: readonly string[], shown: (path: string) => string): string {
  const beside = folders.flatMap((folder) => filesIn(join(folder, dirname(name))))
  const stem = basename(name)
  const handlebars = stem.replace(/\.j2$/, '.hbs')
  const near = handlebars !== stem && beside.includes(handlebars) ? handlebars : suggest(stem, beside)
  if (near !== undefined) return `Did you mean "${join(dirname(name), near)}"?`
  return `Looked in: ${folders.map(shown).join(', ')}.`
}

function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    // Most of the folders that are looked in are not there.
    return []
  }
}
