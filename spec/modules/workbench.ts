import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { stat as lookAt, readdir, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Problem } from '../../engine/base/problem.ts'
import type { Result } from '../../engine/base/result.ts'
import { checkedParameters } from '../../engine/module/checked-parameters.ts'
import type { Controller, LocalFile } from '../../engine/module/controller.ts'
import type { Module } from '../../engine/module/definition.ts'
import { type Ended, runModule } from '../../engine/module/life-cycle.ts'
import { HostMemory } from '../../engine/state/host-memory.ts'
import { LocalConnection } from '../../engine/wire/local.ts'
import add_host from '../../modules/add_host.ts'
import archive from '../../modules/archive.ts'
import assemble from '../../modules/assemble.ts'
import assert from '../../modules/assert.ts'
import blockinfile from '../../modules/blockinfile.ts'
import command from '../../modules/command.ts'
import copy from '../../modules/copy.ts'
import cron from '../../modules/cron.ts'
import fail from '../../modules/fail.ts'
import fetch from '../../modules/fetch.ts'
import file from '../../modules/file.ts'
import find from '../../modules/find.ts'
import get_url from '../../modules/get_url.ts'
import getent from '../../modules/getent.ts'
import git from '../../modules/git.ts'
import group_by from '../../modules/group_by.ts'
import include_vars from '../../modules/include_vars.ts'
import ini_file from '../../modules/ini_file.ts'
import lineinfile from '../../modules/lineinfile.ts'
import pause from '../../modules/pause.ts'
import ping from '../../modules/ping.ts'
import raw from '../../modules/raw.ts'
import replace from '../../modules/replace.ts'
import script from '../../modules/script.ts'
import set_fact from '../../modules/set_fact.ts'
import set_stats from '../../modules/set_stats.ts'
import shell from '../../modules/shell.ts'
import slurp from '../../modules/slurp.ts'
import stat from '../../modules/stat.ts'
import tempfile from '../../modules/tempfile.ts'
import template from '../../modules/template.ts'
import unarchive from '../../modules/unarchive.ts'
import uri from '../../modules/uri.ts'
import wait_for from '../../modules/wait_for.ts'
import wait_for_connection from '../../modules/wait_for_connection.ts'
import yum_repository from '../../modules/yum_repository.ts'

export interface WorkbenchOptions {
  /** Variables that `render` fills in as {{name}}, and `variable` gives. */
  readonly variables?: Readonly<Record<string, unknown>>
}

/** Runs modules on this machine, in a folder of its own, as a playbook's tasks would. */
export class Workbench {
  readonly folder = mkdtempSync(join(tmpdir(), 'tsplay-spec-'))
  readonly connection = new LocalConnection('here')
  /** Predictions of a dry run stay from task to task. */
  memory = new HostMemory()
  readonly variables: Record<string, unknown>
  readonly secrets: string[] = []
  readonly warnings: string[] = []
  readonly asked: string[] = []
  slept = 0
  answer: string | undefined

  constructor(options: WorkbenchOptions = {}) {
    this.variables = { ...options.variables }
  }

  path(...parts: string[]): string {
    return join(this.folder, ...parts)
  }

  read(...parts: string[]): string {
    return readFileSync(this.path(...parts), 'utf8')
  }

  gone(path: string): boolean {
    return statSync(path, { throwIfNoEntry: false }) === undefined
  }

  mode(...parts: string[]): string {
    return (statSync(this.path(...parts)).mode & 0o7777).toString(8).padStart(4, '0')
  }

  /** Does it, looks again, and asks that predictions were true. */
  async apply(name: string, given: Record<string, unknown>): Promise<Ended> {
    this.memory = new HostMemory()
    return this.run(name, given, false)
  }

  async check(name: string, given: Record<string, unknown>): Promise<Ended> {
    return this.run(name, given, true)
  }

