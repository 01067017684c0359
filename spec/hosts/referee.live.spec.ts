import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect } from 'chai'
import { loadInventory } from '../../engine/hosts/inventory.ts'
import { graph, list } from '../../engine/hosts/listing.ts'
import { selectHosts } from '../../engine/hosts/pattern.ts'

const files: Record<string, string> = {
  'a.yml': `
all:
  vars: { v: all, ansible_user: root }
  hosts: { lonely: , "web[01:03]": { p: 1 } }
  children:
    dc:
      vars: { v: dc, deep: dc }
      children:
        web: { hosts: { "web[01:03]": , "web05.example.org:2222": } }
        db: { hosts: { "db[a:c:2]": }, vars: { v: db, ansible_group_priority: 5 } }
other:
  hosts: { web02: { p: 2 }, "db[a:b]": }
  vars: { v: other, z: '{{ v }}', deep: other }
  children: { zed: }
zed: { hosts: { web05.example.org: { q: 1 } } }
`,
  'old.ini': `; comment
first ansible_port=2022 n=5 # comment
[web] # comment
web[01:03].x:2222 a="b c" s='x y' list="[1, 'two', None]" t=True u=true mode=0755 f=1.5
two n=-3 esc=a\\\\b q='"5"' eq=a=b tmpl="{{ n }}"
fe80::1
[db:children]
web
late
[late]
[db:vars]
x = 5 # five
y= hello # world
z =
d={'a': [1, 2.5, {'b': False}], "c": (1, 2)}
s = "quoted # text"
m=0o17
h=0x1F
e=1e3
list=[1,
und=1_000
ver=1.20.2
ip=10.0.0.1
[late:vars]
ansible_group_priority=7
x=late
[late]
web02.x
`,
  hosts: 'plain1\nplain2 a=1\n',
  'program.sh': `#!/bin/sh
if [ "$1" = --list ]; then
  echo '{"g": {"hosts": ["p1", "p2"], "vars": {"v": [1, null]}, "children": ["k"]}, "k": ["p3"], "_meta": {"hostvars": {"p1": {"a": "b"}}}}'
fi
`,
  'bare.sh': `#!/bin/sh
if [ "$1" = --list ]; then echo '{"g": ["p1", "p2"]}'; else echo '{"me": "'$2'"}'; fi
`,
  'b/1.yml': 'web: { hosts: { "web[02:03]": { p: 9 } } }\nthird: { children: { dc: } }\n',
  'b/2.yaml': 'third: { hosts: { late: }, vars: { v: third } }\n',
  'group_vars/all.yml': 'v: gv_all\nw: gv_all\n',
  'group_vars/web/1.yml': 'w: web1\nx: [1, {y: null}]\n',
  'group_vars/web/2': 'w: web2\n',
  'group_vars/db.json': '{"dj": [1, 2]}',
  'group_vars/dc.yaml': 'w: dc\ndj: dc\n',
  'host_vars/web03.yml': 'p: hv\n',
  'b/group_vars/dc.yml': 'w: late dc\n',
  'play/group_vars/all/a.yml': 'pb: all\nw: play all\n',
  'play/group_vars/third': 'pb: third\n',
  'play/host_vars/late/x.yml': 'pb: host\n',
}
const patterns = [
  ...[
    'all',
    'web[-1]',
    'web[1:]',
    'dc[0]',
    '~web0[12]',
    'db,web',
    'dc:!db:&other',
    '!web',
    'web?5.example.org',
    '127.0.0.1',
  ],
  ...['web[0]:db[1]', 'third:&w*', 'web02:web', 'w*:!*0[12]*'],
]

describe('inventory, as Ansible reads it', function () {
  this.timeout(120_000)
  let cwd = ''

  before(function () {
    // In CI the referee must be there; elsewhere the tables of the other specs do without it.
    if (!process.env.CI && spawnSync('ansible-inventory', ['--version']).error) this.skip()
    cwd = mkdtempSync(join(tmpdir(), 'tsplay-referee-'))
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(cwd, name)), { recursive: true })
      writeFileSync(join(cwd, name), text, { mode: name.endsWith('.sh') ? 0o755 : 0o644 })
    }
  })
  after(() => cwd && rmSync(cwd, { recursive: true }))

  const ask = (program: string, args: string[]) =>
    execFileSync(program, args, {
      cwd,
      encoding: 'utf8',
      env: { ...process.env, ANSIBLE_NOCOLOR: '1', ANSIBLE_LOCALHOST_WARNING: '0' },
      stdio: ['ignore', 'pipe', 'ignore'],
    })

  const sources = [
    ['a.yml'],
    ['a.yml', 'b'],
    ['b', 'a.yml'],
    ['x,y,'],
    ['a.yml', 'x,web02'],
    ['old.ini'],
    ['hosts', 'old.ini'],
    ['program.sh'],
    ['bare.sh', 'program.sh'],
  ]
  for (const given of sources) {
    it(`-i ${given.join(' -i ')}: the same graph, groups and variables`, () => {
      const { inventory, problems } = loadInventory(given, { cwd })
      expect(problems).to.deep.equal([])
      const inventories = given.flatMap((source) => ['-i', source])
      expect(graph(inventory)).to.equal(ask('ansible-inventory', [...inventories, '--graph']).trimEnd())
      expect(JSON.parse(JSON.stringify(list(inventory, { playbookDir: 'play' })))).to.deep.equal(
        JSON.parse(ask('ansible-inventory', [...inventories, '--list', '--playbook-dir', 'play'])),
      )
    })
  }

  it('patterns name the same hosts in the same order', () => {
    const { inventory } = loadInventory(['a.yml', 'b'], { cwd })
    for (const pattern of patterns) {
      const lines = ask('ansible', ['-i', 'a.yml', '-i', 'b', pattern, '--list-hosts']).split('\n').slice(1)
      const theirs = lines.map((line) => line.trim()).filter((line) => line !== '')
      const ours = selectHosts(inventory, pattern).hosts.map((host) => host.name)
      expect(ours, pattern).to.deep.equal(theirs)
    }
  })
})
