import { createHash } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Problems } from '../../engine/base/problem.ts'
import { checkedParameters } from '../../engine/module/checked-parameters.ts'
import type { Controller, LocalFile } from '../../engine/module/controller.ts'
import { isLocal, type Module, type Plan } from '../../engine/module/definition.ts'
import { type Ended, runModule } from '../../engine/module/life-cycle.ts'
import { HostMemory } from '../../engine/state/host-memory.ts'
import type { Become, Connection } from '../../engine/wire/connection.ts'

export interface Harness {
  readonly connection: Connection
  readonly as?: Become
  readonly checking?: boolean
  /** Default true: every real change is audited. */
  readonly verify?: boolean
  /** Kept between calls to let a dry run see what earlier tasks predicted. */
  readonly memory?: HostMemory
  readonly controller?: Partial<Controller>
}

/** Parameters as the engine checks and completes them; throws Problems. */
export function params(module: Module, given: Record<string, unknown>): never {
  const { params: checked, problems } = checkedParameters('module', module, given, {
    value: () => undefined,
    key: () => undefined,
    whole: undefined,
  })
  if (problems.length > 0) throw new Problems(problems)
  return checked as never
}

/** Runs one module on one host, outside any playbook. */
export function runOn(module: Module, given: Record<string, unknown>, harness: Harness): Promise<Ended> {
  return runModule(module, params(module, given), {
    host: harness.connection.host,
    connection: () => Promise.resolve(harness.connection),
    as: harness.as,
    memory: harness.memory ?? new HostMemory(),
    controller: controllerFor(harness),
    checking: harness.checking ?? false,
    verify: harness.verify ?? true,
  })
}

/** A module's decision about a state, without any host. */
export function planOf(module: Module, state: unknown, given: Record<string, unknown>): Plan {
  if (isLocal(module)) throw new Error('a local module has no plan')
  return (module as { plan(state: unknown, params: unknown): Plan }).plan(state, params(module, given))
}

export async function localFile(path: string): Promise<LocalFile> {
  const bytes = await readFile(path)
  const { mode } = await stat(path)
  return {
    path,
    size: bytes.length,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    mode: (mode & 0o7777).toString(8).padStart(4, '0'),
    content: () => Promise.resolve(bytes),
  }
}

function controllerFor(harness: Harness): Controller {
  const absent = (what: string) => () => {
    throw new Error(`give the harness a controller with ${what}`)
  }
  return {
    checking: harness.checking ?? false,
    host: harness.connection.host,
    connection: { kind: 'local', address: 'localhost', port: 22, user: 'root' },
    playbookDir: process.cwd(),
    signal: new AbortController().signal,
    pkiFolder: resolve('.tsplay', 'pki'),
    file: (name) => localFile(resolve(name)),
    files: absent('files'),
    path: async (name) => resolve(name),
    isFolder: async (name) => (await stat(resolve(name))).isDirectory(),
    render: absent('render'),
    condition: absent('condition'),
    variable: () => undefined,
    secret: () => undefined,
    warn: () => undefined,
    sleep: async (milliseconds) => void (await sleep(milliseconds)),
    ...harness.controller,
  }
}
