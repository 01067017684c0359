// Something that takes long to make and is kept in the cache: built aside, renamed when whole, made again when missing.
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { endBuild } from './build.ts'
import { locked } from './lock.ts'
import { cache } from './places.ts'

export type Note = (text: string) => void

/** The folder of the artifact `kind` made from `recipe`; `make` fills an empty folder when the cache has none. */
export async function artifact(
  kind: string,
  recipe: string[],
  note: Note,
  make: (folder: string) => Promise<void>,
): Promise<string> {
  const digest = createHash('sha256').update(recipe.join('\0')).digest('hex').slice(0, 12)
  const folder = join(cache, `${kind}-${digest}`)
  if (existsSync(folder)) return folder
  return locked(join(cache, `${kind}.lock`), note, async () => {
    if (existsSync(folder)) return folder
    await endBuild(kind)
    await removeBegun(kind)
    const aside = join(cache, `${kind}.${process.pid}.part`)
    await mkdir(aside, { recursive: true })
    const begun = Date.now()
    await make(aside)
    await endBuild(kind)
    await rename(aside, folder)
    note(`made ${folder} in ${Math.round((Date.now() - begun) / 1000)} s`)
    return folder
  })
}

/** What killed runs began; the lock is ours, so nobody is at it. */
async function removeBegun(kind: string): Promise<void> {
  for (const name of await readdir(cache).catch(() => [])) {
    if (name.startsWith(`${kind}.`) && name.endsWith('.part')) {
      await rm(join(cache, name), { recursive: true, force: true })
    }
  }
}
