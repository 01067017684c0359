import { expect } from 'chai'
import { tsplay } from './story.ts'

const hosts = 'all: {vars: {ansible_connection: local}, hosts: {h1: , h2: , h3: }}\n'

/** What is told of a playbook, and of the places it names. */
async function told(files: Record<string, string>, task: string) {
  const book = `- hosts: h1\n  gather_facts: false\n  tasks:\n    - debug: {msg: "${task}"}\n`
  const { status, stdout, stderr } = await tsplay({ 'hosts.yml': hosts, ...files, 'site.yml': book }, [
    'run',
    'site.yml',
    '-i',
    'hosts.yml',
  ])
  return {
    status,
    stdout,
    says: /^error\[.*/m.exec(stderr)?.[0],
    places: [...stderr.matchAll(/ --> (.*)/g)].map((match) => match[1]),
    stderr,
  }
}

describe('variables that are defined by each other', function () {
  this.timeout(20_000)

  it('are told with their places, before any host', async () => {
    const { stderr, ...rest } = await told(
      { 'group_vars/all.yml': 'a: "{{b}}"\nb: [1, "{{c.d}}"]\nc: {d: "x{{a}}"}\n' },
      '{{a}}',
    )
    expect(rest, stderr).to.deep.equal({
      status: 1,
      stdout: '',
      says: 'error[variable-cycle]: Variables are defined by each other: a → b → c → a.',
      places: ['group_vars/all.yml:1:4', 'group_vars/all.yml:2:4', 'group_vars/all.yml:3:4'],
    })
  })

  it('are told across files and kinds of values', async () => {
    const files = { 'group_vars/all.yml': 'a: !expr b + 1\n', 'host_vars/h1.yml': 'b: "{{#if true}}{{a}}{{/if}}"\n' }
    const { says, places, stderr } = await told(files, 'the sum is {{b}}')
    expect(says, stderr).to.equal('error[variable-cycle]: Variables are defined by each other: b → a → b.')
    expect(places).to.deep.equal(['host_vars/h1.yml:1:4', 'group_vars/all.yml:1:10'])
  })

  it('are told where they go through other hosts', async () => {
    const files = { 'host_vars/h1.yml': 'x: "{{hostvars.h2.x}}"\n', 'host_vars/h2.yml': 'x: "{{hostvars.h1.x}}"\n' }
    const { status, says, places, stderr } = await told(files, '{{x}}')
    expect({ status, says }, stderr).to.deep.equal({
      status: 1,
      says: 'error[variable-cycle]: Variables are defined by each other: x of h1 → x of h2 → x of h1.',
    })
    expect(places).to.deep.equal(['host_vars/h1.yml:1:4', 'host_vars/h2.yml:1:4'])
  })

  it('are told where one names itself', async () => {
    const { says, stderr } = await told({ 'group_vars/all.yml': 'path: "/opt:{{path}}"\n' }, '{{path}}')
    expect(says, stderr).to.equal('error[variable-cycle]: The variable "path" is defined by itself.')
    const other = await told({ 'group_vars/all.yml': 'path: "/opt:{{hostvars.h1.path}}"\n' }, '{{path}}')
    expect(other.says, other.stderr).to.equal('error[variable-cycle]: The variable "path" is defined by itself.')
  })

  it('are none where each host asks the next, and the last has a value', async () => {
    const files = {
      'group_vars/all.yml': `n: !expr "inventory_hostname == 'h3' ? 1 : hostvars[next].n + 1"\n`,
      'host_vars/h1.yml': 'next: h2\n',
      'host_vars/h2.yml': 'next: h3\n',
    }
    const { status, stdout, stderr } = await told(files, 'n is {{n}}')
    expect(status, stderr).to.equal(0)
    expect(stdout).to.contain('n is 3')
  })

  it('harm nobody who does not ask for them', async () => {
    const { status, stderr } = await told({ 'group_vars/all.yml': 'a: "{{b}}"\nb: "{{a}}"\nc: 1\n' }, '{{c}}')
    expect(status, stderr).to.equal(0)
  })
})
