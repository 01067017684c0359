// The base root file system that every host is an overlay on.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { artifact, type Note } from './artifact.ts'
import { build } from './build.ts'
import { here } from './places.ts'
import { sources } from './sources.ts'

/** The folder of the base root file system, made when the cache has none (about a minute). */
export async function base(note: Note): Promise<string> {
  const script = join(here, 'base.sh')
  const { release, list } = await sources()
  const mirror = list.find((source) => source.suite === release)
  return artifact('base', [await readFile(script, 'utf8'), release], note, async (folder) => {
    note(`making the hosts' base system (${release}), once: about a minute`)
    await build('base', ['bash', script, folder, release, mirror?.uri ?? ''])
  })
}
