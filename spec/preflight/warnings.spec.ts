import { expect } from 'chai'
import { fourHosts, play, tsplay } from '../run/story.ts'
import { examined, line } from './examined.ts'

interface Doubtful {
  readonly what: string
  readonly book: string
  readonly files?: Readonly<Record<string, string>>
  readonly words?: readonly string[]
  /** Every warning, in order. */
  readonly told: readonly string[]
}

const task = (text: string) => `- hosts: h1\n  tasks:\n    - ${text}\n`

const doubtful: readonly Doubtful[] = [
  {
    what: 'a variable of a play that nothing uses',
    book: '- hosts: h1\n  vars: {used: 1, unused: 2}\n  tasks: [{debug: {msg: "{{used}}"}}]\n',
    told: ['unused-variable: nothing uses the variable "unused" of the play (site.yml:2:19)'],
  },
  {
    what: "a role's default and variable that nothing uses",
    book: '- {hosts: h1, roles: [r]}\n',
    files: {
      'roles/r/tasks/main.yml': '- debug: {msg: "{{used}}"}\n',
      'roles/r/tasks/later.yml': '- debug: {msg: "{{for_later}}"}\n',
      'roles/r/defaults/main.yml': 'used: 1\nfor_later: 2\nspare: 3\n',
      'roles/r/vars/main.yml': 'forgotten: 4\n',
    },
    told: [
      'unused-variable: nothing uses the variable "spare" of the role "r" (roles/r/defaults/main.yml:3:1)',
      'unused-variable: nothing uses the variable "forgotten" of the role "r" (roles/r/vars/main.yml:1:1)',
    ],
  },
  {
    what: 'a result that nothing uses',
    book: task('{command: "true", register: told}'),
    told: ['unused-register: nothing uses the result "told" (site.yml:3:35)'],
  },
  {
    what: 'a handler that nothing notifies',
    book: `${task('{command: "true", notify: "restart {{inventory_hostname}}"}')}  handlers: [{name: restart h1, debug: {msg: x}}, {name: reload h1, debug: {msg: x}}]\n`,
    told: ['unused-handler: nothing notifies the handler "reload h1" (site.yml:4:58)'],
  },
  {
    what: 'a condition that is always the same',
    book: task('{debug: {msg: x}, when: [true, 1 > 2]}'),
    told: [
      'constant-condition: this condition is always true (site.yml:3:32)',
      'constant-condition: this condition is always false (site.yml:3:38)',
    ],
  },
  {
    what: 'become_user that nobody becomes',
    book: '- hosts: h1\n  become_user: app\n  tasks: [{command: "true"}]\n',
    told: ['no-effect: "become_user" has no effect here: nothing says "become: true" (site.yml:2:16)'],
  },
  {
    what: 'notify of what never changes',
    book: `${task('{debug: {msg: x}, notify: bell}')}    - {command: "true", changed_when: false, notify: bell}\n  handlers: [{name: bell, debug: {msg: x}}]\n`,
    told: [
      'no-effect: "notify" has no effect here: "debug" never changes anything (site.yml:3:33)',
      'no-effect: "notify" has no effect here: "changed_when" says it never changes (site.yml:4:54)',
    ],
  },
  {
    what: 'keywords that lack another',
    book: task('{command: "true", delay: 3, poll: 2, delegate_facts: true, loop_control: {label: x}}'),
    told: [
      'no-effect: "delay" has no effect here: there is no "until" (site.yml:3:32)',
      'no-effect: "poll" has no effect here: there is no "async" (site.yml:3:41)',
      'no-effect: "delegate_facts" has no effect here: there is no "delegate_to" (site.yml:3:60)',
      'no-effect: "loop_control" has no effect here: there is no "loop" (site.yml:3:80)',
    ],
  },
  {
    what: 'a rescue that is never reached',
    book: '- hosts: h1\n  tasks:\n    - ignore_errors: true\n      block: [{command: "false"}]\n      rescue: [{debug: {msg: x}}]\n',
    told: ['no-effect: "rescue" has no effect here: failures of the block are ignored (site.yml:5:7)'],
  },
  {
    what: 'a variable with a name that is taken',
    book: '- hosts: h1\n  vars: {group_names: [x]}\n  tasks: [{debug: {msg: "{{group_names}}"}}]\n',
    told: ['reserved-name: "group_names" is set by tsplay itself: what is given here is never seen (site.yml:2:23)'],
  },
  {
    what: "a loop's variable that hides another",
    book: '- hosts: h1\n  vars: {user: ann}\n  tasks:\n    - {debug: {msg: "{{user}}"}, loop: [a], loop_control: {loop_var: user}}\n',
    told: ['shadowed-name: the variable "user" of this loop hides another of the same name (site.yml:4:70)'],
  },
  {
    what: 'a variable of the inventory that is one slip away from a default',
    book: '- {hosts: h1, roles: [r]}\n',
    files: {
      'group_vars/web.yml': 'etcd_verison: 3\n',
      'roles/r/tasks/main.yml': '- debug: {msg: "{{etcd_version}}"}\n',
      'roles/r/defaults/main.yml': 'etcd_version: 2\n',
    },
    told: ['misspelt-name: nothing uses the variable "etcd_verison" of group_vars/web.yml (group_vars/web.yml:1:15)'],
  },
  {
    what: 'two handlers with one name',
    book: `${task('{command: "true", notify: bell}')}  handlers:\n    - {name: bell, debug: {msg: x}}\n    - {name: bell, debug: {msg: y}}\n`,
    told: ['same-name: two handlers are called "bell": notifying that name runs only this one (site.yml:6:14)'],
  },
  {
    what: 'files of no host and no group',
    book: task('{debug: {msg: x}}'),
    files: { 'group_vars/wbe.yml': 'a: 1\n', 'host_vars/h1.yml': 'b: 1\n', 'host_vars/old.yml': 'c: 1\n' },
    told: [
      'orphan-file: the inventory has no group "wbe": nobody has these variables (group_vars/wbe.yml:1:1)',
      'orphan-file: the inventory has no host "old": nobody has these variables (host_vars/old.yml:1:1)',
    ],
  },
  {
    what: 'old spellings',
    book: task('{include: more.yml}'),
    files: {
      'more.yml': '- debug: {msg: x}\n',
      'inventory.yml': 'all: {hosts: {h1: {ansible_ssh_user: ann, ansible_connection: local}}}\n',
    },
    told: [
      'old-spelling: "ansible_ssh_user" is an old spelling (inventory.yml:1:38)',
      'old-spelling: "include" is an old spelling (site.yml:3:8)',
    ],
  },
  {
    what: 'tags that no task has',
    book: task('{debug: {msg: x}, tags: deploy}'),
    words: ['-t', 'deplyo', '--skip-tags', 'slow'],
    told: [
      'unknown-tag: no task has the tag "slow" (--skip-tags:1:1)',
      'unknown-tag: no task has the tag "deplyo" (--tags:1:1)',
    ],
  },
  {
    what: 'what is undefined where a rescue takes care of it',
    book: '- hosts: h1\n  tasks:\n    - block: [{debug: {msg: "{{nope}}"}}]\n      rescue: [{debug: {msg: x}}]\n',
    told: ['undefined-variable: "nope" is not defined (site.yml:3:32)'],
  },
  {
    what: 'a comment that allows what is no warning',
    book: task('{debug: {msg: x}} # tsplay: allow unused-registre'),
    told: ['unknown-allowance: there is no warning "unused-registre" to allow (site.yml:3:41)'],
  },
]

