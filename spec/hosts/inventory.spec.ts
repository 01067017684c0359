import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect } from 'chai'
import { Problems } from '../../engine/base/problem.ts'
import { place } from '../../engine/base/span.ts'
import { loadInventory } from '../../engine/hosts/inventory.ts'

let cwd: string

function write(files: Record<string, string>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(cwd, name)), { recursive: true })
    writeFileSync(join(cwd, name), text)
  }
}

function load(...sources: string[]) {
  const { inventory, problems } = loadInventory(sources, { cwd })
  expect(problems.map((problem) => problem.message)).to.deep.equal([])
  return inventory
}

function problemsOf(text: string) {
  write({ 'hosts.yml': text })
  return loadInventory(['hosts.yml'], { cwd }).problems.map(
    (problem) => `${place(problem.spans[0]!)} ${problem.message}`,
  )
}

describe('inventory', () => {
  beforeEach(() => {
    cwd = mkdtempSync(join(tmpdir(), 'tsplay-inventory-'))
  })
  afterEach(() => rmSync(cwd, { recursive: true }))

  it('keeps the order of hosts, expands ranges, and reads ports', () => {
    write({
      'hosts.yml': 'web:\n  hosts:\n    web[08:10]:\n    db[a:c:2].example:2222:\n    "[fe80::1]:22":\n    ::1:\n',
    })
    const inventory = load('hosts.yml')
    expect([...inventory.hosts.keys()]).to.deep.equal([
      'web08',
      'web09',
      'web10',
      'dba.example',
      'dbc.example',
      'fe80::1',
      '::1',
    ])
    expect(inventory.hostVars('dbc.example')).to.deep.equal({ ansible_port: 2222 })
    expect(inventory.hostVars('::1')).to.deep.equal({})
  })

  it('lays variables over each other as Ansible does', () => {
    write({
      'hosts.yml': `
all:
  vars: { at: all, a1: all, a2: all }
  children:
    parent:
      vars: { at: parent, a2: parent, a3: parent, a4: parent }
      children:
        child: { hosts: { h: { at: host, a8: host, a9: host } }, vars: { a3: child } }
    beta: { hosts: { h: }, vars: { same: beta, first: beta } }
    alpha: { hosts: { h: }, vars: { same: alpha, first: alpha, ansible_group_priority: 10 } }
`,
      'group_vars/all.yml': 'at: gv all\na4: gv all\na5: gv all\n',
      'play/group_vars/all/x.yml': 'at: play gv all\na5: play gv all\na6: play gv all\n',
      'group_vars/parent': 'at: gv parent\na6: gv parent\na7: gv parent\n',
      'play/group_vars/child.json': '{"at": "play gv child", "a7": "play gv child", "a8": "play gv child"}',
      'host_vars/h.yaml': 'at: hv\na9: hv\na10: hv\n',
      'play/host_vars/h/1.yml': 'a10: play hv\n',
    })
    expect(load('hosts.yml').hostVars('h', 'play')).to.deep.equal({
      at: 'hv',
      a1: 'all',
      a2: 'parent',
      a3: 'child',
      a4: 'gv all',
      a5: 'play gv all',
      a6: 'gv parent',
      a7: 'play gv child',
      a8: 'host',
      a9: 'hv',
      a10: 'play hv',
      same: 'alpha',
      first: 'alpha',
    })
  })

  it('keeps the place of every variable and names the layer', () => {
    write({ 'hosts.yml': 'web: { hosts: { h: } }', 'group_vars/web.yml': 'port: 80\n' })
    const inventory = load('hosts.yml')
    const layer = inventory.layersFor(inventory.host('h')!).at(-1)!
    expect(layer.name).to.equal('group_vars/web.yml')
    const variable = layer.variables.get('port')!
    expect('node' in variable && place(variable.node.span)).to.equal('group_vars/web.yml:1:7')
  })

  it('shares layers between the hosts of a group', () => {
    write({ 'hosts.yml': 'web: { hosts: { "h[1:2]": }, vars: { a: 1 } }' })
    const inventory = load('hosts.yml')
    expect(inventory.layersFor(inventory.host('h1')!)[0]).to.equal(inventory.layersFor(inventory.host('h2')!)[0])
  })

  it('returns layers with ranks that rise', () => {
    write({
      'hosts.yml': 'a: { hosts: { h: { x: 1 } }, vars: { x: 1 } }\nb: { children: { a: }, vars: { x: 1 } }',
      'group_vars/a.yml': 'x: 1',
      'group_vars/b.yml': 'x: 1',
      'group_vars/all.yml': 'x: 1',
      'host_vars/h.yml': 'x: 1',
      'more/hosts.yml': 'a: { vars: { y: 1 } }',
      'more/group_vars/b.yml': 'x: 1',
    })
    const inventory = load('hosts.yml', 'more')
    const ranks = inventory.layersFor(inventory.host('h')!, '.').map((layer) => layer.rank)
    expect(ranks.length).to.equal(12)
    for (const [index, rank] of ranks.entries()) if (index > 0) expect(rank).to.be.greaterThan(ranks[index - 1]!)
  })

  it('joins several sources, folders and comma lists; the later wins', () => {
    write({
      '1.yml': 'web: { hosts: { h: { a: 1, b: 1 } } }',
      'dir/2.yml': 'web: { hosts: { h: { b: 2 }, i: } }',
      'dir/README.md': '- not an inventory',
      'dir/group_vars/web.yml': 'c: dir',
      'group_vars/web.yml': 'c: top',
    })
    const inventory = load('1.yml', 'dir', 'x, y:2022,')
    expect([...inventory.hosts.keys()]).to.deep.equal(['h', 'i', 'x', 'y'])
    expect(inventory.hostVars('h')).to.deep.equal({ a: 1, b: 2, c: 'dir' })
    expect(inventory.hostVars('y')).to.deep.equal({ ansible_port: 2022 })
    expect(inventory.groupNames(inventory.host('x')!)).to.deep.equal(['ungrouped'])
  })

  it('always has a localhost, reached without SSH, with the variables of all', () => {
    write({ 'hosts.yml': 'all: { vars: { a: 1 } }', 'host_vars/localhost.yml': 'b: 2', 'group_vars/all.yml': 'c: 3' })
    const inventory = load('hosts.yml')
    const host = inventory.host('localhost')!
    expect(host.implicit).to.equal(true)
    expect(inventory.hostVars('localhost')).to.deep.equal({ a: 1, ansible_connection: 'local', b: 2, c: 3 })
    expect(inventory.groupsByName()).to.deep.equal({ all: [], ungrouped: [] })
    expect(inventory.groupNames(host)).to.deep.equal([])
  })

  it('says where groups go round in a circle', () => {
    expect(problemsOf('a: { children: { b: } }\nb: { children: { c: } }\nc:\n  children:\n    a:\n')).to.deep.equal([
      'hosts.yml:5:5 the group "a" cannot be a child of "c": "c" is already inside "a"',
    ])
    expect(problemsOf('a: { children: { a: } }')).to.deep.equal([
      'hosts.yml:1:18 the group "a" cannot be a child of "a": "a" would be inside itself',
    ])
  })

  it('refuses one name for a host and a group', () => {
    expect(problemsOf('web: { hosts: { db: } }\ndb: { hosts: { h: } }')).to.deep.equal([
      'hosts.yml:1:17 "db" is both a host and a group',
    ])
  })

  it('finds every slip of an inventory at once', () => {
    expect(
      problemsOf(`
web:
  host: { a: }
  hosts: [b, c]
  children: { kids: text }
  vars: none
db:
  hosts:
    "d[2:1]":
    "e[01:100]":
    f: 3
    "g[1:2":
    "h:70000":
  vars: { ansible_group_priority: high }
`),
    ).to.deep.equal([
      'hosts.yml:3:3 a group has hosts, children and vars, not "host"',
      'hosts.yml:4:3 "hosts" of the group "web" must be a map, not a list',
      'hosts.yml:5:15 the group "kids" must be a map of hosts, children and vars, not "text"',
      'hosts.yml:6:3 "vars" of the group "web" must be a map, not "none"',
      'hosts.yml:9:5 "d[2:1]" cannot be read as a host: the range runs backwards: 2 comes after 1',
      'hosts.yml:10:5 "e[01:100]" cannot be read as a host: "01" and "100" must have the same number of digits',
      'hosts.yml:11:8 the variables of the host "f" must be a map, not "3"',
      'hosts.yml:12:5 "g[1:2" cannot be read as a host: a range is written [first:last] or [first:last:step]',
      'hosts.yml:13:5 "h:70000" cannot be read as a host: 70000 is not a port: 1 to 65535',
      'hosts.yml:14:35 ansible_group_priority must be a whole number',
    ])
  })

  it('reports bad variables files when the inventory loads, and will not give layers made of them', () => {
    write({
      'hosts.yml': 'web: { hosts: { h: } }',
      'group_vars/web.yml': '- a\n- b\n',
      'host_vars/h.yml': 'a: {{ b }}\n',
    })
    const { inventory, problems } = loadInventory(['hosts.yml'], { cwd })
    expect(problems.map((problem) => `${problem.code} ${place(problem.spans[0]!)}`)).to.deep.equal([
      'shape group_vars/web.yml:1:1',
      'yaml-trap host_vars/h.yml:1:4',
    ])
    expect(() => inventory.layersFor(inventory.host('h')!)).to.throw(Problems)
  })

  it('says what to do about an inventory that is not there', () => {
    const { problems } = loadInventory(['web1'], { cwd })
    expect(problems.map((problem) => [problem.code, problem.message, problem.hint])).to.deep.equal([
      [
        'file-missing',
        'there is no inventory web1',
        "Name an inventory file or a folder of them; for a host name, add a comma: -i 'web1,'",
      ],
    ])
  })
})

