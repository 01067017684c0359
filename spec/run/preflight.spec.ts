import { expect } from 'chai'
import { fourHosts, play, playOnce, trace, tsplay } from './story.ts'

/** What a wrong playbook is told, without the summary line; nothing may have been run. */
async function wrong(book: string, files: Record<string, string> = {}): Promise<string> {
  const ended = await tsplay({ 'inventory.yml': fourHosts, ...files, 'site.yml': book }, [
    'run',
    'site.yml',
    '-i',
    'inventory.yml',
  ])
  expect(ended.stdout).to.equal('')
  expect(ended.status).to.equal(1)
  return ended.stderr
}

interface Mistake {
  readonly what: string
  readonly book: string
  readonly files?: Record<string, string>
  /** Code, message and place; then the characters the caret is under. */
  readonly told: string
  readonly under: string
}

const task = (text: string) => `- hosts: h1\n  tasks:\n    - ${text}\n`

const mistakes: readonly Mistake[] = [
  {
    what: 'an unknown keyword',
    book: task('{debug: {msg: x}, wen: true}'),
    told: 'error[unknown-keyword]: A task has no keyword "wen". site.yml:3:25 Did you mean "when"?',
    under: 'wen',
  },
  {
    what: 'a keyword in the wrong place',
    book: '- hosts: h1\n  register: x\n  tasks: []\n',
    told: 'error[unknown-keyword]: A play has no keyword "register". site.yml:2:3 It belongs to: task, handler, include.',
    under: 'register',
  },
  {
    what: 'an unknown module',
    book: task('{coppy: {dest: /tmp/x}}'),
    told: 'error[unknown-module]: There is no module "coppy". site.yml:3:8 Did you mean "copy"?',
    under: 'coppy',
  },
  {
    what: 'an unknown parameter',
    book: task('{file: {path: /tmp/x, statee: file}}'),
    told: 'error[unknown-parameter]',
    under: 'statee',
  },
  {
    what: 'a wrong type',
    book: task('{file: {path: /tmp/x, recurse: maybe}}'),
    told: 'error[bad-parameter]',
    under: 'maybe',
  },
  {
    what: 'a missing parameter',
    book: task('{copy: {content: x}}'),
    told: 'error[bad-parameter]',
    under: 'copy',
  },
  {
    what: 'an unknown role',
    book: '- {hosts: h1, roles: [webb]}\n',
    files: { 'roles/web/tasks/main.yml': '' },
    told: 'error[unknown-role]: There is no role "webb". site.yml:1:23 Did you mean "web"?',
    under: 'webb',
  },
  {
    what: 'an unknown handler',
    book: `${task('{command: "true", notify: restrat}')}  handlers: [{name: restart, debug: {msg: x}}]\n`,
    told: 'error[unknown-handler]: No handler is called "restrat", and none listens to it. site.yml:3:33 Did you mean "restart"?',
    under: 'restrat',
  },
  { what: 'an unknown group', book: '- {hosts: webb, tasks: []}\n', told: 'error[unknown-group]', under: 'webb' },
  {
    what: 'a missing template',
    book: task('{template: {src: nope.hbs, dest: /tmp/x}}'),
    told: 'error[file-missing]: There is no file "nope.hbs".',
    under: 'nope.hbs',
  },
  {
    what: 'a missing task file',
    book: task('{import_tasks: nope.yml}'),
    told: 'error[file-missing]: There is no task file "nope.yml".',
    under: 'nope.yml',
  },
  {
    what: 'a missing included file',
    book: task('{include_tasks: nope.yml}'),
    told: 'error[file-missing]: There is no task file "nope.yml".',
    under: 'nope.yml',
  },
  {
    what: 'an undefined variable in a task',
    book: task('{debug: {msg: "hello {{whoo}}"}}'),
    told: 'error[undefined-variable]: "whoo" is not defined. site.yml:3:30',
    under: 'whoo',
  },
  {
    what: 'an undefined variable in a condition',
    book: task('{debug: {msg: x}, when: nope == 1}'),
    told: 'error[undefined-variable]: "nope" is not defined.',
    under: 'nope',
  },
  {
    what: 'an undefined variable in a template',
    book: task('{template: {src: a.hbs, dest: /tmp/x}}'),
    files: { 'templates/a.hbs': 'one\ntwo {{nope}}\n' },
    told: 'error[undefined-variable]: "nope" is not defined. templates/a.hbs:2:7',
    under: 'nope',
  },
  {
    what: "an undefined variable in a role's default",
    book: '- {hosts: h1, roles: [r]}\n',
    files: { 'roles/r/defaults/main.yml': 'a: "{{nope}}"\n', 'roles/r/tasks/main.yml': '- debug: {msg: "{{a}}"}\n' },
    told: 'error[undefined-variable]: "nope" is not defined. roles/r/defaults/main.yml:1:7',
    under: 'nope',
  },
  {
    what: 'an undefined variable in an included file',
    book: task('{include_tasks: i.yml}'),
    files: { 'i.yml': '- debug: {msg: "{{nope}}"}\n' },
    told: 'error[undefined-variable]: "nope" is not defined. i.yml:1:19',
    under: 'nope',
  },
  {
    what: 'braces without quotes',
    book: '- hosts: h1\n  tasks:\n    - debug:\n        msg: {{ x }}\n',
    told: 'error[yaml-trap]',
    under: '{{ x }}',
  },
  {
    what: 'a bare octal mode',
    book: task('{file: {path: /tmp/x, mode: 755}}'),
    told: 'error[yaml-trap]',
    under: '755',
  },
  {
    what: 'a key given twice',
    book: task('{debug: {msg: x}, name: a, name: b}'),
    told: 'error[yaml-trap]',
    under: 'name',
  },
  { what: 'bad YAML', book: '- hosts: "h1\n  tasks: []\n', told: 'error[yaml-syntax]', under: '' },
  {
    what: 'a condition that cannot be read',
    book: task('{debug: {msg: x}, when: "a === 1"}'),
    told: 'error[expression]',
    under: '=',
  },
  {
    what: 'a role without what it needs',
    book: '- {hosts: h1, roles: [{role: r, size: big}]}\n',
    files: { 'roles/r/tasks/main.yml': '', 'roles/r/meta/main.yml': 'params: {properties: {size: {type: integer}}}\n' },
    told: 'error[role-params]',
    under: 'big',
  },
  {
    what: "a role's own check",
    book: '- {hosts: h1, roles: [{role: r, n: 2}]}\n',
    files: {
      'roles/r/tasks/main.yml': '',
      'roles/r/meta/main.yml': 'checks: [{that: n % 2 == 1, msg: "an odd number is needed, not {{n}}"}]\n',
    },
    told: 'error[role-params]: An odd number is needed, not 2',
    under: 'r',
  },
  {
    what: 'two modules in a task',
    book: task('{debug: {msg: x}, command: "true"}'),
    told: 'error[shape]: A task can have one module only; this has "debug" and "command".',
    under: 'command',
  },
]

