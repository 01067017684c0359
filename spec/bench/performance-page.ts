// docs/performance.md, made from what was measured.
import { tableRow } from '../../engine/module/reference.ts'
import { chores } from './chore.ts'
import type { ClusterFigures } from './cluster.ts'
import type { Contest, Figures } from './contest.ts'
import { type PeerName, peerNames } from './peer.ts'
import type { Start } from './start.ts'

export interface Performance {
  readonly machine: { readonly cores: number; readonly memory_gb: number }
  readonly versions: Readonly<Partial<Record<PeerName, string>>>
  readonly start?: Start
  readonly cluster?: ClusterFigures
  readonly contests: readonly Contest[]
}

/** Cores that other work kept busy: less does not show. */
const MUCH = 0.3

const titles: Readonly<Record<PeerName, string>> = {
  tsplay: 'tsplay',
  floor: 'floor',
  ssh: 'ssh by hand',
  mitogen: 'Mitogen',
  ansible: 'Ansible',
}

export function performancePage({ machine, versions, start, cluster, contests }: Performance): string {
  const busy = contests.filter(({ load }) => load > MUCH)
  return [
    '# Performance',
    '',
    'Made from what was measured (spec/bench/performance.json) by `npm run docs`; do not edit.',
    '',
    'Everybody did the same chore on the same hosts in one run, in turn, and left the same files, links, modes, owners and',
    'accounts, which was checked after every run. Figures are medians. Times are those of one machine, controller and all hosts on',
    `it together (${machine.cores} cores, ${machine.memory_gb} GB): read the ratios.`,
    ...(busy.length > 0
      ? [
          'Other work had a part of the machine where the number of hosts has a \\*; where the round trip is 0 ms its ratios say little.',
        ]
      : []),
    '',
    '- **tsplay** as it is installed, with no options but `--output jsonl`.',
    '- **floor**: the least there is. A program that only uses ssh2 to connect, opens one `sh` a host, and makes as many round trips',
    '  as tsplay made. It does nothing there.',
    '- **ssh by hand**: a shell loop, all hosts at once, an `ssh` a task over one shared connection a host (ControlMaster), the',
    '  commands written by hand for just this.',
    '- **Mitogen**: Mitogen for Ansible, `mitogen_linear`, with the settings of the next.',
    '- **Ansible**: ansible-playbook with pipelining, as many forks as hosts, and the interpreter given.',
    '- pyinfra is in neither Debian nor npm, and is left out.',
    '',
    tableRow('who', 'version'),
    '|---|---|',
    ...peerNames.flatMap((peer) => (versions[peer] === undefined ? [] : [tableRow(titles[peer], versions[peer])])),
    '',
    '## Times',
    '',
    'In brackets: how many times what tsplay took; for tsplay, how many times the floor. `round trip` is the time a packet takes there',
    'and back: each packet is kept for half of it by a relay between two networks, so connecting, and sending much at a time, cost',
    'what they cost on a real line. It models no loss and no limit of bandwidth.',
    '',
    contestTable(contests),
    '',
    '## What does not depend on the machine',
    '',
    'Turns: how often a host was spoken to after it had spoken, connecting and logging in included (with ssh2 some 10 of them).',
    'Processes: begun on a host, login included. Computing: of the controller, all its processes, starting them included, for each',
    'task and host; it does depend on the machine, but hardly on the line.',
    '',
    countTable(contests),
    ...(cluster ? ['', "## The article's cluster", '', ...clusterLines(cluster)] : []),
    ...(start ? ['', '## Beginning', '', ...startLines(start)] : []),
    '',
    '## Again',
    '',
    '`npm run bench -- performance` measures all of this, `npm run bench -- CHORE --hosts N --delay MS --rounds R` one line of it',
    `(CHORE: ${Object.keys(chores).join(', ')}; \`--peers tsplay,floor\` only some), \`npm run bench -- cluster\` the cluster. It needs what the [lab](../spec/lab/README.md)`,
    "needs, and Debian's ansible-core and ansible-mitogen for those two columns.",
    '',
  ].join('\n')
}

