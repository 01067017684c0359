// Plays an example of every module in failing worlds, on a lab host, from inside the lab's network:
// `module-worlds-on-host.ts HOST` prints a line of JSON for each.
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Connection } from '../../engine/wire/connection.ts'
import { connect, settingsFrom } from '../../engine/wire/settings.ts'
import { allExamples, firstOf } from '../modules/example-book.ts'
import { fullController } from './full-controller.ts'
import { beginFull, endFull, fill, written } from './full-file-system.ts'
import { played, type World } from './world.ts'

export interface ModuleOutcome {
  readonly world: string
  readonly module: string
  /** What is said of it, and what to do; `ok` when it is of no concern to the module. */
  readonly said: string
  /** What of files and links is not as it was, though it failed. */
  readonly left?: string
}

/** What a host surely has: a POSIX shell and its utilities. */
const BARE =
  'sh cat ls cp mv rm mkdir rmdir ln chmod chown stat touch head tail cut sort uniq tr wc tee env id uname date sleep printf echo test expr dirname basename readlink mktemp sed grep find xargs cksum sha256sum sha1sum md5sum base64 od df sync kill ps true false install truncate timeout mkfifo hostname'

const worlds: readonly World[] = [
  // The first: nothing is done yet, and what is done here goes with it.
  { name: 'no space', begin: beginFull, before: fill, look: written, end: endFull },
  { name: 'rights', vars: { ansible_user: 'deploy' } },
  { name: 'read-only', begin: 'mount -o remount,ro,bind /', end: 'mount -o remount,rw,bind /' },
  // The last: much of it is done there.
  {
    name: 'tools',
    environment: { PATH: '/srv/bare' },
    begin: `mkdir -p /srv/bare; for t in ${BARE}; do p=$(command -v $t) && case $p in /*) ln -sf "$p" /srv/bare/$t ;; esac; done`,
    end: 'rm -r /srv/bare',
  },
]

const LEFT = `find / \\( -path /proc -o -path /sys \\) -prune -o -name '*.tsplay-*' -print 2>/dev/null || :`

const [host = '', ...only] = process.argv.slice(2)
if (process.argv[1]?.endsWith('module-worlds-on-host.ts')) {
  const connection = connect(settingsFrom(host, (name) => (name === 'ansible_user' ? 'root' : undefined)))
  await connection.open()
  const folder = mkdtempSync(join(tmpdir(), 'tsplay-worlds-'))
  try {
    for (const outcome of await outcomes(connection, folder)) process.stdout.write(`${JSON.stringify(outcome)}\n`)
  } finally {
    await connection.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

async function outcomes(connection: Connection, folder: string): Promise<ModuleOutcome[]> {
  const examples = (await allExamples()).filter(
    ({ module, example }) => example.cannotRun === undefined && (only.length === 0 || only.includes(module)),
  )
  // Not what one of the others has made for itself already.
  const begun = firstOf(examples)
  const needed = new Set(begun.map(({ example }) => example.given?.trim()))
  const first = firstOf(examples.filter(({ example }) => !needed.has(example.yaml.trim())))
  for (const { module, example } of first) {
    if (example.given === undefined) continue
    const { said } = await played(host, folder, example.given, { name: 'as it is' })
    if (said !== 'ok') throw new Error(`What ${module} needs cannot be made: ${said}`)
  }
  const found: ModuleOutcome[] = []
  for (const world of worlds) {
    // What the controller keeps is of this world alone.
    const apart = mkdtempSync(join(tmpdir(), 'tsplay-worlds-'))
    cpSync(folder, apart, { recursive: true })
    await shell(connection, world.begin)
    try {
      for (const { module, example } of first) {
        await shell(connection, world.before)
        const before = await shell(connection, world.look)
        const { said } = await played(host, apart, example.yaml, world)
        const after = await shell(connection, world.look)
        const left = said === 'ok' || before === after ? {} : { left: `${before}→\n${after}` }
        found.push({ world: world.name, module, said, ...left })
      }
      found.push({
        world: world.name,
        module: 'half-written files',
        said: (await shell(connection, LEFT)).trim() || 'none',
      })
    } finally {
      await shell(connection, world.end)
      rmSync(apart, { recursive: true })
    }
  }
  return [...found, ...(await fullController(host, examples))]
}

async function shell(connection: Connection, script: string | undefined): Promise<string> {
  if (script === undefined) return ''
  const [reply] = await connection.run([{ script }])
  if (reply!.status !== 0) throw new Error(`${script}: ${reply!.stderr.toString()}`)
  return reply!.stdout.toString()
}
