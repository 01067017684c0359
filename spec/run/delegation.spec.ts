import { expect } from 'chai'
import { play, said, tsplay } from './story.ts'

const inventory = `all:
  vars: {ansible_connection: local}
  children:
    web: {hosts: {h1: {color: red}, h2: {color: red}}}
    db: {hosts: {h3: {color: blue, ansible_host: 127.0.0.3}}}
`

describe('delegation', () => {
  it('says who does it, for items too', async () => {
    const { stdout } = await tsplay(
      {
        'inventory.yml': inventory,
        'site.yml': `- hosts: h1
  tasks:
    - {name: one, command: "true", delegate_to: h3}
    - {name: items, command: "true", delegate_to: "{{item}}", loop: [h2, h3]}
    - {name: own, command: "true", delegate_to: "{{inventory_hostname}}"}
    - {name: local, local_action: command true}
`,
      },
      ['run', 'site.yml', '-i', 'inventory.yml'],
    )
    expect(stdout.split('\n').filter((line) => line.startsWith('changed'))).to.deep.equal([
      'changed: [h1 -> h3]',
      'changed: [h1 -> h2] => (item=h2)',
      'changed: [h1 -> h3] => (item=h3)',
      'changed: [h1]',
      'changed: [h1 -> localhost]',
    ])
  })

  it('fills in with the variables of the host it is for, and finds a delegate by its address', async () => {
    const { events } = await play({
      files: { 'inventory.yml': inventory },
      book: `- hosts: web
  tasks:
    - {name: says, command: "echo {{inventory_hostname}} {{color}}", delegate_to: 127.0.0.3, register: r}
    - {name: told, debug: {msg: "{{r.stdout}}"}}
    - {name: give, set_fact: {given: "{{inventory_hostname}}"}, delegate_to: 127.0.0.3, delegate_facts: true, run_once: true}
    - {name: got, debug: {msg: "{{hostvars.h3.given}} {{default given 'none'}}"}}
`,
    })
    expect(said(events)).to.deep.equal(['h1: h1 red', 'h2: h2 red', 'h1: h1 none', 'h2: h1 none'])
  })

  it('shares what one host learnt for all', async () => {
    const { events } = await play({
      files: { 'inventory.yml': inventory, 'vars/more.yml': 'more: here\n' },
      book: `- hosts: web
  tasks:
    - {name: own, set_fact: {own: "{{inventory_hostname}}"}}
    - {name: once, set_fact: {shared: "{{inventory_hostname}}"}, run_once: true}
    - {name: vars, include_vars: more.yml, run_once: true}
    - {name: told, debug: {msg: "{{own}} {{shared}} {{more}}"}}
`,
    })
    expect(said(events)).to.deep.equal(['h1: h1 h1 here', 'h2: h2 h1 here'])
  })
})
