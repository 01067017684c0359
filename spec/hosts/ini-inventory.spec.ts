import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { place } from '../../engine/base/span.ts'
import { loadInventory } from '../../engine/hosts/inventory.ts'
import { literalOrText } from '../../engine/hosts/python-literal.ts'

function load(name: string, text: string, mode = 0o644) {
  const cwd = mkdtempSync(join(tmpdir(), 'tsplay-ini-'))
  try {
    writeFileSync(join(cwd, name), text, { mode })
    const { inventory, problems } = loadInventory([name], { cwd })
    return {
      inventory,
      problems: problems.map((problem) => `${problem.spans[0] ? `${place(problem.spans[0])} ` : ''}${problem.message}`),
    }
  } finally {
    rmSync(cwd, { recursive: true })
  }
}

describe('INI inventories', () => {
  it('have groups, children, variables and host lines', () => {
    const { inventory, problems } = load(
      'hosts',
      'lone\n[web]\nweb[1:2]:2222 a=1 b="x y" # comment\n[db]\nweb1\n[all:children]\nweb\n[site:children]\nweb\ndb\n[site:vars]\nv = [1, True]\nt={{ a }}\n',
    )
    expect(problems).to.deep.equal([])
    expect(inventory.groupsByName()).to.deep.equal({
      all: ['lone', 'web1', 'web2'],
      ungrouped: ['lone'],
      web: ['web1', 'web2'],
      db: ['web1'],
      site: ['web1', 'web2'],
    })
    expect(inventory.hostVars('web2')).to.deep.equal({ ansible_port: 2222, a: 1, b: 'x y', v: [1, true], t: '{{ a }}' })
  })

  it('keep the places of variables', () => {
    const { inventory } = load('a.ini', '[web]\nh  key=value\n[web:vars]\nname =  other\n')
    const places = inventory
      .layersFor(inventory.host('h')!)
      .flatMap((layer) =>
        [...layer.variables.values()].map((variable) => 'node' in variable && place(variable.node.span)),
      )
    expect(places).to.deep.equal(['a.ini:4:9', 'a.ini:2:4'])
  })

  it('say every slip at its place', () => {
    expect(
      load('a.ini', '[web]\nh a\nb "c\n[web:hostss]\nx\n[db:vars]\nnovalue\n[web:children]\nbd\na b\n[db2]\n').problems,
    ).to.deep.equal([
      'a.ini:2:3 this word is not of the form name=value',
      'a.ini:3:1 a quote is not closed',
      'a.ini:4:1 there are no sections of the kind ":hostss"',
      'a.ini:7:1 a line of :vars is "name = value"',
      'a.ini:10:1 a line of :children is the name of one group',
      'a.ini:6:1 no section declares the group "db"',
      'a.ini:9:1 no section declares the group "bd"',
    ])
  })

  const literals: [text: string, value: unknown][] = [
    ['5', 5],
    ['-5', -5],
    ['1_000', 1000],
    ['1.5e3', 1500],
    ['.5', 0.5],
    ['0x1f', 31],
    ['0755', '0755'],
    ['1.20.2', '1.20.2'],
    ['10.0.0.0/8', '10.0.0.0/8'],
    ['1__0', '1__0'],
    ['True', true],
    ['true', 'true'],
    ['None', null],
    ['yes', 'yes'],
    ['', ''],
    ['"a" \'b\'', 'ab'],
    ["'it\\'s\\n\\x41\\q'", "it's\nA\\q"],
    ['"open', '"open'],
    ['[1, [2,], "x"]', [1, [2], 'x']],
    ['{"a": {1: None}}', { a: { 1: null } }],
    ['[1 2]', '[1 2]'],
    ['5 # five', 5],
    ['five # 5', 'five # 5'],
    ['-', '-'],
  ]
  for (const [text, value] of literals)
    it(`read ${JSON.stringify(text)} as ${JSON.stringify(value)}`, () =>
      expect(literalOrText(text)).to.deep.equal(value))
})

describe('inventory programs', () => {
  it('are run, and their JSON read', () => {
    const { inventory, problems } = load(
      'hosts',
      '#!/bin/sh\necho \'{"g": {"hosts": ["a"], "vars": {"v": 1}}, "_meta": {"hostvars": {"a": {"x": [2]}}}}\'\n',
      0o755,
    )
    expect(problems).to.deep.equal([])
    expect(inventory.hostVars('a')).to.deep.equal({ v: 1, x: [2] })
  })

  it('that fail are told of, with what they said', () => {
    expect(load('hosts', '#!/bin/sh\necho no credentials >&2\nexit 3\n', 0o755).problems).to.deep.equal([
      'the inventory program hosts --list failed',
    ])
    expect(load('hosts', '#!/bin/sh\necho "[1]"\n', 0o755).problems).to.deep.equal([
      'hosts --list (its output):1:1 hosts --list did not print a JSON object',
    ])
    expect(load('hosts', '#!/bin/sh\necho \'{"g": {"hosts": "a"}}\'\n', 0o755).problems[0]).to.match(
      /"hosts" of the group "g" must be a list$/,
    )
  })
})
