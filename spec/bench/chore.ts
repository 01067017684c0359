// What all peers are to do, in the words of each; what they leave on the hosts must be the same.
import { kept, template, thirtyCommands, thirtyTasks } from './thirty-tasks.ts'

export interface Chore {
  /** As the tables call it. */
  readonly title: string
  /** A playbook for tsplay, and for Ansible where that spells it differently. */
  readonly book: string
  readonly ansible?: string
  readonly tasks: number
  /** Files beside the playbook. */
  readonly files?: Readonly<Record<string, string>>
  /** What a person runs over ssh instead, a line a command; @HOST@ and @NUMBER@ stand for the host's. */
  readonly commands: readonly string[]
  /** Sent to each host as /opt/bench/big: so many bytes. */
  readonly big?: number
  /** It was done already, and then this shell text was run. */
  readonly done?: string
}

const play = (tasks: string, more = 'gather_facts: false') => `- hosts: all\n  ${more}\n  tasks:\n${tasks}`

const command = { title: 'one command', book: play('    - command: "true"\n'), tasks: 1, commands: ['true'] }

const facts = {
  title: 'facts',
  book: play('    - debug: {msg: "{{ facts.hostname }}"}\n', 'gather_facts: true'),
  ansible: play('    - debug: {msg: "{{ ansible_facts.hostname }}"}\n', 'gather_facts: true'),
  tasks: 2,
  // by hand, one looks at what one needs
  commands: ['hostname'],
}

const thirty = {
  book: thirtyTasks,
  tasks: 30,
  files: { 'site.tpl': template },
  commands: thirtyCommands,
}

const hundred = {
  book: play(
    '    - file: {path: /opt/bench, state: directory}\n' +
      `    - copy: {dest: "/opt/bench/{{ item }}", content: "number {{ item }}\\n", mode: '0644'}\n      loop: ${JSON.stringify(range(100))}\n`,
  ),
  tasks: 101,
  commands: [
    'install -d -m 755 /opt/bench',
    ...range(100).map((item) => kept(`/opt/bench/${item}`, `number ${item}\\n`, '644')),
  ],
}

const file = {
  book: play(
    "    - file: {path: /opt/bench, state: directory}\n    - copy: {src: big, dest: /opt/bench/big, mode: '0644'}\n",
  ),
  tasks: 2,
  commands: ['install -d -m 755 /opt/bench'],
  big: 100_000_000,
}

export const chores: Readonly<Record<string, Chore>> = {
  command,
  facts,
  new: { title: '30 tasks, everything changes', ...thirty },
  unchanged: { title: '30 tasks, nothing changes', ...thirty, done: ':' },
  'one-changed': { title: '30 tasks, one file changes', ...thirty, done: 'echo other >/opt/bench/d1/f5' },
  'loop-new': { title: 'a loop of 100 files, all new', ...hundred },
  'loop-unchanged': { title: 'a loop of 100 files, unchanged', ...hundred, done: ':' },
  'file-new': { title: 'a file of 100 MB, new', ...file },
  'file-unchanged': { title: 'a file of 100 MB, unchanged', ...file, done: ':' },
}

/** Shell text that takes away all that any chore leaves. */
export const clear =
  'rm -rf /opt/bench; ! getent passwd bench >/dev/null || userdel bench; ! getent group bench >/dev/null || groupdel bench'

function range(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index)
}
