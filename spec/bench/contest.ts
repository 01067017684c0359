// One chore, done by every peer in turn on the same hosts, several times over.
import { isDeepStrictEqual } from 'node:util'
import { type Chore, chores, clear } from './chore.ts'
import { Ground } from './ground.ts'
import { otherWork } from './other-work.ts'
import { type PeerName, peerWords, prepare, slow } from './peer.ts'

/** Medians of a peer's runs. Those from `processes` on do not depend on the machine. */
export interface Figures {
  readonly rounds: number
  readonly ms: number
  /** What the controller computed for, all its processes together. */
  readonly computed_ms: number
  /** tsplay's own count of scripts and transfers a host. */
  readonly trips?: number
  /** The most that tsplay had in memory. */
  readonly memory_mb?: number
  /** Begun on a host, sshd's own for the login included. */
  readonly processes: number
  /** How often a host was spoken to after it had spoken, connecting included; bytes with all headers. Counted where there is a delay. */
  readonly turns?: number
  readonly bytes?: number
}

export interface Terms {
  /** The chore's short name. */
  readonly chore: string
  readonly hosts: number
  /** Milliseconds. */
  readonly round_trip: number
}

export interface Contest extends Terms {
  /** How many cores were busy right before it began: above 0.3, other work had a part of the machine. */
  readonly load: number
  readonly figures: Readonly<Partial<Record<PeerName, Figures>>>
}

type Run = Omit<Figures, 'rounds'>

/** Slow peers are measured in a quarter of the rounds. Throws when one fails, or leaves anything else than the others. */
export async function contest(
  terms: Terms,
  rounds: number,
  peers: readonly PeerName[],
  note: (text: string) => void,
): Promise<Contest> {
  const chore = chores[terms.chore]!
  const load = await otherWork()
  const ground = await Ground.open(terms.hosts, terms.round_trip)
  try {
    await prepare(ground, chore)
    if (chore.done !== undefined) await ground.run(peerWords('tsplay', ground, chore, 0))
    const runs = new Map<PeerName, Run[]>()
    let trips = 0
    let left: Record<string, string[]> | undefined
    for (let round = 0; round < rounds; round += 1) {
      for (const peer of peers) {
        if (slow.includes(peer) && round >= Math.ceil(rounds / 4)) continue
        if (chore.done !== ':') await ground.onAll(chore.done ?? clear)
        const run = await runOf(ground, chore, peer, trips)
        if (peer === 'tsplay') trips = Math.max(1, Math.round(run.trips!))
        if (peer !== 'floor') {
          const now = ground.left()
          left ??= now
          if (!isDeepStrictEqual(now, left))
            throw new Error(`${peer} does not leave what the others do: ${differing(left, now)}`)
        }
        note(`${terms.chore}, ${terms.hosts} hosts, ${terms.round_trip} ms: ${peer} ${run.ms.toFixed(0)} ms`)
        runs.set(peer, [...(runs.get(peer) ?? []), run])
      }
    }
    return { ...terms, load, figures: Object.fromEntries([...runs].map(([peer, all]) => [peer, medians(all)])) }
  } finally {
    await ground.close()
  }
}

async function runOf(ground: Ground, chore: Chore, peer: PeerName, trips: number): Promise<Run> {
  const hosts = ground.hosts.length
  await ground.passed()
  const before = await ground.begun()
  const { stdout, ms, computed_ms } = await ground.run(peerWords(peer, ground, chore, trips))
  // Looking at the number takes one itself.
  const processes = (await ground.begun()) - before - 1
  const passed = await ground.passed()
  return {
    ms,
    computed_ms,
    processes,
    ...(peer === 'tsplay' ? ownFigures(stdout, hosts) : {}),
    ...(passed ? { turns: passed.turns / hosts, bytes: passed.bytes / hosts } : {}),
  }
}

function ownFigures(stdout: string, hosts: number): Pick<Run, 'trips' | 'memory_mb'> {
  const last = JSON.parse(stdout.trim().split('\n').at(-1)!) as { round_trips: number; peak_rss_mb: number }
  return { trips: last.round_trips / hosts, memory_mb: last.peak_rss_mb }
}

/** The middle of each figure. */
function medians(runs: readonly Run[]): Figures {
  const names = Object.keys(runs[0]!) as (keyof Run)[]
  const middle = names.map((name) => [name, Number(median(runs.map((run) => run[name]!)).toFixed(1))])
  return { rounds: runs.length, ...(Object.fromEntries(middle) as unknown as Run) }
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const half = Math.floor(sorted.length / 2)
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2
}

function differing(one: Record<string, string[]>, other: Record<string, string[]>): string {
  const paths = [...new Set([...Object.keys(one), ...Object.keys(other)])]
  const path = paths.find((name) => !isDeepStrictEqual(one[name], other[name]))!
  return `${path}: ${JSON.stringify(one[path])} and ${JSON.stringify(other[path])}`
}
