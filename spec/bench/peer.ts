// The peers: tsplay, the least that can be, and what else people use.

import { randomFillSync } from 'node:crypto'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { command } from '../lab/command.ts'
import { checkout } from '../lab/places.ts'
import { writeFiles } from '../run/story.ts'
import type { Chore } from './chore.ts'
import type { Ground } from './ground.ts'

export const peerNames = ['tsplay', 'floor', 'ssh', 'mitogen', 'ansible'] as const
export type PeerName = (typeof peerNames)[number]

/** So slow that they are measured less often. */
export const slow: readonly PeerName[] = ['mitogen', 'ansible']

const byHand = fileURLToPath(new URL('by-hand.sh', import.meta.url))
const program = join(checkout, 'dist/engine/cli/main.js')
/** In the checkout, where ssh2 is found. */
const floorProgram = join(checkout, '.tsplay/bench/floor.js')

/** Makes the two programs of ours as they are run: compiled. */
export async function build(): Promise<void> {
  await command(['npm', 'run', '--silent', 'build'], { cwd: checkout })
  const floor = fileURLToPath(new URL('floor.ts', import.meta.url))
  const esbuild = join(checkout, 'node_modules/.bin/esbuild')
  await command([esbuild, floor, `--outfile=${floorProgram}`, '--format=esm', '--platform=node', '--log-level=warning'])
}

/** Those that are on this machine, with the versions of what they are made of. */
export async function versions(): Promise<Partial<Record<PeerName, string>>> {
  const { version } = (await import('../../package.json', { with: { type: 'json' } })).default
  const ssh2 = (await import('ssh2/package.json', { with: { type: 'json' } })).default.version
  const debian = async (name: string) => {
    const said = await command(['dpkg-query', '-W', '-f', '${Version}', name]).catch(() => '')
    return said.replace(/-.*$/, '')
  }
  const [openssh, ansible, mitogen] = await Promise.all(
    ['openssh-client', 'ansible-core', 'ansible-mitogen'].map(debian),
  )
  return {
    tsplay: `${version}, Node ${process.version.slice(1)}`,
    floor: `ssh2 ${ssh2}`,
    ssh: `OpenSSH ${openssh?.replace(/^1:/, '')}`,
    ...(mitogen && ansible ? { mitogen: `${mitogen} with ansible-core ${ansible}` } : {}),
    ...(ansible ? { ansible: `ansible-core ${ansible}` } : {}),
  }
}

/** Writes what the peers need for the chore into the ground's folder. */
export async function prepare(ground: Ground, chore: Chore): Promise<void> {
  const hosts = ground.hosts.map(
    ({ place }, index) => `    ${place.name}: {ansible_host: ${place.address}, number: ${index + 1}}\n`,
  )
  const forks = `[defaults]\nforks = ${hosts.length}\ninterpreter_python = /usr/bin/python3\nretry_files_enabled = False\n`
  const pipelining = '[ssh_connection]\npipelining = True\n'
  const mitogen =
    'strategy_plugins = /usr/lib/python3/dist-packages/ansible_mitogen/plugins/strategy\nstrategy = mitogen_linear\n'
  writeFiles(ground.folder, {
    'tsplay.yml': chore.book,
    'ansible.yml': chore.ansible ?? chore.book,
    'hosts.yml': `all:\n  vars: {ansible_user: root}\n  hosts:\n${hosts.join('')}`,
    'ansible.cfg': forks + pipelining,
    'mitogen.cfg': forks + mitogen + pipelining,
    commands: chore.commands.map((line) => `${line}\n`).join(''),
    ...chore.files,
  })
  const big = join(ground.folder, 'big')
  if (chore.big !== undefined && !existsSync(big)) writeFileSync(big, randomFillSync(Buffer.alloc(chore.big)))
}

/** The words that let a peer do what was prepared. `trips`: what the floor is to make. */
export function peerWords(peer: PeerName, ground: Ground, chore: Chore, trips: number): readonly string[] {
  const places = ground.hosts.map(({ place }) => place)
  switch (peer) {
    case 'tsplay':
      return [process.execPath, program, 'run', 'tsplay.yml', '-i', 'hosts.yml', '--output', 'jsonl']
    case 'floor':
      return [process.execPath, floorProgram, String(trips), ...places.map(({ address }) => address)]
    case 'ssh': {
      const hosts = places.map(({ name, address }, index) => `${name}=${address}=${index + 1}`)
      return ['bash', byHand, 'commands', chore.big === undefined ? '' : 'big', ...hosts]
    }
    case 'mitogen':
    case 'ansible': {
      const state = join(ground.folder, 'state')
      const env = [`ANSIBLE_CONFIG=${peer}.cfg`, `ANSIBLE_HOME=${state}`, 'PYTHONDONTWRITEBYTECODE=1']
      const quiet = ['ANSIBLE_DEPRECATION_WARNINGS=false', 'ANSIBLE_NOCOLOR=1', 'LC_ALL=C.UTF-8']
      return ['env', ...env, ...quiet, 'ansible-playbook', 'ansible.yml', '-i', 'hosts.yml']
    }
  }
}
