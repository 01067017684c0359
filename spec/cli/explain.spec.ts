import { expect } from 'chai'
import { Vault } from '../../engine/vault/vault.ts'
import { tsplay } from '../run/story.ts'

const vault = new Vault([{ label: 'default', password: 'geheim' }])
const files: Record<string, string> = {
  'hosts.yml': `all:
  vars: {ansible_connection: local, size: 1}
  children:
    web: {hosts: {h1: {size: 3}, h2: {}}}
    db: {hosts: {h3: {}}}
`,
  'group_vars/all.yml': `base: 80
etcd: {port: 2379, url: "http://x:{{etcd_port}}", db_password: hunter22, peers: [a, "{{base}}"]}
etcd_port: !expr base + 1
a: "{{b}}"
b: "x {{c}}"
c: [1, "{{a}}"]
self: "{{self}} more"
lost: "{{nowhere}}"
`,
  'group_vars/web.yml': 'size: 2\n',
  'site.yml': `- name: Web
  hosts: web
  gather_facts: false
  vars: {size: "{{base}}0"}
  tasks:
    - name: Set it
      set_fact: {size: "{{base}}"}
    - name: Quietly
      debug: {msg: x}
      vars: {word: not-for-you}
      no_log: true
    - block:
        - name: Show
          debug: {var: size}
          vars: {size: 5}
          register: shown
      vars: {size: 4}
- name: Database
  hosts: db
  gather_facts: false
  tasks:
    - debug: {var: size}
`,
  pass: 'geheim\n',
}

const explain = (...words: string[]) => tsplay(files, ['explain', '-i', 'hosts.yml', ...words])

