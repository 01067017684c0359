// The article's playbook on the lab's seven hosts: made from nothing, then run again with nothing to do.
import { down, up } from '../lab/lab.ts'
import { HaCluster, type Run } from '../roles/ha-cluster.ts'
import { median } from './contest.ts'
import { otherWork } from './other-work.ts'

export interface ClusterFigures {
  readonly hosts: number
  /** How many cores were busy right before it began. */
  readonly load: number
  readonly made: PlayFigures
  /** Medians. */
  readonly again: PlayFigures
}

export interface PlayFigures {
  readonly ms: number
  /** Tasks done on a host, all hosts together. */
  readonly tasks: number
  /** Of the host with the most. */
  readonly trips: number
  readonly memory_mb: number
}

/** Takes the lab's hosts away when it is done. */
export async function cluster(rounds: number, note: (text: string) => void): Promise<ClusterFigures> {
  const load = await otherWork()
  const hosts = await up([], { note })
  const cluster = await HaCluster.begin()
  try {
    const made = await timed(cluster, 'changed')
    note(`made: ${JSON.stringify(made)}`)
    const again: PlayFigures[] = []
    for (let round = 0; round < rounds; round += 1) again.push(await timed(cluster, 'ok'))
    note(`again: ${JSON.stringify(again)}`)
    const middle = (name: keyof PlayFigures) => median(again.map((one) => one[name]))
    const unchanged = {
      ms: middle('ms'),
      tasks: middle('tasks'),
      trips: middle('trips'),
      memory_mb: middle('memory_mb'),
    }
    return { hosts: hosts.length, load, made, again: unchanged }
  } finally {
    await cluster.end()
    await down()
  }
}

async function timed(cluster: HaCluster, wanted: 'changed' | 'ok'): Promise<PlayFigures> {
  const begun = performance.now()
  const run = await cluster.play()
  const ms = Math.round(performance.now() - begun)
  const changed = Object.values(run.recap).some((host) => host.changed > 0)
  if (run.status !== 0 || changed !== (wanted === 'changed'))
    throw new Error(`the cluster's playbook ended with ${run.status}: ${run.text}`)
  return { ms, tasks: resultsOf(run), trips: mostTrips(run), memory_mb: run.memory }
}

const resultsOf = ({ events }: Run) => events.filter(({ event }) => event === 'result').length
const mostTrips = ({ recap }: Run) => Math.max(...Object.values(recap).map((host) => host.round_trips))
