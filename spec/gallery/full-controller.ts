import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Told } from '../modules/example-book.ts'
import { endFolders, fillFolders, fullFolders } from './full-file-system.ts'
import type { ModuleOutcome } from './module-worlds-on-host.ts'
import { played, ran, writeBook } from './world.ts'

/** What the examples bring to the controller, or keep there, when nothing more can be written there. */
export async function fullController(host: string, examples: readonly Told[]): Promise<ModuleOutcome[]> {
  const found: ModuleOutcome[] = []
  const folder = mkdtempSync(join(tmpdir(), 'tsplay-worlds-'))
  const folders = [folder, '/tmp/tsplay-fetched', '/tmp/tsplay-notes']
  const here = (script: string) => execFileSync('sh', ['-c', script], { encoding: 'utf8' })
  const look = `find ${folders.join(' ')} -type f ! -name site.yml -exec sha256sum {} + | sort`
  for (const { module, example } of examples) {
    if (!['cert', 'fetch', 'keypair', 'kubeconfig', 'synchronize'].includes(module)) continue
    here(fullFolders(folders))
    try {
      // So that the name is there, however little room is left.
      const before = '- shell: rm -rf /etc/example* /srv/notes'
      const given = await played(host, folder, `${before}\n${example.given ?? ''}`, { name: 'as it is' })
      if (given.said !== 'ok') throw new Error(`What ${module} needs cannot be made: ${given.said}`)
      const write = (tasks: string) => writeBook(folder, tasks, { name: 'no space on the controller' })
      write(example.yaml)
      here(fillFolders(folders))
      const start = here(look)
      const { said } = await ran(host, folder)
      if (said === 'ok') continue
      const left = start === here(look) ? {} : { left: `${start}→\n${here(look)}` }
      found.push({ world: 'no space on the controller', module, said, ...left })
    } finally {
      here(endFolders(folders))
      here(`mkdir -p ${folder}`)
    }
  }
  rmSync(folder, { recursive: true })
  return found
}
