// Two sealed networks and the way between them: near, where a run is, and far, where the hosts are. Both go with this process.
import { type ChildProcess, type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface, type Interface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { command } from '../lab/command.ts'

/** What went through since it was last asked: bytes, headers included, and how often the near side spoke after the far one had. */
export interface Passed {
  readonly bytes: number
  readonly turns: number
}

const relay = fileURLToPath(new URL('delay.py', import.meta.url))
const nearAddress = '10.78.0.1'
const farAddress = '10.78.0.2'

export class TwoNetworks {
  /** Files that nsenter takes. */
  readonly near: string
  readonly far: string
  readonly #holders: readonly ChildProcess[]
  #relay: ChildProcessByStdio<Writable, Readable, null> | undefined
  #answers: Interface | undefined

  private constructor(holders: readonly [ChildProcess, ChildProcess]) {
    this.#holders = holders
    this.near = `/proc/${holders[0].pid}/ns/net`
    this.far = `/proc/${holders[1].pid}/ns/net`
  }

  /** `roundTrip` in milliseconds; 0 is a pair of devices with nothing between. All of 10.77.0.0/16 is far. */
  static async open(roundTrip: number): Promise<TwoNetworks> {
    const networks = new TwoNetworks([await holder(), await holder()])
    const [near, far] = [networks.near, networks.far]
    if (roundTrip > 0) await networks.#delay(roundTrip)
    else {
      const farPid = String(networks.#holders[1]?.pid)
      await on(near, ['link', 'add', 'way', 'type', 'veth', 'peer', 'name', 'way', 'netns', farPid])
    }
    for (const [side, own, other] of [
      [near, nearAddress, farAddress],
      [far, farAddress, nearAddress],
    ] as const) {
      await on(side, ['link', 'set', 'lo', 'up'])
      await on(side, ['address', 'add', own, 'peer', other, 'dev', 'way'])
      await on(side, ['link', 'set', 'way', 'txqueuelen', '20000', 'up'])
    }
    await on(near, ['route', 'add', '10.77.0.0/16', 'via', farAddress])
    await on(far, ['route', 'add', 'local', '10.77.0.0/16', 'dev', 'lo'])
    return networks
  }

  async #delay(roundTrip: number): Promise<void> {
    // what it says of its own troubles is for whoever runs the bench
    const words = [relay, this.near, this.far, String(roundTrip / 2)]
    this.#relay = spawn('/usr/bin/python3', words, { stdio: ['pipe', 'pipe', 'inherit'] })
    this.#answers = createInterface({ input: this.#relay.stdout })
    await once(this.#answers, 'line')
  }

  /** Undefined where nothing is between. */
  async passed(): Promise<Passed | undefined> {
    if (!this.#relay || !this.#answers) return undefined
    const answer = once(this.#answers, 'line')
    this.#relay.stdin.write('\n')
    return JSON.parse((await answer)[0]) as Passed
  }

  async close(): Promise<void> {
    if (this.#relay) {
      this.#relay.stdin.end()
      await once(this.#relay, 'close')
    }
    for (const holder of this.#holders) {
      holder.kill('SIGKILL')
      await once(holder, 'close')
    }
  }
}

/** A process with a network of its own, killed with us. */
async function holder(): Promise<ChildProcess> {
  const words = ['--pdeathsig', 'KILL', 'unshare', '--net', 'sh', '-c', 'echo; exec sleep infinity']
  const child = spawn('setpriv', words, { stdio: ['ignore', 'pipe', 'inherit'] })
  await once(child.stdout!, 'data')
  return child
}

const on = (network: string, words: string[]) => command(['nsenter', `--net=${network}`, 'ip', ...words])
