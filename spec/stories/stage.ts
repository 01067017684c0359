// Where the live stories play: a folder with the story's files, the command line inside the lab's network, and what it said.
import { type ChildProcess, spawn } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { HostRecap, Event as RunEvent } from '../../engine/base/event.ts'
import { execWords } from '../lab/exec.ts'
import { ssh } from '../lab/lab.ts'
import { home } from '../lab/places.ts'
import { writeFiles } from '../run/story.ts'

/** Hosts that no other spec file has. */
export const hosts = {
  'story-1': '192.168.1.171',
  'story-2': '192.168.1.172',
  'story-3': '192.168.1.173',
  'story-4': '192.168.1.174',
} as const

export type HostName = keyof typeof hosts

/** Words for the lab's `up`. */
export const upWords = (...names: HostName[]) => names.map((name) => `${name}=${hosts[name]}`)

export interface Saying {
  readonly status: number
  readonly stdout: string
  readonly stderr: string
  /** Both, as a person at a terminal saw them. */
  readonly all: string
}

export interface Playing {
  readonly child: ChildProcess
  readonly ended: Promise<Saying>
  /** Resolves once the output so far has this in it; rejects when it ended without. */
  said(pattern: RegExp): Promise<void>
}

export interface PlayOptions {
  readonly input?: string
  readonly env?: Readonly<Record<string, string>>
}

const root = fileURLToPath(new URL('../../', import.meta.url))
const compiled = join(root, 'dist/engine/cli/main.js')
const source = ['--conditions=tsplay-source', '--import', import.meta.resolve('tsx'), join(root, 'engine/cli/main.ts')]

/** As users run it, compiled: three times sooner up than from source, which is run when it has been changed since. */
const cli = [process.execPath, ...(isCurrent() ? [compiled] : source)]

function isCurrent(): boolean {
  const built = statSync(compiled, { throwIfNoEntry: false })?.mtimeMs ?? 0
  return ['engine', 'modules'].every((folder) =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true }).every(
      (entry) => !entry.isFile() || statSync(join(entry.parentPath, entry.name)).mtimeMs < built,
    ),
  )
}

/** A folder with files, where `tsplay` is run; `end` throws it away. */
export class Stage {
  readonly folder = mkdtempSync(join(tmpdir(), 'tsplay-live-story-'))

  constructor(files: Readonly<Record<string, string>> = {}) {
    this.write(files)
  }

  write(files: Readonly<Record<string, string>>): void {
    writeFiles(this.folder, files)
  }

  /** A home with a ~/.ssh of its own, the lab's to begin with: for HOME. */
  home(): string {
    const folder = join(this.folder, 'home')
    cpSync(join(home, '.ssh'), join(folder, '.ssh'), { recursive: true, mode: 0 })
    return folder
  }

  begin(words: readonly string[], options: PlayOptions = {}): Playing {
    const [program = '', ...rest] = execWords([...cli, ...words])
    const env: NodeJS.ProcessEnv = { ...process.env, NO_COLOR: '1', ...options.env }
    delete env['FORCE_COLOR']
    const child = spawn(program, rest, { cwd: this.folder, env, stdio: ['pipe', 'pipe', 'pipe'] })
    const said = { stdout: '', stderr: '', all: '' }
    const listeners = new Set<() => void>()
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].setEncoding('utf8').on('data', (text: string) => {
        said[name] += text
        said.all += text
        for (const tell of [...listeners]) tell()
      })
    }
    child.stdin.on('error', () => {}) // it may end without reading
    child.stdin.end(options.input ?? '')
    const ended = new Promise<Saying>((resolve, reject) => {
      child.on('error', reject)
      child.on('close', (code, signal) => resolve({ status: code ?? (signal === null ? -1 : -2), ...said }))
    })
    return {
      child,
      ended,
      said: (pattern) =>
        new Promise((resolve, reject) => {
          const look = () => {
            if (!pattern.test(said.all)) return
            listeners.delete(look)
            resolve()
          }
          listeners.add(look)
          look()
          void ended.then(() => reject(new Error(`ended without saying ${pattern}:\n${said.all}`)))
        }),
    }
  }

  play(words: readonly string[], options: PlayOptions = {}): Promise<Saying> {
    return this.begin(words, options).ended
  }

  /** Plays with --output jsonl. */
  async events(words: readonly string[], options: PlayOptions = {}): Promise<Saying & { events: RunEvent[] }> {
    const ended = await this.play([...words, '--output', 'jsonl'], options)
    const lines = ended.stdout.split('\n').filter((line) => line !== '')
    return { ...ended, events: lines.map((line) => JSON.parse(line) as RunEvent) }
  }

  end(): void {
    rmSync(this.folder, { recursive: true, force: true })
  }
}

/** An INI inventory of the story's hosts, with variables for all of them. */
export function inventory(
  vars: Readonly<Record<string, string>> = {},
  names = Object.keys(hosts) as HostName[],
): string {
  const lines = names.map((name) => `${name} ansible_host=${hosts[name]}`)
  return [...lines, '[all:vars]', ...Object.entries(vars).map(([name, value]) => `${name}=${value}`), ''].join('\n')
}

/** What a host's shell says, as root. */
export async function look(host: HostName, script: string): Promise<string> {
  const { status, stdout, stderr } = await ssh(host, [script])
  if (status !== 0) throw new Error(`on ${host}: ${script}: status ${status}: ${stderr}`)
  return stdout.trim()
}

/** `task: host status` of every result, in order. */
export function statuses(events: readonly RunEvent[]): string[] {
  return events.flatMap((event) => (event.event === 'result' ? [`${event.task}: ${event.host} ${event.status}`] : []))
}

export function recap(events: readonly RunEvent[]): Record<string, HostRecap> {
  const last = events.at(-1)
  if (last?.event !== 'recap') throw new Error('the run has no recap')
  return last.hosts
}
