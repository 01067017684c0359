import { expect } from 'chai'
import { Source } from '../../engine/base/span.ts'
import { impureCalls } from '../../engine/lang/functions/call.ts'
import type { MapNode } from '../../engine/lang/node.ts'
import type { Layer, Variable } from '../../engine/lang/scope.ts'
import { layer, Variables } from '../../engine/lang/variables.ts'
import { parseYaml } from '../../engine/lang/yaml.ts'
import { processorTime } from '../processor-time.ts'
import { outcome } from './shown.ts'

/** A layer as a YAML file gives it. */
function file(rank: number, name: string, text: string): Layer {
  const { pairs } = parseYaml(new Source(name, text)).root as MapNode
  return {
    rank,
    name,
    variables: new Map(pairs.map(({ key, value }): [string, Variable] => [String(key.value), { node: value }])),
  }
}

describe('variables', () => {
  it('come from the highest layer, of equal ones from the later', () => {
    const scope = new Variables([
      file(30, 'play', 'a: play'),
      file(10, 'defaults', 'a: default\nb: default'),
      layer(30, 'more', { a: 'more' }),
    ])
    expect(scope.get('a')).to.equal('more')
    expect(scope.get('b')).to.equal('default')
    expect(scope.get('c')).to.equal(undefined)
    expect([scope.has('b'), scope.has('c')]).to.deep.equal([true, false])
    expect(scope.names().sort()).to.deep.equal(['a', 'b'])
    expect(scope.layersOf('a').map((found) => found.layer.name)).to.deep.equal(['more', 'play', 'defaults'])
  })

  it('are evaluated in the scope of whoever asks', () => {
    const scope = new Variables([
      file(10, 'defaults', 'url: "http://{{host}}:{{port}}"\nport: 80\nhost: d'),
      layer(50, 'host', { host: 'n1' }),
    ])
    expect(scope.get('url')).to.equal('http://n1:80')
    expect(scope.child([layer(60, 'task', { port: 81 })]).get('url')).to.equal('http://n1:81')
    expect(scope.child([layer(5, 'low', { port: 82 })]).get('url')).to.equal('http://n1:80')
    expect(scope.get('url')).to.equal('http://n1:80')
  })

  it('of a child do not leak into the parent or a sibling, whoever asks first', () => {
    const text = 'a: "{{b}}"\nb: "{{default c 0}}"\nd: "{{default e 1}}!"'
    const scope = new Variables([file(10, 'f', text)])
    const one = scope.child([layer(20, 'one', { c: 1 })])
    const two = scope.child([layer(20, 'two', { c: 2 })])
    expect(one.get('a')).to.equal(1)
    expect(scope.get('a')).to.equal(0)
    expect(two.get('a')).to.equal(2)
    expect(one.child([layer(30, 'deep', { e: 5 })]).get('d')).to.equal('5!')
    expect(one.get('d')).to.equal('1!')
    expect(one.child([layer(30, 'deep', { b: 9 })]).get('a')).to.equal(9)
  })

  it('that rest on nothing of the child are evaluated once', () => {
    let opened = 0
    const openVault = () => `opened ${++opened}`
    const scope = new Variables([file(10, 'f', 'secret: !vault x\ntext: "{{secret}} {{item}}"')], { openVault })
    const texts = [1, 2, 3].map((item) => scope.child([layer(20, 'item', { item })]).get('text'))
    expect(texts).to.deep.equal(['opened 1 1', 'opened 1 2', 'opened 1 3'])
  })

  it('that are gathered lazily are asked for once a scope, and only when needed', () => {
    let asked = 0
    const groups: Variable = {
      get value() {
        asked++
        return { etcd: ['n1'] }
      },
    }
    const scope = new Variables([{ rank: 0, name: 'magic', variables: new Map([['groups', groups]]) }])
    expect([scope.has('groups'), asked]).to.deep.equal([true, 0])
    scope.get('groups')
    scope.get('groups')
    expect(asked).to.equal(1)
  })

  it('that tell the time are not shared', () => {
    const scope = new Variables([file(10, 'f', 'stamp: "{{now}}"')])
    const before = impureCalls.count
    scope.child([]).get('stamp')
    scope.child([]).get('stamp')
    expect(impureCalls.count - before).to.equal(2)
  })

  const cycles: [string, string, string][] = [
    [
      'itself',
      'a: "x {{a}}"',
      'variable-cycle 1:4 "\\"x {{a}}\\"": the variable "a" is defined by itself | A variable cannot extend its own value: give the new one another name.',
    ],
    [
      'another',
      'a: "{{b}}"\nb: !expr c\nc: "{{a}}"',
      'variable-cycle 1:4 "\\"{{b}}\\"" and 2:10 "c" and 3:4 "\\"{{a}}\\"": variables are defined by each other: a → b → c → a | Give one of them a value of its own.',
    ],
  ]
  for (const [what, text, problem] of cycles) {
    it(`defined by way of ${what} are refused, with the way`, () => {
      const scope = new Variables([file(10, 'f', text)])
      expect(outcome(() => scope.get('a'))).to.equal(problem)
      expect(
        outcome(() => scope.get('a')),
        'again',
      ).to.equal(problem)
    })
  }

  it('tell a mistake at its place, every time', () => {
    const scope = new Variables([file(10, 'f', 'host: n1\na: "{{hst}}"\nb: "{{a}}"')])
    const problem = 'undefined-variable 2:7 "hst": "hst" is not defined | Did you mean "host"?'
    expect(outcome(() => scope.get('b'))).to.equal(problem)
    expect(outcome(() => scope.get('b'))).to.equal(problem)
  })

  it('are cheap: 1000 hosts with 20 layers, 30 tasks', () => {
    const shared = Array.from({ length: 20 }, (_, index) =>
      file(index * 10, `f${index}`, `v${index}: "{{inventory_hostname}}-${index}"\nw: ${index}`),
    )
    const started = processorTime()
    for (let host = 0; host < 1000; host++) {
      const scope = new Variables([...shared, layer(500, 'magic', { inventory_hostname: `n${host}` })])
      for (let task = 0; task < 30; task++) {
        const child = scope.child([layer(600, 'task', { t: task })])
        if (child.get(`v${task % 20}`) !== `n${host}-${task % 20}` || child.get('w') !== 19) throw new Error('wrong')
      }
    }
    expect(processorTime() - started).to.be.lessThan(6000)
  })
})