describe('inventory/prod.yml', () => {
  it("holds the article's hosts, addresses and networks", () => {
    const { inventory, problems } = loadInventory(['inventory/prod.yml'])
    expect(problems).to.deep.equal([])
    const addresses = [...inventory.hosts.keys()].map((name) => `${name} ${inventory.hostVars(name).ansible_host}`)
    expect(addresses).to.deep.equal([
      'k8s-master-1 192.168.1.26',
      'k8s-master-2 192.168.1.28',
      'k8s-master-3 192.168.1.29',
      'k8s-node-1 192.168.1.32',
      'k8s-node-2 192.168.1.30',
      'k8s-node-3 192.168.1.31',
      'k8s-master-lb 192.168.1.34',
    ])
    expect(inventory.hostVars('k8s-master-2')).to.include({
      ansible_user: 'root',
      etcd_name: 'etcd-master-2',
      service_cidr: '10.96.0.0/16',
      pod_cidr: '196.16.0.0/16',
      machine_cidr: '192.168.1.0/24',
    })
    expect(inventory.groupsByName().k8s).to.have.length(6)
    expect(inventory.groupsByName().etcd).to.deep.equal(['k8s-master-1', 'k8s-master-2', 'k8s-master-3'])
    expect(inventory.groupsByName().loadbalancers).to.deep.equal(['k8s-master-lb'])
  })
})
