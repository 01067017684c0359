import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { Problem } from '../../engine/base/problem.ts'
import { place, Source } from '../../engine/base/span.ts'
import { loadInventory } from '../../engine/hosts/inventory.ts'
import { limitHosts, limitPatterns, selectHosts, splitPattern } from '../../engine/hosts/pattern.ts'
import { child, type MapNode, type ScalarNode } from '../../engine/lang/node.ts'
import { parseYaml } from '../../engine/lang/yaml.ts'

const hosts = `
all:
  hosts:
    lonely:
    web[01:03]:
  children:
    dc:
      children:
        web: { hosts: { "web[01:03]": , web05.example.org: } }
        db: { hosts: { "db[a:c:2]": } }
other: { hosts: { web02: , "db[a:b]": } }
empty:
`

describe('host patterns', () => {
  let cwd: string
  let inventory: ReturnType<typeof loadInventory>['inventory']

  before(() => {
    cwd = mkdtempSync(join(tmpdir(), 'tsplay-pattern-'))
    writeFileSync(join(cwd, 'hosts.yml'), hosts)
    const loaded = loadInventory(['hosts.yml'], { cwd })
    expect(loaded.problems).to.deep.equal([])
    inventory = loaded.inventory
  })
  after(() => rmSync(cwd, { recursive: true }))

  const table: [pattern: string, hosts: string][] = [
    ['all', 'lonely web01 web02 web03 dba dbb web05.example.org dbc'],
    ['*', 'lonely web01 web02 web03 dba dbb web05.example.org dbc'],
    ['web', 'web01 web02 web03 web05.example.org'],
    ['db:web', 'dba dbc web01 web02 web03 web05.example.org'],
    ['db,web02', 'dba dbc web02'],
    [' db , web02 ', 'dba dbc web02'],
    ['dc:!db', 'web01 web02 web03 web05.example.org'],
    ['!db:dc', 'web01 web02 web03 web05.example.org'],
    ['dc:&other', 'web02 dba'],
    ['dc:&other:!db', 'web02'],
    ['!dc', 'lonely dbb'],
    ['&other', 'web02 dba dbb'],
    ['web[0]', 'web01'],
    ['web[-1]', 'web05.example.org'],
    ['web[-2]', 'web03'],
    ['web[1:2]', 'web02 web03'],
    ['web[2:]', 'web03 web05.example.org'],
    ['web[0]:db[0]', 'web01 dba'],
    ['web0*', 'web01 web02 web03 web05.example.org'],
    ['web0?', 'web01 web02 web03'],
    ['web0[13]', ''],
    ['*.example.org', 'web05.example.org'],
    ['web05.example.org', 'web05.example.org'],
    ['~web0[13]', 'web01 web03'],
    ['~(web|db)$', 'web01 web02 web03 web05.example.org dba dbc'],
    ['~eb', ''],
    ['w*:!*0[12]*', 'web03 web05.example.org'],
    ['localhost', 'localhost'],
    ['empty', ''],
    ['web02:web', 'web02 web01 web03 web05.example.org'],
  ]
  for (const [pattern, names] of table) {
    it(`${pattern} is ${names || 'no host'}`, () => {
      const chosen = selectHosts(inventory, pattern).hosts.map((host) => host.name)
      expect(chosen.join(' ')).to.equal(names)
    })
  }

  it('splits at colons outside brackets, leaves addresses whole', () => {
    expect(splitPattern('a[1:3]:!b[0]:c')).to.deep.equal(['a[1:3]', '!b[0]', 'c'])
    expect(splitPattern('fe80::1')).to.deep.equal(['fe80::1'])
    expect(splitPattern('fe80::1,a')).to.deep.equal(['fe80::1', 'a'])
    expect(splitPattern('')).to.deep.equal([])
  })

  it('points at the name nobody knows, and says which was meant', () => {
    const source = new Source('play.yml', 'hosts: "web:!lonly:&othr"\n')
    const scalar = child(parseYaml(source).root as MapNode, 'hosts') as ScalarNode
    const { problems } = selectHosts(inventory, String(scalar.value), scalar)
    expect(
      problems.map((problem) => `${problem.code} ${place(problem.spans[0]!)} ${problem.message}; ${problem.hint}`),
    ).to.deep.equal([
      'unknown-group play.yml:1:21 no host or group is called "othr"; Did you mean "other"?',
      'unknown-group play.yml:1:14 no host or group is called "lonly"; Did you mean "lonely"?',
    ])
  })

  it('says how many hosts there are when the number is too high', () => {
    const [problem] = selectHosts(inventory, 'db[2]').problems
    expect(problem?.message).to.equal('"db" has 2 hosts, so there is no db[2]')
  })

  it('warns of a wildcard that matches nothing, and refuses one that cannot be read', () => {
    expect(selectHosts(inventory, 'mail*').warnings).to.deep.equal(['the pattern "mail*" matches no host'])
    expect(selectHosts(inventory, '~(web').problems[0]?.message).to.equal(
      '"~(web" cannot be read as a regular expression',
    )
  })

  it('limits hosts in their own order, with patterns from a file', () => {
    writeFileSync(join(cwd, 'retry.txt'), 'web03\n\n  web01:dba \n')
    const limit = selectHosts(inventory, limitPatterns('@retry.txt,db[1]', cwd))
    expect(limit.problems).to.deep.equal([])
    expect(limitHosts(selectHosts(inventory, 'dc').hosts, limit.hosts).map((host) => host.name)).to.deep.equal([
      'web01',
      'web03',
      'dba',
      'dbc',
    ])
    expect(() => limitPatterns('@nowhere', cwd)).to.throw(Problem, 'the file of --limit @nowhere cannot be read')
  })
})
