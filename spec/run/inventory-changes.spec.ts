import { expect } from 'chai'
import { play, playOnce, recap, said, trace, tsplay } from './story.ts'

describe('hosts and groups made while it runs', () => {
  it('adds hosts once, for later plays, hostvars and groups', async () => {
    const { events, status } = await play({
      book: `
- hosts: web
  tasks:
    - {name: add, add_host: {name: "n{{item}}", groups: "new, all_new", port: "{{item}}", ansible_connection: local}, loop: [1, 2]}
    - {name: again, add_host: {name: n1, groups: [new], port: 1}}
    - {name: known, debug: {msg: "{{join groups.new ' '}} {{hostvars.n2.port}}"}, when: "inventory_hostname == 'h2'"}
- hosts: new
  tasks: [{name: there, debug: {msg: "{{port}} {{join group_names ' '}}"}}]
- hosts: nobody
  tasks: [{name: never, debug: {msg: x}}]
`,
    })
    expect(status).to.equal(0)
    expect(trace(events)).to.deep.equal([
      'add: h1 changed',
      'again: h1 ok',
      'known: h1 skipped, h2 ok',
      'there: n1 ok, n2 ok',
    ])
    expect(said(events)).to.deep.equal(['h2: n1 n2 2', 'n1: 1 all_new new', 'n2: 2 all_new new'])
    expect(recap(events)).to.deep.equal(['h1 ok=2 changed=1 skipped=1', 'h2 ok=1', 'n1 ok=1', 'n2 ok=1'])
  })

  it('makes groups out of what hosts are', async () => {
    const { events } = await play({
      book: `
- hosts: web
  tasks:
    - {name: by, group_by: {key: "at {{inventory_hostname}}", parents: [grouped]}}
    - {name: names, debug: {msg: "{{join group_names ' '}}"}}
- hosts: at-h2
  tasks: [{name: one, debug: {msg: x}}]
- hosts: grouped
  tasks: [{name: both, debug: {msg: x}}]
`,
    })
    expect(trace(events)).to.deep.equal([
      'by: h1 changed, h2 changed',
      'names: h1 ok, h2 ok',
      'one: h2 ok',
      'both: h1 ok, h2 ok',
    ])
    expect(said(events).slice(0, 2)).to.deep.equal(['h1: at-h1 grouped web', 'h2: at-h2 grouped web'])
  })

  it('says that no host matches only where nothing may make it', async () => {
    const { status, stderr } = await tsplay(
      {
        'inventory.yml': 'all: {hosts: {h1: {ansible_connection: local}}}\n',
        'site.yml':
          '- hosts: fresh\n  tasks: [{name: one, debug: {msg: x}}]\n- hosts: h1\n  tasks: [{add_host: {name: fresh}}]\n',
      },
      ['run', 'site.yml', '-i', 'inventory.yml'],
    )
    expect(status).to.equal(1)
    expect(stderr).to.contain('unknown-group')
  })

  it('reads the inventory anew, keeps what was added, and leaves out who is gone', async () => {
    const { events } = await playOnce(
      {
        files: { 'next.yml': 'all: {vars: {ansible_connection: local}, hosts: {h1: {color: blue}, h9: {}}}\n' },
        book: `
- hosts: web
  tasks:
    - {name: add, add_host: {name: n1, ansible_connection: local, groups: added}}
    - {name: change, command: cp next.yml inventory.yml, args: {chdir: "{{playbook_dir}}"}, delegate_to: localhost, run_once: true}
    - meta: refresh_inventory
    - {name: left, debug: {msg: "{{join groups.all ' '}} {{default color 'none'}}"}}
- hosts: all
  tasks: [{name: now, debug: {msg: x}}]
`,
      },
      [],
    )
    expect(trace(events).slice(2)).to.deep.equal(['left: h1 ok', 'now: h1 ok, h9 ok, n1 ok'])
    expect(said(events)[0]).to.equal('h1: h1 h9 n1 blue')
  })

  it('shows figures of set_stats behind the recap', async () => {
    const files = {
      'inventory.yml': 'all: {vars: {ansible_connection: local}, hosts: {h1: {}, h2: {}}}\n',
      'site.yml': `
- hosts: all
  tasks:
    - set_stats: {data: {count: 1, names: ["{{inventory_hostname}}"], deep: {a: 1}}}
    - set_stats: {data: {count: 2}, per_host: true}
    - set_stats: {data: {count: 10}, aggregate: false}
      when: inventory_hostname == 'h2'
`,
    }
    const { stdout } = await tsplay(files, ['run', 'site.yml', '-i', 'inventory.yml'])
    expect(stdout).to.contain(
      `CUSTOM STATS: ${'*'.repeat(66)}\n\th1: {"count":2}\n\th2: {"count":2}\n\tRUN: {"count":10,"names":["h1","h2"],"deep":{"a":1}}\n`,
    )
    const lines = (await tsplay(files, ['run', 'site.yml', '-i', 'inventory.yml', '--output', 'jsonl'])).stdout
    expect(JSON.parse(lines.trim().split('\n').at(-1)!).custom.run.count).to.equal(10)
  })
})
