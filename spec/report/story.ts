import type { Event, HostRecap } from '../../engine/base/event.ts'
import { Problem } from '../../engine/base/problem.ts'
import type { Result, Status } from '../../engine/base/result.ts'
import { Source } from '../../engine/base/span.ts'
import { Unknown } from '../../engine/base/unknown.ts'

type Outcome = Extract<Event, { event: 'result' }>

/** One host's outcome of a task, with what matters to the story. */
export function result(
  id: number,
  host: string,
  task: string,
  status: Status,
  values: Partial<Result> = {},
  more: Partial<Outcome> = {},
): Event {
  const changed = status === 'changed'
  const bad =
    status === 'failed' || status === 'ignored'
      ? { failed: true }
      : status === 'unreachable'
        ? { unreachable: true }
        : {}
  const skipped = status === 'skipped' ? { skipped: true } : {}
  return {
    event: 'result',
    host,
    task,
    action: 'copy',
    place: 'site.yml:9:7',
    status,
    changed,
    result: { changed, ...bad, ...skipped, ...values },
    duration_ms: 40,
    id,
    ...more,
  }
}

export function item(
  id: number,
  host: string,
  task: string,
  label: string,
  status: Status,
  values: Partial<Result> = {},
): Event {
  const changed = status === 'changed'
  const failed = status === 'failed' ? { failed: true } : {}
  return {
    event: 'item',
    host,
    task,
    action: 'command',
    status,
    item: label,
    label,
    result: { changed, ...failed, ...values },
    duration_ms: 5,
    id,
  }
}

export function taskStart(id: number, task: string, more: { handler?: boolean; action?: string } = {}): Event {
  return {
    event: 'task_start',
    task,
    action: more.action ?? 'copy',
    handler: more.handler ?? false,
    place: `site.yml:${id}:3`,
    id,
  }
}

export const counts: HostRecap = {
  ok: 3,
  changed: 1,
  unreachable: 0,
  failed: 0,
  skipped: 2,
  rescued: 0,
  ignored: 0,
  may_change: 0,
  round_trips: 7,
}

const source = new Source('roles/etcd/tasks/main.yml', '- name: fetch\n  get_url:\n    url: "{{etcd_vesion}}"\n')
export const undefinedVariable = new Problem('undefined-variable', '"etcd_vesion" is not defined', {
  at: { source, start: source.text.indexOf('etcd_vesion'), end: source.text.indexOf('}}') },
  hint: 'Did you mean "etcd_version"?',
  host: 'm2',
})

/** A run in which everything happens once that can happen. */
export const story: readonly Event[] = [
  { event: 'run_start', playbooks: ['site.yml'], check: false, diff: true, hosts: 3 },
  { event: 'warning', message: 'the group nodes is empty', place: 'hosts.yml:3:5' },
  { event: 'play_start', play: 'Control plane', hosts: ['m1', 'm2', 'lb'], place: 'site.yml:1:3' },
  { event: 'batch_start', play: 'Control plane', hosts: ['m1', 'm2', 'lb'], batch: 1, batches: 2 },
  taskStart(1, 'etcd : Write the unit'),
  { event: 'host_start', host: 'm1', task: 'etcd : Write the unit', id: 1 },
  { event: 'progress', host: 'm1', what: 'etcd.tar.gz', done: 1_000_000, total: 4_000_000 },
  result(1, 'm1', 'etcd : Write the unit', 'changed', {
    diff: [
      { path: '/etc/etcd.service', before: '[unit]\na\n', after: '[Unit]\na\n' },
      { path: '/etc/etcd.service mode', before: '0644', after: '0600' },
      { path: '/root/key', before: 'old secret', after: 'new secret', secret: true },
    ],
  }),
  { event: 'handler_notified', host: 'm1', handler: 'restart etcd' },
  result(1, 'm2', 'etcd : Write the unit', 'ok'),
  result(1, 'lb', 'etcd : Write the unit', 'skipped', { skip_reason: 'when: false' }),
  taskStart(2, 'Loop', { action: 'command' }),
  item(2, 'm1', 'Loop', 'a', 'changed', { rc: 0, stdout: 'one' }),
  item(2, 'm1', 'Loop', 'b', 'failed', {
    msg: 'non-zero return code',
    rc: 3,
    stderr: 'no such\nunit \u001b[31mred\u001b[0m',
  }),
  result(
    2,
    'm1',
    'Loop',
    'failed',
    { results: [{ changed: true }, { changed: false, failed: true }] },
    { action: 'command' },
  ),
  result(2, 'm2', 'Loop', 'failed', { msg: '"etcd_vesion" is not defined' }, { problem: undefinedVariable }),
  {
    event: 'retry',
    host: 'lb',
    task: 'Loop',
    attempt: 1,
    left: 2,
    result: { changed: false, failed: true, msg: 'not yet' },
  },
  result(2, 'lb', 'Loop', 'unreachable', { msg: 'no answer from 192.168.1.34 port 22' }),
  taskStart(3, 'Say', { action: 'debug' }),
  result(3, 'm1', 'Say', 'ok', { msg: 'hello' }, { action: 'debug' }),
  result(3, 'm2', 'Say', 'ok', { list: [1, new Unknown('the output of "x"')] }, { action: 'debug' }),
  taskStart(4, 'restart etcd', { handler: true }),
  result(4, 'm1', 'restart etcd', 'may_change', { may_change: 'would run: x' }, { delegated_to: 'm2' }),
  result(4, 'm2', 'restart etcd', 'ignored', { msg: 'no\nsecond line', rc: 1, warnings: ['old syntax'] }),
  { event: 'hosts_lost', play: 'Control plane', reason: 'no host is left' },
  { event: 'play_skipped', play: 'Workers', reason: 'no host matches' },
  { event: 'interrupted', message: 'Interrupted.', where: ['m2: restart etcd'] },
  {
    event: 'recap',
    hosts: { m1: counts, 'm2-long': { ...counts, ok: 12, failed: 1 }, lb: { ...counts, unreachable: 1 } },
    duration_ms: 83_000,
    round_trips: 21,
    check: false,
    peak_rss_mb: 121.4,
    exit: 2,
  },
]
