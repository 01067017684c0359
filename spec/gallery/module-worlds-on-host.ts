// Plays an example of every module in failing worlds, on a lab host, from inside the lab's network:
// `module-worlds-on-host.ts HOST` prints a line of JSON for each.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stringify } from 'yaml'
import type { Event } from '../../engine/base/event.ts'
import { bookOf } from '../../engine/testing/example-runs.ts'
import type { Connection } from '../../engine/wire/connection.ts'
import { connect, settingsFrom } from '../../engine/wire/settings.ts'
import { allExamples } from '../modules/example-book.ts'
import { captured } from '../run/story.ts'

export interface ModuleOutcome {
  readonly world: string
  readonly module: string
  /** What is said of it, and what to do; `ok` when it is of no concern to the module. */
  readonly said: string
}

interface World {
  readonly name: string
  readonly vars?: Readonly<Record<string, unknown>>
  readonly environment?: Readonly<Record<string, string>>
  /** Shell texts for the host. */
  readonly begin?: string
  readonly end?: string
}

/** What a host surely has: a POSIX shell and its utilities. */
const BARE =
  'sh cat ls cp mv rm mkdir rmdir ln chmod chown stat touch head tail cut sort uniq tr wc tee env id uname date sleep printf echo test expr dirname basename readlink mktemp sed grep find xargs cksum sha256sum sha1sum md5sum base64 od df sync kill ps true false install truncate timeout mkfifo hostname'

const worlds: readonly World[] = [
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
  const first = examples.filter(({ module }, index) => examples.findIndex((one) => one.module === module) === index)
  for (const { module, example } of first) {
    if (example.given === undefined) continue
    const { said } = await played(folder, example.given, { name: 'as it is' })
    if (said !== 'ok') throw new Error(`What ${module} needs cannot be made: ${said}`)
  }
  const found: ModuleOutcome[] = []
  for (const world of worlds) {
    await shell(connection, world.begin)
    try {
      for (const { module, example } of first)
        found.push({ world: world.name, module, ...(await played(folder, example.yaml, world)) })
    } finally {
      await shell(connection, world.end)
    }
    const left = await shell(connection, 'find / -xdev -name "*.tsplay-*" 2>/dev/null || :')
    found.push({ world: world.name, module: 'half-written files', said: left.trim() || 'none' })
  }
  return found
}

async function shell(connection: Connection, script: string | undefined): Promise<string> {
  if (script === undefined) return ''
  const [reply] = await connection.run([{ script }])
  if (reply!.status !== 0) throw new Error(`${script}: ${reply!.stderr.toString()}`)
  return reply!.stdout.toString()
}

async function played(folder: string, tasks: string, world: World): Promise<{ said: string }> {
  const head = stringify({ vars: { ansible_user: 'root', ...world.vars }, environment: world.environment ?? {} })
  const play = bookOf(tasks).replace('\n', `\n${head.replace(/^/gm, '  ').trimEnd()}\n`)
  writeFileSync(join(folder, 'site.yml'), `# tsplay: allow-file unused-register, constant-condition\n${play}`)
  const { status, stdout, stderr } = await captured(folder, ['run', 'site.yml', '-i', `${host},`, '--output', 'jsonl'])
  if (status === 0) return { said: 'ok' }
  const events = stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Event)
  const failed = events.find((event) => event.event === 'result' && ['failed', 'unreachable'].includes(event.status))
  if (failed?.event !== 'result') return { said: stderr.trim() }
  const { message = String(failed.result.msg), hint } = failed.problem ?? {}
  return { said: lasting(hint === undefined ? message : `${message}\n= ${hint}`) }
}

/** Without what is another one each time. */
function lasting(text: string): string {
  return text
    .replace(/(\.tsplay-|tsplay_|\/tmp\/tmp\.)[A-Za-z0-9]{8,}/g, '$1…')
    .replace(/(clearsigned\.message\.)\w+/g, '$1…')
    .replace(/(ansible\.)[0-9a-f]{12}/g, '$1…')
    .replace(/( at )[0-9a-f]{12}\b/g, '$1…')
    .replace(/process \d+/g, 'process …')
    .replace(/\(\d+ bytes\)/g, '(… bytes)')
    .trimEnd()
}
