// Runs an example of every module with hard values in all its texts, on a lab host, from inside the lab's network:
// `hard-values-on-host.ts HOST` prints a line of JSON for each.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chdir } from 'node:process'
import { asProblems } from '../../engine/base/problem.ts'
import { isLocal, type Module } from '../../engine/module/definition.ts'
import { ModuleRegistry } from '../../engine/module/registry.ts'
import type { Connection, Item, RunOptions } from '../../engine/wire/connection.ts'
import { connect, settingsFrom } from '../../engine/wire/settings.ts'
import { played } from '../gallery/world.ts'
import { allExamples, firstOf } from './example-book.ts'
import { hardened } from './hard-values.ts'
import { localFile, runOn } from './harness.ts'

export interface Tried {
  readonly at: string
  readonly value: string
  /** Whether the value was in a text that the host's shell read. */
  readonly sent: boolean
  /** It was run as a command. */
  readonly ran: boolean
  readonly said: string
}

/** A host's program that tells that it was run; the value names which trial it is. */
const PROGRAM = `printf '#!/bin/sh\\ntouch "/run/ran-$1"\\n' >/usr/local/bin/tell && chmod 755 /usr/local/bin/tell`
const values: readonly ((id: number, format: string | undefined) => string)[] = [
  (id, format) => `${format === 'path' ? '/srv/' : ''}x$(tell ${id})'$(tell ${id})'\`tell ${id}\`"$(tell ${id})"`,
  (id, format) => `${format === 'path' ? '/srv/' : ''}x; tell ${id}; '; tell ${id}\n'\ntell ${id}\n"\ntell ${id}\n" #`,
]

const [host = '', ...only] = process.argv.slice(2)
if (process.argv[1]?.endsWith('hard-values-on-host.ts')) {
  const folder = mkdtempSync(join(tmpdir(), 'tsplay-hard-'))
  const connection = connect(settingsFrom(host, (name) => (name === 'ansible_user' ? 'root' : undefined)))
  await connection.open()
  try {
    for await (const one of tried(connection, folder)) process.stdout.write(`${JSON.stringify(one)}\n`)
  } finally {
    await connection.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

async function* tried(connection: Connection, folder: string): AsyncGenerator<Tried> {
  for (const { module, example } of firstOf(await allExamples())) {
    if (example.given === undefined || example.cannotRun !== undefined) continue
    if (only.length > 0 && !only.includes(module)) continue
    const { said } = await played(host, folder, example.given, { name: 'as it is' })
    if (said !== 'ok') throw new Error(`What ${module} needs cannot be made: ${said}`)
  }
  await connection.run([{ script: PROGRAM }])
  // What names files relative to the controller's folder finds them here.
  chdir(folder)
  writeFileSync('file', 'content\n')
  const registry = new ModuleRegistry()
  const all = await hardened()
  let id = 0
  for (const value of values)
    for (const { module: title, name, at, paramsWith } of all) {
      if (only.length > 0 && !only.includes(title)) continue
      const module = await registry.load(title, [])
      // What has nothing to do with hosts; and the one whose host is gone then.
      if (isLocal(module) || title === 'reboot') continue
      const mine = ++id
      const watched = watching(connection, `tell ${mine}`)
      const params = paramsWith((format) => value(mine, format))
      const others = Object.keys(params).filter((other) => other !== name)
      let said = await outcome(module, params, watched.connection, folder)
      // What the example says otherwise, beside it.
      if (/exclude each other|not several/.test(said))
        said = await outcome(module, without(params, others, said), watched.connection, folder)
      const [reply] = await connection.run([{ script: `[ -e /run/ran-${mine} ]` }])
      yield { at, value: value(mine, undefined), sent: watched.sent(), ran: reply!.status === 0, said }
    }
}

/** What a module came to, also where it refuses its parameters. */
async function outcome(
  module: Module,
  params: Record<string, unknown>,
  connection: Connection,
  folder: string,
): Promise<string> {
  const file = join(folder, 'file')
  try {
    const { result } = await runOn(module, params, {
      connection,
      verify: false,
      controller: {
        signal: AbortSignal.timeout(20_000),
        pkiFolder: join(folder, 'pki'),
        playbookDir: folder,
        file: () => localFile(file),
        files: async () => [],
        path: async () => file,
        isFolder: async () => false,
        render: (text) => text,
        condition: () => true,
        sleep: () => Promise.reject(new Error('it waits')),
      },
    })
    return String(result.msg ?? 'done')
  } catch (thrown) {
    return asProblems(thrown)
      .map(({ message }) => message)
      .join('\n')
  }
}

/** Less what is complained of. */
function without(params: Readonly<Record<string, unknown>>, others: readonly string[], said: string) {
  const gone = others.filter((other) => other === '_raw_params' || said.includes(`"${other}"`))
  return Object.fromEntries(Object.entries(params).filter(([name]) => !gone.includes(name)))
}

/** The same connection; whether a text was in what it was given to run. */
function watching(connection: Connection, text: string): { connection: Connection; sent: () => boolean } {
  let sent = false
  const run = (items: readonly Item[], options?: RunOptions) => {
    sent ||= items.some(({ script }) => script.includes(text))
    return connection.run(items, options)
  }
  const proxy = new Proxy(connection, {
    get: (target, name) => {
      if (name === 'run') return run
      const member = Reflect.get(target, name) as unknown
      return typeof member === 'function' ? member.bind(target) : member
    },
  })
  return { connection: proxy, sent: () => sent }
}