  /** The result of a run that a second one must find done. */
  async settle(name: string, given: Record<string, unknown>): Promise<Result> {
    const planned = await this.freshCheck(name, given)
    const first = (await this.apply(name, given)).result
    if (planned.changed !== first.changed)
      throw new Error(`the dry run said changed=${planned.changed}, the run ${first.changed}`)
    const again = (await this.apply(name, given)).result
    if (again.changed) throw new Error(`run again, ${name} changes something: ${JSON.stringify(again.diff)}`)
    return first
  }

  async freshCheck(name: string, given: Record<string, unknown>): Promise<Result> {
    this.memory = new HostMemory()
    const { result } = await this.run(name, given, true)
    this.memory = new HostMemory()
    return result
  }

  async run(name: string, given: Record<string, unknown>, checking: boolean): Promise<Ended> {
    const module = modules[name]!
    const { params, problems } = checkedParameters(name, module, given, {
      value: () => undefined,
      key: () => undefined,
      whole: undefined,
    })
    if (problems[0]) throw problems[0]
    return runModule(module, params, {
      host: 'here',
      connection: async () => this.connection,
      memory: this.memory,
      controller: this.controller(checking),
      checking,
      verify: !checking,
    })
  }

  async close(): Promise<void> {
    await this.connection.close()
    rmSync(this.folder, { recursive: true, force: true })
  }

  controller(checking: boolean): Controller {
    const file = (name: string) => localFile(this.path('controller', name))
    return {
      checking,
      host: 'here',
      connection: { kind: 'local', address: '127.0.0.1', port: 22, user: 'root' },
      playbookDir: this.path('controller'),
      signal: new AbortController().signal,
      pkiFolder: this.path('pki'),
      file: (name) => file(name),
      files: async (folder) => {
        const root = this.path('controller', folder)
        const names = (await readdir(root, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile())
        return Promise.all(
          names.map(async (entry) => {
            const path = join(entry.parentPath, entry.name)
            return { ...(await localFile(path)), relative: path.slice(join(root, '/').length) }
          }),
        )
      },
      path: async (name) => this.path('controller', name),
      isFolder: async (name) =>
        statSync(this.path('controller', name), { throwIfNoEntry: false })?.isDirectory() ?? false,
      render: (text) => text.replace(/\{\{(\w+)\}\}/g, (_, name: string) => String(this.variables[name])),
      condition: (text) => {
        const value = this.variables[String(text)]
        if (value === undefined) throw new Problem('expression', `no variable ${String(text)}`)
        return Boolean(value)
      },
      variable: (name) => this.variables[name],
      secret: (text) => void this.secrets.push(text),
      warn: (message) => void this.warnings.push(message),
      sleep: async (milliseconds) => {
        this.slept += milliseconds
      },
      ask: async (question) => {
        this.asked.push(question)
        return this.answer ?? ''
      },
    }
  }
}

const modules: Readonly<Record<string, Module>> = {
  archive,
  assemble,
  add_host,
  assert,
  blockinfile,
  command,
  copy,
  cron,
  fail,
  fetch,
  file,
  find,
  get_url,
  getent,
  git,
  group_by,
  include_vars,
  ini_file,
  lineinfile,
  pause,
  replace,
  ping,
  raw,
  script,
  set_fact,
  set_stats,
  shell,
  slurp,
  stat,
  tempfile,
  template,
  unarchive,
  uri,
  wait_for_connection,
  wait_for,
  yum_repository,
}

/** The message of what a call throws. */
export async function problemOf(work: Promise<unknown>): Promise<Problem> {
  try {
    await work
  } catch (thrown) {
    if (thrown instanceof Problem) return thrown
    throw thrown
  }
  throw new Error('nothing was thrown')
}

async function localFile(path: string): Promise<LocalFile> {
  const there = await lookAt(path).catch(() => undefined)
  if (!there) throw new Problem('file-missing', `There is no file ${path}.`)
  const bytes = await readFile(path)
  return {
    path,
    size: bytes.length,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    mode: (there.mode & 0o7777).toString(8).padStart(4, '0'),
    content: async () => bytes,
  }
}
