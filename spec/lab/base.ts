// The base root file system that every host is an overlay on.
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { artifact, type Note } from './artifact.ts'
import { build } from './build.ts'
import { gateway, here } from './places.ts'
import { sources } from './sources.ts'

/**
 * The folder of the base root file system, made when the cache has none (about a minute). `asked`: a Debian release other
 * than the usual one.
 */
export async function base(note: Note, asked?: string): Promise<string> {
  const script = join(here, 'base.sh')
  const { release, list } = await sources(asked)
  const mirror = list.find((source) => source.suite === release)
  return artifact(
    asked === undefined ? 'base' : `base-${asked}`,
    [await readFile(script, 'utf8'), release],
    note,
    async (folder) => {
      note(`making the hosts' base system (${release}), once: about a minute`)
      await build('base', ['bash', script, folder, release, mirror?.uri ?? ''])
      if (asked === undefined) return
      await writeFile(join(folder, 'etc/apt/sources.list'), `deb [trusted=yes] http://${gateway}/${asked} ./\n`)
    },
  )
}
