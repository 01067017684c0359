import { hostname } from 'node:os'
import { expect } from 'chai'
import type { Event } from '../../engine/base/event.ts'
import { said, tsplay } from './story.ts'

/** The one variable that all levels set. It has a fact's name, for facts are a level too. */
const name = 'ansible_hostname'

/**
 * The list of docs/language.md, low to high. Each level sets the variable to the level's own name, but for facts, which
 * tell the truth.
 */
const levels = [
  'role defaults',
  'inventory all',
  'inventory groups',
  'group_vars/all',
  'group_vars',
  'inventory host',
  'host_vars',
  'facts',
  'play vars',
  'vars_prompt',
  'vars_files',
  'role vars',
  'block vars',
  'task vars',
  'include_vars',
  'set_fact and register',
  'role params',
  'include params',
  '-e',
]
const toldBy = (level: string) => (level === 'facts' ? hostname().split('.')[0]! : level)

/** A project in which only these levels set it. */
function files(has: ReadonlySet<string>): Record<string, string> {
  const set = (level: string) => (has.has(level) ? `{${name}: ${level}}` : '{}')
  const when = (level: string, text: string) => (has.has(level) ? text : '')
  return {
    'inventories/hosts.yml': `all:
  vars: ${set('inventory all')}
  children:
    web:
      hosts: {h1: ${set('inventory host')}}
      vars: ${set('inventory groups')}
local: {hosts: {h1: }, vars: {ansible_connection: local}}
`,
    'inventories/group_vars/all.yml': set('group_vars/all'),
    'inventories/group_vars/web.yml': set('group_vars'),
    'inventories/host_vars/h1.yml': set('host_vars'),
    'files.yml': set('vars_files'),
    'roles/r/defaults/main.yml': set('role defaults'),
    'roles/r/vars/main.yml': set('role vars'),
    'roles/r/vars/included.yml': set('include_vars'),
    'roles/r/tasks/main.yml': `- include_tasks: more.yml\n  vars: ${set('include params')}\n`,
    'roles/r/tasks/more.yml': `
${when('include_vars', '- include_vars: included.yml')}
${when('set_fact and register', `- set_fact: {${name}: set_fact and register}`)}
- vars: ${set('block vars')}
  block:
    - name: Show
      debug: {msg: "it is {{${name}}}"}
      vars: ${set('task vars')}
`,
    'site.yml': `
- hosts: h1
  gather_facts: ${has.has('facts')}
  vars: ${set('play vars')}
  ${when('vars_prompt', `vars_prompt: [{name: ${name}, prompt: It, private: false, default: vars_prompt}]`)}
  vars_files: [files.yml]
  roles:
    - {role: r${when('role params', `, ${name}: role params`)}}
`,
  }
}

interface Explained {
  readonly plays: readonly { readonly definitions: readonly { rank: string; value?: unknown }[] }[]
}

describe('the precedence of variables', function () {
  this.timeout(60_000)

  for (let top = levels.length; top > 0; top--) {
    const winner = levels[top - 1]!
    it(`${winner} wins over ${top === 1 ? 'nothing' : `the ${top - 1} below`}, when run and as explained`, async () => {
      const project = files(new Set(levels.slice(0, top)))
      const words = ['-i', 'inventories/hosts.yml', ...(winner === '-e' ? ['-e', `{"${name}": "-e"}`] : [])]
      const ran = await tsplay(project, ['run', 'site.yml', ...words, '--output', 'jsonl'])
      const lines = ran.stdout.split('\n').filter((line) => line.startsWith('{'))
      expect(ran.status, ran.stdout + ran.stderr).to.equal(0)
      expect(said(lines.map((line) => JSON.parse(line) as Event))).to.deep.equal([`h1: it is ${toldBy(winner)}`])

      const asked = ['explain', name, '--host', 'h1', '-p', 'site.yml', '--task', 'Show', '--output', 'json', ...words]
      const { status, stdout, stderr } = await tsplay(project, asked)
      expect(status, stderr).to.equal(0)
      const { definitions } = (JSON.parse(stdout) as Explained).plays[0]!
      // Every level that is there is told, in order.
      expect(definitions.map((one) => one.rank)).to.deep.equal(levels.slice(0, top).toReversed())
      // What is asked for, and what is gathered, only the run can tell.
      const known = winner === 'vars_prompt' || winner === 'facts' ? undefined : winner
      expect(definitions[0]!.value).to.equal(known)
    })
  }
})