describe('preflight', () => {
  for (const { what, book, files, told, under } of mistakes) {
    it(`finds ${what}`, async () => {
      const text = await wrong(book, files)
      const [, head, place, rest] = /^(error\[[^\n]*)\n(?:\s*--> (\S+)\n)?([\s\S]*)$/.exec(text) ?? [text, text, '', '']
      const hint = /= help: (.*)/.exec(rest!)?.[1] ?? ''
      expect(`${head} ${place} ${hint}`, text).to.satisfy((line: string) => line.startsWith(told))
      const caret = /^(\s*\d+ \| )(.*)\n\s*\| ( *)(\^+)/m.exec(rest!)
      expect(caret, text).to.not.equal(null)
      expect(caret![2]!.substr(caret![3]!.length, caret![4]!.length), text).to.satisfy((part: string) =>
        part.includes(under),
      )
      expect(text.trimEnd().endsWith('1 problem'), text).to.equal(true)
    })
  }

  it('tells all mistakes at once', async () => {
    const text = await wrong(
      '- hosts: h1\n  tasks:\n    - coppy: {dest: /x}\n    - {file: {pathh: /x}}\n    - {debug: {msg: "{{nope}}"}}\n    - {command: "true", notify: nobody}\n',
    )
    expect([...text.matchAll(/^error\[([\w-]+)\]/gm)].map((match) => match[1])).to.include.members([
      'unknown-module',
      'unknown-parameter',
      'undefined-variable',
      'unknown-handler',
    ])
  })
})

describe('preflight raises no false alarm', () => {
  const fine = async (book: string, files: Record<string, string> = {}, words: string[] = []) => {
    const ended = await play({ book, files, words })
    expect(ended.stderr).to.equal('')
    expect(ended.status, trace(ended.events).join('\n')).to.equal(0)
    return ended
  }

  it('about what an included file sets, nested and by a computed name', async () => {
    await fine(
      '- hosts: web\n  vars: {kind: first}\n  tasks:\n    - include_tasks: "{{kind}}.yml"\n    - debug: {msg: "{{deep}} {{told.stdout}}"}\n',
      {
        'first.yml': '- include_tasks: second.yml\n',
        'second.yml': '- set_fact: {deep: 1}\n- {command: echo x, register: told}\n',
      },
    )
  })

  it('about what a loop of an include gives to its tasks', async () => {
    await fine(
      '- hosts: h1\n  tasks:\n    - {include_tasks: i.yml, loop: [{a: 1}], loop_control: {loop_var: thing, index_var: n}}\n',
      { 'i.yml': '- debug: {msg: "{{thing.a}} {{n}}"}\n' },
    )
  })

  it('about registers of another play and of other hosts', async () => {
    await fine(
      '- hosts: db\n  tasks: [{command: echo x, register: r}]\n- hosts: h1\n  tasks:\n    - debug: {msg: "{{hostvars.h3.r.stdout}}"}\n    - {debug: {msg: "{{hostvars[item].r.stdout}}"}, loop: [h3]}\n'.replace(
        '{{hostvars[item].r.stdout}}',
        "{{lookup (lookup hostvars item) 'inventory_hostname'}}",
      ),
    )
  })

  it('about include_vars, by name, by a computed name and by folder', async () => {
    await fine(
      '- hosts: h1\n  vars: {os: debian}\n  tasks:\n    - include_vars: a.yml\n    - include_vars: {file: "{{os}}.yml"}\n    - include_vars: {dir: more}\n    - include_vars: {file: a.yml, name: all_of}\n    - debug: {msg: "{{a}} {{b}} {{c}} {{all_of.a}}"}\n',
      { 'vars/a.yml': 'a: 1\n', 'vars/debian.yml': 'b: 2\n', 'vars/more/c.yml': 'c: 3\n' },
    )
  })

  it('about what is guarded', async () => {
    await fine(
      '- hosts: web\n  tasks:\n    - {debug: {msg: "{{maybe}}"}, when: defined(maybe)}\n    - {debug: {msg: "{{default maybe \'x\'}}"}}\n    - {debug: {msg: "{{only_h1}}"}, when: inventory_hostname == "h1"}\n    - {template: {src: nope.hbs, dest: /x}, when: false}\n    - {include_tasks: nope.yml, when: false}\n    - {template: {src: t.hbs, dest: /x}, when: defined(maybe)}\n',
      { 'host_vars/h1.yml': 'only_h1: 1\n', 'templates/t.hbs': '{{maybe}}' },
    )
  })

  it('about facts by either name', async () => {
    const { status, stderr } = await playOnce(
      {
        book: '- hosts: h1\n  tasks: [{debug: {msg: "{{ansible_hostname}} {{facts.hostname}}"}}]\n',
      },
      [],
    )
    expect(stderr).to.equal('')
    expect(status).to.equal(0)
  })

  it("about handlers and public variables of included roles, and roles' own modules", async () => {
    await fine(
      '- hosts: h1\n  tasks:\n    - include_role: {name: r, public: true}\n    - {command: "true", notify: of r}\n    - debug: {msg: "{{of_r}}"}\n',
      {
        'roles/r/tasks/main.yml': '- greet: {who: ann}\n  register: g\n- assert: {that: ["g.said == \'hello ann\'"]}\n',
        'roles/r/handlers/main.yml': '- {name: of r, debug: {msg: x}}\n',
        'roles/r/defaults/main.yml': 'of_r: 1\n',
        'roles/r/modules/greet.ts':
          "import { defineModule } from 'tsplay'\nexport default defineModule({\n  summary: 'Greet.',\n  params: { type: 'object', properties: { who: { type: 'string' } }, required: ['who'], additionalProperties: false },\n  examples: [],\n  local: (params) => ({ result: { said: `hello ${params.who}` } }),\n})\n",
      },
    )
  })

  it('about rescue, prompts and loops over registers', async () => {
    await fine(
      '- hosts: h1\n  vars_prompt: [{name: asked, default: x, private: false}]\n  tasks:\n    - block: [{name: b, command: "false"}]\n      rescue: [{debug: {msg: "{{ansible_failed_result.rc}} {{ansible_failed_task.name}} {{asked}}"}}]\n    - {command: "echo {{item}}", loop: [1, 2], register: many}\n    - {debug: {msg: "{{item.stdout}}"}, loop: !expr many.results}\n',
    )
  })
})
