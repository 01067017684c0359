import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { down, exec, missing, up } from '../lab/lab.ts'
import { thirtyTasks } from './thirty-tasks.ts'

/**
 * `npm run bench -- peers`: tsplay beside its peers on the same hosts, in one run, alternating. Prints medians and ratios; machines
 * differ, ratios less. Hosts are the lab's.
 */
const hosts = ['bench-1=192.168.1.211', 'bench-2=192.168.1.212', 'bench-3=192.168.1.213']
const names = hosts.map((host) => host.split('=')[0]!)
const addresses = hosts.map((host) => host.split('=')[1]!)
const rounds = 5

async function timed(words: string[], cwd: string): Promise<{ ms: number; stdout: string }> {
  const started = performance.now()
  const { status, stdout, stderr } = await exec(words, { cwd })
  if (status !== 0) throw new Error(`${words.join(' ')} ended with ${status}: ${stdout}${stderr}`)
  return { ms: performance.now() - started, stdout }
}

const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!

export async function peers(): Promise<void> {
  const lacking = missing()
  if (lacking.length > 0) throw new Error(`This machine cannot host the lab: it lacks ${lacking.join('; ')}.`)
  await up(hosts, { downloads: false })
  const folder = join(process.cwd(), '.tsplay', 'bench')
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'tsplay.yml'), thirtyTasks('tsplay'))
  writeFileSync(join(folder, 'ansible.yml'), thirtyTasks('ansible'))
  writeFileSync(
    join(folder, 'hosts.yml'),
    `all:\n  vars: {ansible_user: root}\n  hosts:\n${names.map((name, index) => `    ${name}: {ansible_host: ${addresses[index]}}`).join('\n')}\n`,
  )
  writeFileSync(join(folder, 'ansible.cfg'), '[defaults]\nforks = 50\n[ssh_connection]\npipelining = True\n')
  const tsplay = [
    process.execPath,
    join(process.cwd(), 'dist/engine/cli/main.js'),
    'run',
    'tsplay.yml',
    '-i',
    'hosts.yml',
    '--output',
    'jsonl',
  ]
  const ansible = existsSync('/usr/bin/ansible-playbook')
    ? ['ansible-playbook', 'ansible.yml', '-i', 'hosts.yml']
    : undefined
  const table: string[][] = [
    ['30 tasks, 3 hosts', 'tsplay', 'ssh2 floor', 'ansible', 'tsplay/floor', 'ansible/tsplay', 'round trips a host'],
  ]
  for (const kind of ['everything changes', 'nothing changes'] as const) {
    const times = { tsplay: [] as number[], floor: [] as number[], ansible: [] as number[] }
    let trips = 0
    for (let round = 0; round < rounds; round++) {
      if (kind === 'everything changes')
        await Promise.all(names.map((name) => exec(['ssh', `root@${name}`, 'rm -rf /opt/bench'])))
      const own = await timed(tsplay, folder)
      times.tsplay.push(own.ms)
      const recap = JSON.parse(own.stdout.trim().split('\n').at(-1)!) as { round_trips: number }
      trips = recap.round_trips / names.length
      times.floor.push(
        (
          await timed(
            [
              process.execPath,
              '--import',
              'tsx',
              join(process.cwd(), 'spec/bench/floor.ts'),
              String(Math.round(trips)),
              ...addresses,
            ],
            process.cwd(),
          )
        ).ms,
      )
      if (ansible && round < 2) {
        if (kind === 'everything changes')
          await Promise.all(names.map((name) => exec(['ssh', `root@${name}`, 'rm -rf /opt/bench'])))
        times.ansible.push((await timed(ansible, folder)).ms)
      }
    }
    const [own, floor, other] = [
      median(times.tsplay),
      median(times.floor),
      times.ansible.length > 0 ? median(times.ansible) : Number.NaN,
    ]
    table.push([
      kind,
      `${Math.round(own)} ms`,
      `${Math.round(floor)} ms`,
      `${Math.round(other)} ms`,
      (own / floor).toFixed(2),
      (other / own).toFixed(1),
      String(trips),
    ])
  }
  const widths = table[0]!.map((_, column) => Math.max(...table.map((row) => row[column]!.length)))
  for (const row of table)
    process.stdout.write(`${row.map((cell, column) => cell.padEnd(widths[column]!)).join('  ')}\n`)
  await down(names)
}
