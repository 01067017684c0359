// What modules do with SELinux: the same on a light host whose tools answer as recorded, and on a machine with SELinux.
// Ansible 2.14, played on such a machine by hand (36 tasks, dry and twice), changed the same and left the same labels, but for:
// - a new file in /tmp, the keys that "user" and "openssh_keypair" make, and the files below a folder that "copy" copies on the
//   host: there Ansible leaves the label of a folder of its own, or what the kernel gives, ours have the policy's;
// - a new file below a link: Ansible asks the policy for the path as it is written, which knows no links.
// Not played by the referee, which would have to boot a machine for each side.
import { join } from 'node:path'
import { expect } from 'chai'
import type { Outcome } from './trial.ts'

export interface Row {
  readonly title: string
  /** Run as root on the host before. */
  readonly given?: string
  /** The first of these tasks has something to do. */
  readonly yaml: string
  /** The labels of these files then. */
  readonly labels: Readonly<Record<string, string>>
  /** Beside the files: what is told of a label. */
  readonly change?: { readonly path: string; readonly before?: string; readonly after?: string }
  /** Rests on what only a real kernel and its users do. */
  readonly machine?: true
}

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKnM3tJsvPZUGRoCXxRkrSgMPGmS8rVMUwGmbNqlAYZT ops'
const WEB = 'system_u:object_r:httpd_sys_content_t:s0'

/** `source`: a folder of the controller with the files tree/a and tree/b. */
export const rowsOf = (source: string): Row[] => [
  {
    title: 'a new file has the label of the policy, and is then said to have it',
    yaml: '- copy: {content: a, dest: /etc/mine.conf}\n- file: {path: /etc/mine.conf, setype: _default, seuser: _default}',
    labels: { '/etc/mine.conf': 'system_u:object_r:etc_t:s0' },
  },
  {
    title: 'where its folder has another label too, and where a link leads there',
    given: 'ln -s /srv/www /srv/link',
    yaml: '- copy: {content: a, dest: /srv/www/new}\n- copy: {content: a, dest: /srv/link/led}',
    labels: { '/srv/www/new': WEB, '/srv/www/led': WEB },
  },
  {
    title: 'a changed file keeps its label, whatever the policy says, and so does what is kept of it',
    given: 'echo there >/srv/www/kept; chcon -u system_u -t user_home_t -l s0:c7 -- /srv/www/kept',
    yaml: '- lineinfile: {path: /srv/www/kept, line: more, backup: true}',
    labels: {
      '/srv/www/kept': 'system_u:object_r:user_home_t:s0:c7',
      '/srv/www/kept.*~': 'system_u:object_r:user_home_t:s0:c7',
    },
  },
  {
    title: 'a file that is there is given the type of the policy',
    given: 'echo there >/srv/www/there; chcon -t user_home_t -- /srv/www/there',
    yaml: '- file: {path: /srv/www/there, setype: _default}',
    labels: { '/srv/www/there': 'unconfined_u:object_r:httpd_sys_content_t:s0' },
    change: {
      path: '/srv/www/there SELinux label',
      before: 'unconfined_u:object_r:user_home_t:s0',
      after: 'unconfined_u:object_r:httpd_sys_content_t:s0',
    },
  },
  {
    title: 'and user and level, but not more than is asked for',
    given: 'echo there >/srv/www/some; chcon -t user_home_t -- /srv/www/some',
    yaml: '- file: {path: /srv/www/some, seuser: staff_u, selevel: "s0:c1,c2"}',
    labels: { '/srv/www/some': 'staff_u:object_r:user_home_t:s0:c1,c2' },
    change: {
      path: '/srv/www/some SELinux label',
      before: 'unconfined_u:object_r:user_home_t:s0',
      after: 'staff_u:object_r:user_home_t:s0:c1,c2',
    },
  },
  {
    title: 'a new file with a type of its own has that, not that of the policy',
    yaml: '- copy: {content: a, dest: /etc/page, setype: httpd_sys_content_t}',
    labels: { '/etc/page': WEB },
  },
  {
    title: 'a file of which the policy says nothing can have one',
    yaml: '- copy: {content: a, dest: /tmp/page, setype: etc_t, seuser: system_u}\n- copy: {content: a, dest: /tmp/plain}',
    labels: { '/tmp/page': 'system_u:object_r:etc_t:s0', '/tmp/plain': 'unconfined_u:object_r:user_tmp_t:s0' },
  },
  {
    title: 'a folder is labelled by the kernel, what is in it by the policy',
    yaml: '- file: {path: /srv/www/a, state: directory}\n- copy: {content: a, dest: /srv/www/a/b, selevel: "s0:c3"}',
    labels: { '/srv/www/a': 'unconfined_u:object_r:var_t:s0', '/srv/www/a/b': `${WEB}:c3` },
  },
  {
    title: 'a folder with a type of its own',
    yaml: '- file: {path: /srv/www/typed, state: directory, setype: etc_t}',
    labels: { '/srv/www/typed': 'unconfined_u:object_r:etc_t:s0' },
  },
  {
    title: 'files of a folder that is copied',
    given: 'mkdir /srv/www/tree; echo old >/srv/www/tree/b; chcon -t etc_t -- /srv/www/tree/b',
    yaml: `- copy: {src: ${JSON.stringify(`${join(source, 'tree')}/`)}, dest: /srv/www/tree}`,
    labels: { '/srv/www/tree/a': WEB, '/srv/www/tree/b': 'unconfined_u:object_r:etc_t:s0' },
  },
  {
    title: 'a download',
    given: 'echo a >/srv/source',
    yaml: '- get_url: {url: "file:///srv/source", dest: /srv/www/got}',
    labels: { '/srv/www/got': WEB },
  },
  {
    title: 'accounts and their keys',
    yaml: `- user: {name: keeper, password: "$6$salt$mnMIAAPgYqs7MXxTZKJAfm5x1PgCVYt2PTQqfqNDpGoHs3iyu.LfpdYSZuB/GjMvZhTgLLBO6j7k4/qfUbWdq.", generate_ssh_key: true, ssh_key_type: ed25519}
- authorized_key: {user: keeper, key: ${KEY}}
- user: {name: other}
- authorized_key: {user: other, key: ${KEY}}`,
    labels: {
      '/etc/passwd': 'system_u:object_r:etc_t:s0',
      '/etc/shadow': 'system_u:object_r:shadow_t:s0',
      '/home/keeper': 'unconfined_u:object_r:user_home_dir_t:s0',
      '/home/keeper/.ssh/id_ed25519': 'unconfined_u:object_r:ssh_home_t:s0',
      '/home/keeper/.ssh/authorized_keys': 'unconfined_u:object_r:ssh_home_t:s0',
      '/home/other/.ssh': 'unconfined_u:object_r:ssh_home_t:s0',
      '/home/other/.ssh/authorized_keys': 'unconfined_u:object_r:ssh_home_t:s0',
    },
    machine: true,
  },
  {
    title: 'files of the system',
    yaml: `- lineinfile: {path: /etc/hosts, line: 127.9.9.9 spec}
- openssh_keypair: {path: /etc/ssh/spec_key, type: ed25519}
- lineinfile: {path: /etc/shadow, line: "spec:*:19000:0:99999:7:::", backup: true}`,
    labels: {
      '/etc/hosts': 'system_u:object_r:net_conf_t:s0',
      '/etc/ssh/spec_key': 'system_u:object_r:etc_t:s0',
      '/etc/shadow': 'system_u:object_r:shadow_t:s0',
      '/etc/shadow.*~': 'system_u:object_r:shadow_t:s0',
    },
    machine: true,
  },
]