describe('warnings', () => {
  for (const { what, book, files, words = [], told } of doubtful) {
    it(`are given of ${what}`, async () => {
      const all = { 'inventory.yml': fourHosts, ...files, 'site.yml': book }
      const { problems, warnings } = await examined(all, ['-i', 'inventory.yml', ...words])
      expect(problems.map(line)).to.deep.equal([])
      expect(warnings.map(line)).to.deep.equal(told)
    })
  }

  it('are not given of what a wrong name would bring', async () => {
    const book = '- hosts: h1\n  vars: {port: 1}\n  tasks: [{debug: {msg: "{{prot}}"}}]\n'
    const { problems, warnings } = await examined({ 'inventory.yml': fourHosts, 'site.yml': book }, [
      '-i',
      'inventory.yml',
    ])
    expect(problems.map(line)).to.deep.equal(['undefined-variable: "prot" is not defined (site.yml:3:28)'])
    expect(warnings).to.deep.equal([])
  })

  const book = task('{command: "true", register: told}')
  const validate = (text: string, ...words: string[]) =>
    tsplay({ 'inventory.yml': fourHosts, 'site.yml': text }, ['validate', 'site.yml', '-i', 'inventory.yml', ...words])

  it('stop nothing, unless validate is strict', async () => {
    const loose = await validate(book)
    expect(loose.status).to.equal(0)
    expect(loose.stdout).to.equal('site.yml: 1 play, 1 task, 1 host: nothing wrong.\n')
    expect(loose.stderr)
      .to.contain('warning[unused-register]: Nothing uses the result "told".')
      .and.contain('\n1 warning\n')
    const strict = await validate(book, '--strict')
    expect(strict.status).to.equal(1)
    expect(strict.stdout).to.equal('')
    expect(strict.stderr).to.contain('error[unused-register]').and.contain('\n1 problem\n')
  })

  it('are allowed by a comment at the line, above the item, or for the file', async () => {
    for (const allowed of [
      `${book.trimEnd()} # tsplay: allow unused-register\n`,
      '- hosts: h1\n  tasks:\n    # tsplay: allow no-effect, unused-register -- by hand\n    - command: "true"\n      register: told\n',
      `# tsplay: allow-file unused-register\n${book}`,
    ]) {
      const { status, stderr } = await validate(allowed, '--strict')
      expect(stderr).to.equal('')
      expect(status).to.equal(0)
    }
    const { status } = await validate(`# tsplay: allow constant-condition\n${book}`, '--strict')
    expect(status).to.equal(1)
  })

  it('of names that are taken are shown by a run, the others not', async () => {
    const text = '- hosts: h1\n  vars: {groups: {}, spare: 1}\n  tasks: [{debug: {msg: x}}]\n'
    const { events, status } = await play({ book: text })
    expect(status).to.equal(0)
    const warned = events.flatMap((event) => (event.event === 'warning' ? [event.message] : []))
    expect(warned).to.deep.equal([
      '"groups" is set by tsplay itself: what is given here is never seen (site.yml:2:18). Give the variable another name.',
    ])
  })

  it('come thirty at a time', async () => {
    const many = Array.from({ length: 42 }, (_, index) => `    - {command: "true", register: told${index}}\n`)
    const { stderr } = await validate(`- hosts: h1\n  tasks:\n${many.join('')}`, '--strict')
    expect(stderr.match(/^error\[/gm)).to.have.length(30)
    expect(stderr).to.contain('… and 12 more').and.contain('42 problems')
  })
})

describe("this repository's own playbooks", () => {
  for (const name of ['hello', 'check-cluster', 'ha-cluster']) {
    it(`${name}.yml has no warning`, async () => {
      const { main } = await import('../../engine/cli/commands.ts')
      const root = new URL('../..', import.meta.url).pathname
      expect(await main(['validate', `${root}playbooks/${name}.yml`, '-i', `${root}inventory`, '--strict'])).to.equal(0)
    })
  }
})
