// The article's playbook against the lab, with an authority of its own.
import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Event, HostRecap } from '../../engine/base/event.ts'
import { inventoryHosts } from '../lab/hosts.ts'
import { exec } from '../lab/lab.ts'
import { eventsIn } from '../run/story.ts'

export const root = fileURLToPath(new URL('../..', import.meta.url))
export const hosts = inventoryHosts.map(({ name }) => name)
export const masters = hosts.filter((name) => /^k8s-master-\d$/.test(name))
export const book = 'playbooks/ha-cluster.yml'
export const inventory = 'inventory/prod.yml'

export interface Run {
  readonly status: number
  readonly events: readonly Event[]
  /** What failed, for people. */
  readonly text: string
  readonly recap: Record<string, HostRecap>
  /** Megabytes. */
  readonly memory: number
}

export class HaCluster {
  /** The folder of its authorities. */
  readonly pki: string

  private constructor(pki: string) {
    this.pki = pki
  }

  static async begin(): Promise<HaCluster> {
    return new HaCluster(await mkdtemp(join(root, 'playbooks', '.pki-')))
  }

  async end(): Promise<void> {
    await rm(this.pki, { recursive: true, force: true })
  }

  async play(...words: string[]): Promise<Run> {
    const { status, stdout, stderr } = await exec([...playWords(this.pki), ...words], { cwd: root })
    const events = eventsIn(stdout)
    const recap = events.find((event) => event.event === 'recap')
    return {
      status,
      events,
      text: `${failuresIn(events)}\n${stderr}`,
      recap: recap?.hosts ?? {},
      memory: recap?.peak_rss_mb ?? Number.NaN,
    }
  }
}

export const variables = (pki: string) => ['@spec/lab/vars.yml', `tsplay_pki_dir=${pki}`]

/** As users run it: compiled. */
export function playWords(pki: string): string[] {
  const program = [process.execPath, 'dist/engine/cli/main.js', 'run', book, '-i', inventory, '--output', 'jsonl']
  return [...program, ...variables(pki).flatMap((one) => ['-e', one])]
}

export function failuresIn(events: readonly Event[]): string {
  return events
    .filter((event) => event.event === 'result' && ['failed', 'unreachable'].includes(event.status))
    .map((event) => JSON.stringify(event))
    .join('\n')
}