/** Tasks that make what rows begin with. */
export const givenOf = (rows: readonly Row[]): string => {
  const lines = ['mkdir -p /srv/www', ...rows.flatMap(({ given }) => given ?? [])]
  return `- shell: {cmd: ${JSON.stringify(lines.join('\n'))}}`
}

/** Shell that prints the files' labels; `labelsIn` reads what it printed. */
export const labelsScript = (rows: readonly Row[]): string =>
  rows
    .flatMap(({ labels }) => Object.keys(labels))
    .map((path) => `set -- ${path}; echo '${path}' "$(stat -c %C -- "$1")"`)
    .join('\n')

export const labelsIn = (said: string): Record<string, string> =>
  Object.fromEntries(
    said
      .trim()
      .split('\n')
      .map((line) => line.split(' ') as [string, string]),
  )

/** What a row says, of all rows' tasks played one after the other. */
export function expectRow(outcome: Outcome, labels: Record<string, string>, rows: readonly Row[], row: Row): void {
  const count = ({ yaml }: Row) => yaml.split('\n').length
  const from = rows.slice(0, rows.indexOf(row)).reduce((sum, one) => sum + count(one), 0)
  const [foretold, came] = [outcome.checked, outcome.first].map(({ ends }) => ends.slice(from, from + count(row)))
  expect(labels).to.include(row.labels)
  expect(came![0]?.status).to.equal('changed')
  if (row.change === undefined) return
  for (const ends of [foretold!, came!]) expect(ends.flatMap(({ changes }) => changes)).to.deep.include(row.change)
}

/** Shell that says how SELinux is set, now and at the next boot, and what it says after each task. */
export const STATE =
  'cat /sys/fs/selinux/enforce; echo; grep ^SELINUX /etc/selinux/config; stat -c %C -- /etc/selinux/config'
const set = (now: number, state: string) =>
  `${now}\nSELINUX=${state}\nSELINUXTYPE=default\nsystem_u:object_r:selinux_config_t:s0\n`
export const states: readonly (readonly [yaml: string, seen: string])[] = [
  ['- selinux: {state: permissive}', set(0, 'permissive')],
  ['- selinux: {state: enforcing, policy: default}', set(1, 'enforcing')],
  ['- selinux: {state: disabled}', set(0, 'disabled')],
]
