import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { exec } from '../lab/exec.ts'
import { down, up } from '../lab/lab.ts'
import { Arena } from './arena.ts'
import { valueText } from './outcome.ts'

type Facts = Readonly<Record<string, unknown>>

/** The facts that docs and roles rest on: they must be there, and equal. */
export const promised = [
  ...['os_family', 'distribution', 'distribution_major_version', 'architecture', 'hostname', 'fqdn', 'kernel'],
  ...['default_ipv4', 'all_ipv4_addresses', 'interfaces', 'processor_vcpus', 'memtotal_mb', 'mounts', 'service_mgr'],
  ...['pkg_mgr', 'selinux', 'swaptotal_mb', 'virtualization_type', 'virtualization_role', 'date_time', 'env'],
  ...['user_id', 'machine_id'],
]

/** What only Ansible tells. */
const theirs: Readonly<Record<string, string>> = {
  gather_subset: 'how it was asked',
  module_setup: 'that it was asked',
  python: 'nothing of ours runs in it',
  python_version: 'nothing of ours runs in it',
  selinux_python_present: 'nothing of ours runs in it',
  ...Object.fromEntries(
    ['device_links', 'devices', 'fibre_channel_wwn', 'hostnqn', 'iscsi_iqn', 'lvm'].map((name) => [name, 'storage']),
  ),
  is_chroot: 'not gathered',
  system_capabilities: 'not gathered',
  system_capabilities_enforced: 'not gathered',
}

/** What is never the same twice, or is of the way of asking: only that it is there is compared. */
const passing = [
  /^date_time\.(second|minute|hour|time|epoch|epoch_int|iso8601\w*)$/,
  /^(loadavg|memfree_mb|swapfree_mb|uptime_seconds)\b/,
  /^memory_mb\.\w+\.(free|used|cached)$/,
  /^mounts\.\d+\.(size|block|inode)_(available|used)$/,
  /^env\.SSH_(CLIENT|CONNECTION)$/,
]

/** Of the way of asking: only one of the two has it. */
const asking = /^env\.(_|SSH_TTY|TERM|LANG|LC_\w+|XDG_SESSION_ID)$/

/** In no order: Ansible makes them from sets. */
const sets = new Set(['interfaces', 'virtualization_tech_guest', 'virtualization_tech_host'])
const byMount = (a: Facts, b: Facts) => (String(a['mount']) < String(b['mount']) ? -1 : 1)

/** How our facts of a host differ from Ansible's; none: they do not. */
export function factsDifference(ansible: Facts, tsplay: Facts): string[] {
  const wrong: string[] = promised.filter((name) => !(name in tsplay)).map((name) => `${name}: missing`)
  const compare = (path: string, one: unknown, two: unknown) => {
    if (asking.test(path)) return
    if (path === 'mounts') [one, two] = [one, two].map((mounts) => [...(mounts as Facts[])].sort(byMount))
    if (isTree(one) && isTree(two)) {
      for (const key of new Set([...Object.keys(one), ...Object.keys(two)]))
        compare(`${path}.${key}`, one[key], two[key])
      return
    }
    if (passing.some((pattern) => pattern.test(path)) && typeof one === typeof two) return
    const [a, b] = [one, two].map((value) => valueText(sets.has(path) ? [...(value as string[])].sort() : value))
    if (a !== b) wrong.push(`${path}: ansible ${a}, tsplay ${b}`)
  }
  for (const name of Object.keys({ ...ansible, ...tsplay })) {
    if (name in theirs) continue
    if (!(name in tsplay)) wrong.push(`${name}: only ansible has it`)
    else if (!(name in ansible)) wrong.push(`${name}: only tsplay has it`)
    else compare(name, ansible[name], tsplay[name])
  }
  return wrong
}

function isTree(value: unknown): value is Record<string, unknown> {
  if (Array.isArray(value)) return value.some((one) => typeof one === 'object' && one !== null)
  return typeof value === 'object' && value !== null
}

export interface Compared {
  readonly host: string
  /** How many facts were compared. */
  readonly facts: number
  readonly wrong: readonly string[]
}

type Run = (words: string[]) => Promise<string>

const main = fileURLToPath(new URL('../../engine/cli/main.ts', import.meta.url))
const cli = ['--conditions=tsplay-source', '--import', import.meta.resolve('tsx'), main]

async function compared(host: string, run: Run): Promise<Compared> {
  const folder = mkdtempSync(join(tmpdir(), 'tsplay-facts-'))
  try {
    const settings = ['ANSIBLE_PYTHON_INTERPRETER=/usr/bin/python3', 'ANSIBLE_NOCOLOR=1', `ANSIBLE_HOME=${folder}`]
    const said = await run(['env', ...settings, 'ansible', '-i', `${host},`, host, '-m', 'setup'])
    const ansible = plainNames(JSON.parse(said.slice(said.indexOf('{'))).ansible_facts)
    const words = ['exec', host, '-i', `${host},`, '-m', 'setup', '--output', 'jsonl']
    const lines = (await run([process.execPath, ...cli, ...words])).split('\n').filter((line) => line.startsWith('{'))
    const result = lines.map((line) => JSON.parse(line)).find((event) => event.event === 'result')
    const tsplay = plainNames(result?.result.ansible_facts ?? {})
    return { host, facts: Object.keys(tsplay).length, wrong: factsDifference(ansible, tsplay) }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function plainNames(facts: Facts): Facts {
  return Object.fromEntries(Object.entries(facts).map(([name, value]) => [name.replace(/^ansible_/, ''), value]))
}

export async function factsOfLightHost(note: (text: string) => void = () => {}): Promise<Compared> {
  const arena = await Arena.open(note)
  const env = { ...process.env, HOME: arena.home, PATH: `${arena.bin}:${process.env.PATH}` }
  try {
    return await compared('h1', ([program = '', ...words]) => said(program, words, env))
  } finally {
    await arena.close()
  }
}

/** The same on a host of the lab, with a systemd of its own; the lab is left as it was found. */
export async function factsOfLabHost(note: (text: string) => void = () => {}): Promise<Compared> {
  const host = 'facts-1'
  await up([`${host}=192.168.1.231`], { note, downloads: false })
  try {
    return await factsOfUpHost(host)
  } finally {
    await down([host], { note })
  }
}

/** The same on a host of the lab that is up. */
export function factsOfUpHost(host: string): Promise<Compared> {
  return compared(host, async (words) => {
    const { status, stdout, stderr } = await exec(words)
    if (status !== 0) throw new Error(`${words.join(' ')}: status ${status}: ${stderr}`)
    return stdout
  })
}

function said(program: string, words: readonly string[], env: NodeJS.ProcessEnv): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, words, { env, stdio: ['ignore', 'pipe', 'pipe'] })
    let out = ''
    let error = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      out += text
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      error += text
    })
    child.on('error', reject)
    child.on('exit', (status) =>
      status === 0 ? resolve(out) : reject(new Error(`${program} ${words.join(' ')}: status ${status}: ${error}`)),
    )
  })
}
