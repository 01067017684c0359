import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect } from 'chai'
import type { HostRecap, Event as RunEvent } from '../../engine/base/event.ts'

/** Four hosts that are all this machine. */
export const fourHosts = `all:
  vars: {ansible_connection: local}
  children:
    web: {hosts: {h1: {}, h2: {}}}
    db: {hosts: {h3: {}, h4: {}}}
`

export interface Told {
  /** The playbook, site.yml. */
  readonly book: string
  /** Further files, by their paths. */
  readonly files?: Readonly<Record<string, string>>
  /** Further words of the command line. */
  readonly words?: readonly string[]
}

export interface Ending {
  readonly status: number
  readonly stdout: string
  readonly stderr: string
  readonly events: readonly RunEvent[]
}

/** Runs words of the command line in this process, in a new folder with these files. */
export async function tsplay(
  files: Readonly<Record<string, string>>,
  words: readonly string[],
  look?: (folder: string) => void,
): Promise<Omit<Ending, 'events'>> {
  const folder = mkdtempSync(join(tmpdir(), 'tsplay-story-'))
  writeFiles(folder, files)
  try {
    const said = await captured(folder, words)
    look?.(folder)
    return said
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Runs words of the command line in this process, in this folder, which is called . in what it says. */
export async function captured(folder: string, words: readonly string[]): Promise<Omit<Ending, 'events'>> {
  // Loaded as the program loads it: a spec file's own imports may be another copy of the same modules.
  const { main } = await import('../../engine/cli/commands.ts')
  const before = process.cwd()
  const said = { stdout: '', stderr: '' }
  const write = { stdout: process.stdout.write, stderr: process.stderr.write }
  const listeners = process.stdout.listeners('error')
  try {
    process.chdir(folder)
    for (const name of ['stdout', 'stderr'] as const) {
      process[name].write = ((text: string | Uint8Array, ...rest: unknown[]) => {
        said[name] += typeof text === 'string' ? text : Buffer.from(text).toString()
        for (const done of rest) if (typeof done === 'function') done()
        return true
      }) as typeof process.stdout.write
    }
    const status = await main(words)
    return { status, stdout: said.stdout.replaceAll(folder, '.'), stderr: said.stderr.replaceAll(folder, '.') }
  } finally {
    process.stdout.write = write.stdout
    process.stderr.write = write.stderr
    for (const listener of process.stdout.listeners('error')) {
      if (!listeners.includes(listener)) process.stdout.off('error', listener as () => void)
    }
    process.chdir(before)
  }
}

export function writeFiles(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    const path = join(folder, name)
    mkdirSync(dirname(path), { recursive: true })
    // a program: an inventory, a fact
    writeFileSync(path, text, { mode: text.startsWith('#!') ? 0o755 : 0o644 })
  }
}

/** Plays a story twice, looking ahead and not, holds that it tells the same both times, and gives what it told. */
export async function play(told: Told): Promise<Ending> {
  const ahead = await playOnce(told, [])
  const alone = await playOnce(told, ['--no-look-ahead'])
  expect(lasting(alone.events), 'without looking ahead').to.deep.equal(lasting(ahead.events))
  expect(alone.status).to.equal(ahead.status)
  return ahead
}

export async function playOnce(told: Told, more: readonly string[]): Promise<Ending> {
  const files = { 'inventory.yml': fourHosts, ...told.files, 'site.yml': told.book }
  const words = ['run', 'site.yml', '-i', 'inventory.yml', '--output', 'jsonl', ...(told.words ?? []), ...more]
  const ended = await tsplay(files, words)
  return { ...ended, events: eventsIn(ended.stdout) }
}

/** The events that `--output jsonl` printed. */
export function eventsIn(stdout: string): RunEvent[] {
  return stdout
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as RunEvent)
}

/** Events without what differs from run to run: times, round trips, the order in which equal hosts come back. */
export function lasting(events: readonly RunEvent[]): string[] {
  const passing = new Set([
    'duration_ms',
    'round_trips',
    'peak_rss_mb',
    'start',
    'end',
    'stop',
    'ansible_job_id',
    'results_file',
    'delta',
    'pid',
    'mtime',
    'ctime',
    'atime',
    'inode',
    // The file system's count of how often the inode was used.
    'version',
    'dev',
  ])
  return events
    .map((event) =>
      JSON.stringify(event, (key, value: unknown) =>
        passing.has(key) || (key === 'label' && String(value).includes('"start"')) ? undefined : value,
      ),
    )
    .sort()
}

/** The tasks in their order, each with its hosts: `one: h1 ok, h2 changed`. Includes are left out, as Ansible does. */
export function trace(events: readonly RunEvent[]): string[] {
  const tasks = new Map<number, { name: string; hosts: string[] }>()
  for (const event of events) {
    if (event.event === 'task_start' && !['include_tasks', 'include_role'].includes(event.action)) {
      tasks.set(event.id, { name: event.task, hosts: [] })
    }
    if (event.event === 'result') tasks.get(event.id)?.hosts.push(`${event.host} ${shownStatus(event)}`)
  }
  return [...tasks.values()]
    .filter((task) => task.hosts.length > 0)
    .map((task) => `${task.name}: ${task.hosts.sort().join(', ')}`)
}

/** Ansible's reports know no "ignored": such a host failed, and went on. */
function shownStatus({ status, result }: Extract<RunEvent, { event: 'result' }>): string {
  if (status !== 'ignored') return status
  return result.unreachable ? 'unreachable' : 'failed'
}

/** The texts that debug tasks said, by task and host: `h1: text`. */
export function said(events: readonly RunEvent[]): string[] {
  const told = events.flatMap((event) => {
    if ((event.event !== 'result' && event.event !== 'item') || event.action !== 'debug') return []
    const { msg, results } = event.result
    if (msg === undefined || event.status === 'skipped' || (event.event === 'result' && results !== undefined))
      return []
    return [{ ...event, text: `${event.host}: ${typeof msg === 'string' ? msg : JSON.stringify(msg)}` }]
  })
  return told.sort((a, b) => a.id - b.id || a.host.localeCompare(b.host)).map(({ text }) => text)
}

/** What is not zero in the recap: `h1 ok=2 changed=1`. */
export function recap(events: readonly RunEvent[]): string[] {
  const last = events.at(-1)
  if (last?.event !== 'recap') throw new Error('the run has no recap')
  return Object.entries(last.hosts)
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([host, counts]) => `${host} ${counted(counts)}`.trim())
}

const counters = ['ok', 'changed', 'unreachable', 'failed', 'skipped', 'rescued', 'ignored', 'may_change'] as const

export function counted(counts: Partial<HostRecap>): string {
  return counters
    .filter((name) => (counts[name] ?? 0) > 0)
    .map((name) => `${name}=${counts[name]}`)
    .join(' ')
}