/** A line for each contest: what each took. */
export function contestTable(contests: readonly Contest[]): string {
  const rows = contests.map(({ chore, hosts, round_trip, load, figures }) => {
    const cells = peerNames.map((peer) => timeCell(peer, figures))
    return tableRow(chores[chore]!.title, `${hosts}${load > MUCH ? '\\*' : ''}`, `${round_trip} ms`, ...cells)
  })
  const head = tableRow('chore', 'hosts', 'round trip', ...peerNames.map((peer) => titles[peer]))
  return [head, '|---|---|---|---|---|---|---|---|', ...rows].join('\n')
}

function timeCell(peer: PeerName, figures: Contest['figures']): string {
  const mine = figures[peer]
  if (!mine) return ''
  const against = peer === 'tsplay' ? figures.floor : figures.tsplay
  return against ? `${time(mine.ms)} (${ratio(mine.ms / against.ms)})` : time(mine.ms)
}

const time = (ms: number) => (ms < 995 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(ms < 9950 ? 2 : 1)} s`)
const ratio = (value: number) => `${value.toFixed(value < 9.95 ? 2 : 0)} ×`

/** A line for each chore and peer, from its contest with the most hosts; turns and bytes are counted only with a delay. */
function countTable(contests: readonly Contest[]): string {
  const rows = Object.keys(chores).flatMap((chore) => {
    const here = contests.filter((made) => made.chore === chore)
    return peerNames.flatMap((peer) => {
      const all = here.flatMap(({ hosts, figures }) => (figures[peer] ? [{ hosts, ...figures[peer] }] : []))
      const one = all.toSorted((a, b) => b.hosts - a.hosts)[0]
      if (!one) return []
      const counted = all.find((figures): figures is Counted => figures.turns !== undefined)
      const { title, tasks } = chores[chore]!
      return tableRow(
        title,
        titles[peer],
        one.trips === undefined ? '' : String(Math.round(one.trips)),
        counted ? String(Math.round(counted.turns)) : '',
        counted ? `${(counted.bytes / 1000).toFixed(0)} kB` : '',
        String(one.processes),
        `${((one.computed_ms / one.hosts / tasks) * 1000).toFixed(0)} µs`,
        one.memory_mb === undefined ? '' : `${Math.max(...all.map(({ memory_mb }) => memory_mb ?? 0)).toFixed(0)} MB`,
      )
    })
  })
  const head = tableRow(
    'chore',
    'who',
    'own round trips',
    'turns',
    'bytes a host',
    'processes',
    'computing',
    'memory at most',
  )
  return [head, '|---|---|---|---|---|---|---|---|', ...rows].join('\n')
}

type Counted = Figures & { readonly hosts: number; readonly turns: number; readonly bytes: number }

function clusterLines({ hosts, load, made, again }: ClusterFigures): string[] {
  const row = (what: string, { ms, tasks, trips, memory_mb }: ClusterFigures['made']) =>
    tableRow(what, time(ms), String(tasks), String(trips), `${memory_mb.toFixed(0)} MB`)
  return [
    `\`playbooks/ha-cluster.yml\` on ${hosts} hosts of the lab, with systemd, etcd and Kubernetes, on the same machine.`,
    ...(load > MUCH ? ['Other work had a part of the machine.'] : []),
    '',
    tableRow('what', 'time', 'tasks on hosts', 'round trips a host, at most', 'memory at most'),
    '|---|---|---|---|---|',
    row('made from nothing', made),
    row('again, nothing changes', again),
  ]
}

function startLines({ node, version, validate }: Start): string[] {
  return [
    tableRow('what', 'time', 'beside bare node'),
    '|---|---|---|',
    tableRow('`node -e 0`', time(node), ''),
    tableRow('`tsplay --version`', time(version), `+ ${time(version - node)}`),
    tableRow(
      '`tsplay validate playbooks/ha-cluster.yml -i inventory/prod.yml`',
      time(validate),
      `+ ${time(validate - node)}`,
    ),
  ]
}
