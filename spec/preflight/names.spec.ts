import { expect } from 'chai'
import { fourHosts } from '../run/story.ts'
import { examined, line } from './examined.ts'

interface Mistake {
  readonly what: string
  readonly book: string
  readonly files?: Readonly<Record<string, string>>
  readonly words?: readonly string[]
  /** Every problem, in order. */
  readonly told: readonly string[]
  readonly hint?: string
}

const task = (text: string) => `- hosts: h1\n  tasks:\n    - ${text}\n`
const nope = (at: string) => `undefined-variable: "nope" is not defined (${at})`

const mistakes: readonly Mistake[] = [
  { what: 'in changed_when', book: task('{command: "true", changed_when: nope == 1}'), told: [nope('site.yml:3:39')] },
  { what: 'in failed_when', book: task('{command: "true", failed_when: nope == 1}'), told: [nope('site.yml:3:38')] },
  { what: 'in until', book: task('{command: "true", until: nope == 1, retries: 1}'), told: [nope('site.yml:3:32')] },
  { what: 'in a loop', book: task('{debug: {msg: x}, loop: "{{nope}}"}'), told: [nope('site.yml:3:34')] },
  {
    what: 'in the label of a loop',
    book: task('{debug: {msg: x}, loop: [1], loop_control: {label: "{{nope}}"}}'),
    told: [nope('site.yml:3:61')],
  },
  {
    what: 'behind a result',
    book: task('{command: "true", register: r, failed_when: r.rc > 0 && nope}'),
    told: [nope('site.yml:3:63')],
  },
  {
    what: 'in a handler',
    book: `${task('{command: "true", notify: bell}')}  handlers: [{name: bell, debug: {msg: "{{nope}}"}}]\n`,
    told: [nope('site.yml:4:43')],
  },
  {
    what: 'in a variable of the play that is used',
    book: '- hosts: h1\n  vars: {a: "{{b}}", b: "{{nope}}", unused: "{{never}}"}\n  tasks: [{debug: {msg: "{{a}}"}}]\n',
    told: [nope('site.yml:2:28')],
  },
  {
    what: "in a play's environment",
    book: '- hosts: h1\n  environment: {A: "{{nope}}"}\n  tasks: [{command: "true"}, {command: "true"}]\n',
    told: [nope('site.yml:2:23')],
  },
  {
    what: 'in an included file',
    book: task('{include_tasks: more.yml, vars: {given: 1}}'),
    files: { 'more.yml': '- {debug: {msg: "{{given}} {{nope}}"}}\n' },
    told: [nope('more.yml:1:30')],
  },
  {
    what: 'in an included role and its template',
    book: task('{include_role: {name: r}, vars: {given: 1}}'),
    files: {
      'roles/r/tasks/main.yml': '- {template: {src: t.hbs, dest: "/tmp/{{given}}"}}\n',
      'roles/r/templates/t.hbs':
        '{{#each groups.web as |host|}}{{host}} {{this}} {{@root.nope}}{{#if @first}}{{../nope}}{{/if}}{{/each}}\n',
    },
    told: [nope('roles/r/templates/t.hbs:1:51'), nope('roles/r/templates/t.hbs:1:79')],
  },
  {
    what: 'on one host only, where the task surely runs',
    book: '- hosts: web\n  tasks: [{debug: {msg: "{{only_h1}}"}}]\n',
    files: { 'host_vars/h1.yml': 'only_h1: 1\n' },
    told: ['undefined-variable: "only_h1" is not defined (site.yml:2:28)'],
  },
  {
    what: 'where only some hosts come',
    book: '- hosts: all\n  tasks: [{debug: {msg: "{{nope}}"}, when: inventory_hostname in groups.web}]\n',
    told: [nope('site.yml:2:28')],
  },
  {
    what: 'a part of a result',
    book: task('{command: "true", register: r}').concat('    - {debug: {msg: "{{r.stdot}}"}}\n'),
    told: ['undefined-variable: The result "r" has no "stdot" (site.yml:4:26)'],
    hint: 'Did you mean "stdout"?',
  },
  {
    what: 'a fact',
    book: task('{debug: {msg: "{{facts.os_famly}} {{ansible_distributon}}"}}'),
    told: [
      'undefined-variable: There is no fact "os_famly" (site.yml:3:30)',
      'undefined-variable: There is no fact "ansible_distributon" (site.yml:3:43)',
    ],
  },
  {
    what: 'a group',
    book: task('{debug: {msg: x}, when: inventory_hostname in groups.wbe}'),
    told: ['undefined-variable: no key "wbe" in "groups" (site.yml:3:60)'],
    hint: 'Did you mean "web"?',
  },
  {
    what: 'a host',
    book: task('{debug: {msg: !expr "hostvars[\'h9\'].inventory_hostname"}}'),
    told: ['undefined-variable: no key "h9" in "hostvars" (site.yml:3:37)'],
  },
  {
    what: "a loop's variable",
    book: task('{debug: {msg: "{{item}}"}, loop: [1], loop_control: {loop_var: thing}}'),
    told: ['undefined-variable: "item" is not defined (site.yml:3:24)'],
  },
]

describe('preflight finds a name that is not there', () => {
  for (const { what, book, files, words = [], told, hint } of mistakes) {
    it(what, async () => {
      const all = { 'inventory.yml': fourHosts, ...files, 'site.yml': book }
      const { problems } = await examined(all, ['-i', 'inventory.yml', ...words])
      expect(problems.map(line)).to.deep.equal(told)
      if (hint) expect(problems[0]?.hint).to.equal(hint)
    })
  }

  it('names the host that lacks it', async () => {
    const all = {
      'inventory.yml': fourHosts,
      'host_vars/h1.yml': 'only_h1: 1\n',
      'site.yml': '- hosts: web\n  tasks: [{debug: {msg: "{{only_h1}}"}}]\n',
    }
    const { problems } = await examined(all, ['-i', 'inventory.yml'])
    expect(problems.map(({ host }) => host)).to.deep.equal(['h2'])
  })

  it('and says so when a host, a task or a limit of the command line is not there', async () => {
    const all = { 'inventory.yml': fourHosts, 'site.yml': task('{name: one, debug: {msg: x}}') }
    const limit = await examined(all, ['-i', 'inventory.yml', '-l', 'h9'])
    expect(limit.problems.map(({ code }) => code)).to.deep.equal(['unknown-group'])
  })

  it('leaves files named by facts to the run', async () => {
    const { problems } = await examined(
      {
        'inventory.yml': fourHosts,
        'vars/Debian.yml': 'given: 1\n',
        'roles/r/tasks/main.yml': '- debug: {msg: "{{given}}"}\n',
        'roles/r/meta/main.yml': 'params: {properties: {given: {type: integer}}}\n',
        'site.yml': '- hosts: h1\n  vars_files: ["{{facts.os_family}}.yml"]\n  roles: [r]\n',
      },
      ['-i', 'inventory.yml'],
    )
    expect(problems.map(line)).to.deep.equal([])
  })
})