describe('tsplay explain', function () {
  this.timeout(20_000)

  it('tells every place that sets a variable, the winner first', async () => {
    const { status, stdout, stderr } = await explain('size', '--host', 'h1')
    expect({ status, stderr }).to.deep.equal({ status: 0, stderr: '' })
    expect(stdout).to.equal(`size on h1
  value: 3 (number)

  wins  inventory host  hosts.yml:4:30          3  inventory vars of h1
        group_vars      group_vars/web.yml:1:7  2  group_vars/web.yml
        inventory all   hosts.yml:2:43          1  inventory vars of all
`)
  })

  it('tells what tasks set while they run, and what only some tasks see', async () => {
    const { status, stdout } = await explain('size', '--host', 'h1', '-p', 'site.yml')
    expect(status).to.equal(0)
    expect(stdout).to.equal(
      `size on h1, in the play "Web" (site.yml:1:3)
  value: 80 (number)
  written: "{{base}}"

  wins  set_fact and register  site.yml:7:24           "{{base}}"   set while running by set_fact of "Set it" (site.yml:6:7)
        task vars              site.yml:15:24          5            vars of the task at site.yml: only in "Show" (site.yml:13:11)
        block vars             site.yml:17:20          4            vars of the block at site.yml: only in "Show" (site.yml:13:11)
  else  play vars              site.yml:4:16           "{{base}}0"  vars of the play at site.yml
        inventory host         hosts.yml:4:30          3            inventory vars of h1
        group_vars             group_vars/web.yml:1:7  2            group_vars/web.yml
        inventory all          hosts.yml:2:43          1            inventory vars of all
`,
    )
  })

  it('tells what one task sees', async () => {
    const { stdout } = await explain('shown', '--host', 'h1', '-p', 'site.yml')
    expect(stdout).to.contain('value: known when it runs').and.contain('set while running by register of "Show"')
    const before = await explain('shown', '--host', 'h1', '-p', 'site.yml', '--task', 'Show')
    expect(before.status).to.equal(1)
    const wrong = await explain('size', '-p', 'site.yml', '--task', 'Shaw')
    expect({ status: wrong.status, stderr: wrong.stderr }).to.deep.equal({
      status: 5,
      stderr: 'error[usage]: No task is called "Shaw".\n  = help: Did you mean "Show"?\n\n1 problem\n',
    })
  })

  it('goes into maps and lists', async () => {
    const read = async (name: string) => {
      const { status, stdout } = await explain(name, '--host', 'h3', '--output', 'json')
      expect(status).to.equal(0)
      const { value, type, written } = JSON.parse(stdout).plays[0].definitions[0]
      return { value, type, written }
    }
    expect(await read('etcd.port')).to.deep.equal({ value: 2379, type: 'number', written: 2379 })
    expect(await read('etcd.url')).to.deep.equal({
      value: 'http://x:81',
      type: 'text',
      written: 'http://x:{{etcd_port}}',
    })
    expect(await read('etcd.peers[1]')).to.deep.equal({ value: 80, type: 'number', written: '{{base}}' })
    expect(await read('etcd.peers')).to.deep.equal({ value: ['a', 80], type: 'list', written: ['a', '{{base}}'] })
    expect(await read('etcd_port')).to.deep.equal({ value: 81, type: 'number', written: '!expr base + 1' })
  })

  it('puts hosts with the same value together', async () => {
    const { stdout } = await explain('base')
    expect(stdout.split('\n')[0]).to.equal('base on h1, h2, h3')
    const different = await explain('size')
    expect(different.stdout.split('\n').filter((line) => line.startsWith('size on'))).to.deep.equal([
      'size on h1',
      'size on h2',
      'size on h3',
    ])
    const limited = await explain('size', '--limit', 'db')
    expect(limited.stdout.match(/^size on .*/gm)).to.deep.equal(['size on h3'])
  })

  it('says what is not there, and what was meant', async () => {
    for (const [words, says] of [
      [
        ['sise', '--host', 'h1'],
        'error[undefined-variable]: Nothing sets "sise" for h1.\n  = help: Did you mean "size"?',
      ],
      [['etcd.prot', '--host', 'h1'], 'error[undefined-variable]: "etcd" has no "prot" where it is set.'],
      [['size', '--host', 'h9'], 'error[unknown-group]: There is no host "h9".'],
    ] as const) {
      const { status, stderr } = await explain(...words)
      expect({ status, says: stderr.slice(0, says.length) }).to.deep.equal({ status: 1, says })
    }
  })

  it('shows a circle of variables, with the place of each', async () => {
    const { status, stdout, stderr } = await explain('a', '--host', 'h3')
    expect(status).to.equal(1)
    expect(stdout).to.contain('value: none, see below')
    expect(stderr).to.contain('error[variable-cycle]: Variables are defined by each other: a → b → c → a.')
    expect(stderr.match(/ --> .*/g)).to.deep.equal([4, 5, 6].map((line) => ` --> group_vars/all.yml:${line}:4`))
    const self = await explain('self', '--host', 'h3', '--output', 'json')
    expect(self.status).to.equal(1)
    expect(JSON.parse(self.stdout).plays[0].problem).to.deep.equal({
      code: 'variable-cycle',
      message: 'the variable "self" is defined by itself',
      places: ['group_vars/all.yml:7:7'],
    })
    const lost = await explain('lost', '--host', 'h3')
    expect(lost.stderr).to.contain('"nowhere" is not defined.').and.contain('group_vars/all.yml:8:')
  })

  it('shows no secret', async () => {
    const sealed = `word: !vault |\n${(await vault.seal('swordfish')).replace(/^(?=.)/gm, '  ')}pin: !vault |\n${(await vault.seal('77')).replace(/^(?=.)/gm, '  ')}`
    const project = {
      ...files,
      'host_vars/h3.yml': `${sealed}url: "http://me:{{word}}@x/"\n`,
      'host_vars/h1.yml': await vault.seal('word: trout\nnumber: 7\n'),
    }
    const ask = (...words: string[]) => tsplay(project, ['explain', '-i', 'hosts.yml', ...words])
    for (const output of ['text', 'json']) {
      for (const name of ['word', 'pin', 'url', 'number', 'etcd', 'etcd.db_password']) {
        for (const host of name === 'number' ? ['h1'] : ['h3']) {
          const { status, stdout, stderr } = await ask(
            name,
            '--host',
            host,
            '--output',
            output,
            '--vault-password-file',
            'pass',
          )
          expect({ status, stderr }, name).to.deep.equal({ status: 0, stderr: '' })
          expect(stdout, name)
            .to.contain('********')
            .and.not.match(/swordfish|77|trout|: 7\b|hunter22/)
        }
      }
    }
    const url = await ask('url', '--host', 'h3', '--vault-password-file', 'pass')
    expect(url.stdout).to.contain('value: "http://me:********@x/" (text)')
    const quiet = await explain('word', '--host', 'h1', '-p', 'site.yml', '--task', 'Quietly')
    expect(quiet.stdout).to.contain('********').and.not.contain('not-for-you')
    const login = await tsplay(
      {
        ...files,
        'users.yml': `- hosts: web
  gather_facts: false
  vars: {login: marlin-fish}
  tasks:
    - user: {name: x, password: "{{login}}"}
`,
      },
      ['explain', 'login', '-i', 'hosts.yml', '-p', 'users.yml', '--host', 'h1'],
    )
    expect(login.stdout).to.contain('********').and.not.contain('marlin')
    const shut = await ask('base', '--host', 'h3')
    expect(shut.stdout).to.contain('value: 80')
    const closed = await ask('word', '--host', 'h3')
    expect(closed.status).to.equal(1)
    expect(closed.stderr).to.contain('no vault password was given')
  })
})
