import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { LightHost } from '../lab/light-host.ts'
import type { Arena } from '../referee/arena.ts'
import { captured, writeFiles } from '../run/story.ts'
import { CountingRelay } from './counting-relay.ts'
import { template, thirtyTasks } from './thirty-tasks.ts'

/** What a run costs on one host, whatever the machine: nothing of it depends on how fast it is. */
export interface Figures {
  /** Of scripts and transfers, connecting left out. */
  readonly round_trips: number
  /** Bytes over the wire, connecting and encryption included. */
  readonly sent: number
  readonly received: number
  /** Processes begun on the host, sshd's own for the login included. */
  readonly processes: number
}

interface Job {
  readonly book: string
  /** Shell text run on the host first. */
  readonly given?: string
  /** Run once before it is measured. */
  readonly again?: boolean
}

const play = (tasks: string, more = 'gather_facts: false') => `- hosts: all\n  ${more}\n  tasks:\n${tasks}`
const hundred = play('    - copy: {dest: "/opt/loop-{{item}}", content: "{{item}}\\n"}\n      loop: !expr range(100)\n')

export const jobs: Readonly<Record<string, Job>> = {
  'one command': { book: play('    - command: "true"\n') },
  'facts of a host': { book: play('    - debug: {msg: "{{facts.hostname}}"}\n', 'gather_facts: true') },
  'thirty tasks, everything changes': { book: thirtyTasks },
  'thirty tasks, nothing changes': { book: thirtyTasks, again: true },
  'thirty tasks, one file changes': { book: thirtyTasks, again: true, given: 'echo other >/opt/bench/d1/f5' },
  'a loop of a hundred files, all new': { book: hundred },
  'a loop of a hundred files, unchanged': { book: hundred, again: true },
}

/** Plays a job on the arena's first host, which is made blank, through a relay that counts. */
export async function figuresOf(arena: Arena, { book, given, again }: Job): Promise<Figures> {
  await arena.reset()
  const host = arena.host('h1')
  const relay = await CountingRelay.open(arena.address(200), host.place)
  const folder = mkdtempSync(join(tmpdir(), 'tsplay-figures-'))
  try {
    const inventory = `h1 ansible_host=${relay.address} number=1\n`
    writeFiles(folder, { 'site.yml': book, 'site.tpl': template, hosts: inventory })
    if (again) await run(arena, folder)
    if (given !== undefined) await onHost(host, given)
    relay.reset()
    const before = await lastProcess(host)
    const { round_trips } = await run(arena, folder)
    // Looking at the number takes one itself.
    const processes = (await lastProcess(host)) - before - 1
    return { round_trips, sent: relay.sent, received: relay.received, processes }
  } finally {
    await relay.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

async function run(arena: Arena, folder: string): Promise<{ round_trips: number }> {
  const words = ['run', 'site.yml', '-i', 'hosts', '-u', 'root', '--output', 'jsonl']
  const { status, stdout, stderr } = await arena.from(() => captured(folder, words))
  if (status !== 0) throw new Error(`a job of the guard fails: ${stdout}${stderr}`)
  return JSON.parse(stdout.trim().split('\n').at(-1)!) as { round_trips: number }
}

/** The number of the newest process in the host's own counting. */
async function lastProcess(host: LightHost): Promise<number> {
  return Number(await onHost(host, 'read -r a b c d last </proc/loadavg; echo $last'))
}

async function onHost(host: LightHost, script: string): Promise<string> {
  const { status, stdout, stderr } = await host.run(script)
  if (status !== 0) throw new Error(stderr)
  return stdout.trim()
}
