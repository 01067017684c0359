import { expect } from 'chai'
import { Source } from '../../engine/base/span.ts'
import { Unknown } from '../../engine/base/unknown.ts'
import type { MapNode } from '../../engine/lang/node.ts'
import { plainNode, toPlain } from '../../engine/lang/plain.ts'
import { OMIT, type RenderOptions, renderValue } from '../../engine/lang/render.ts'
import { parseYaml } from '../../engine/lang/yaml.ts'
import { processorTime } from '../processor-time.ts'
import { outcome, variables } from './shown.ts'

const scope = variables({
  a: 5,
  name: 'bob',
  xs: [1, 2],
  omit: OMIT,
  braces: '{{ name }}',
  later: new Unknown('the output'),
})
const render = (yaml: string, options?: RenderOptions) => {
  const root = parseYaml(new Source('play.yml', `v: ${yaml}`)).root as MapNode
  return outcome(() => renderValue(root.pairs[0]!.value, scope, options))
}

describe('values', () => {
  const cases: [string, unknown][] = [
    ['text', 'text'],
    ['5', 5],
    ['"{{a}}"', 5],
    ['"{{a}}x"', '5x'],
    ['!expr a + 1', 6],
    ['!expr "xs.map(x, x * 2)"', [2, 4]],
    ['[1, "{{name}}", {k: "{{xs}}"}]', [1, 'bob', { k: [1, 2] }]],
    ['{"{{name}}": 1, 7: x, yes: y}', { 7: 'x', bob: 1, true: 'y' }],
    ['{a: 1, b: "{{omit}}", c: !expr omit}', { a: 1 }],
    ['["{{omit}}", 1]', [1]],
    ['{a: "{{default zz omit}}", b: "{{default a omit}}"}', { b: 5 }],
    ['!unsafe "{{ nope }}"', '{{ nope }}'],
    ['"{{braces}}"', '{{ name }}'],
    ['"a {{braces}}"', 'a {{ name }}'],
    ['{"{{xs}}": 1}', 'template 1:5 "\\"{{xs}}\\"": the key of a map must be a text | This one is a list or a map.'],
    ['"a {{ nam }}"', 'undefined-variable 1:10 "nam": "nam" is not defined | Did you mean "name"?'],
    ["'it''s {{ nam }}'", 'undefined-variable 1:14 "nam": "nam" is not defined | Did you mean "name"?'],
    ['|\n  x\n  y {{ nam }}', 'undefined-variable 3:8 "nam": "nam" is not defined | Did you mean "name"?'],
    ['!expr >-\n  1 +\n  nam', 'undefined-variable 3:3 "nam": "nam" is not defined | Did you mean "name"?'],
    [
      '"{% if a %}"',
      'template 1:5 "{% if a %}": "{% if a %}" is Jinja2; templates here are Handlebars | write {{#if x}}…{{/if}}; {{"{%"}} gives the characters themselves.',
    ],
    ['"%{http_code} {%x%}"', '%{http_code} {%x%}'],
    ['"a {{later}}"', 'unknown: the output'],
    ['!expr later + 1', 'unknown: the output'],
    ['!vault "61"', 'vault 1:11 "\\"61\\"": a sealed value cannot be opened here | Give the vault password.'],
  ]
  for (const [yaml, value] of cases) it(yaml.replaceAll('\n', '⏎'), () => expect(render(yaml)).to.deep.equal(value))

  it('keeps the unknown where it stands, when asked to', () => {
    const found = render('{a: "x {{later}}", b: "{{later}}", c: 1}', { keepUnknown: true })
    expect(found).to.deep.equal({ a: new Unknown('the output'), b: new Unknown('the output'), c: 1 })
  })

  it('opens sealed values', () => {
    expect(render('[!vault sealed]', { openVault: (text) => text.toUpperCase() })).to.deep.equal(['SEALED'])
  })

  it('makes nodes of plain values and back', () => {
    const data = { a: [1, 'x', null, true], b: { c: '{{name}}' } }
    expect(toPlain(plainNode(data, '-e'))).to.deep.equal(data)
    expect(renderValue(plainNode(data, '-e'), scope)).to.deep.equal({ a: [1, 'x', null, true], b: { c: 'bob' } })
  })

  it('fills in a value in a few microseconds', () => {
    const node = (parseYaml(new Source('f', 'v: {a: "{{name}}", b: "x{{a}}y", c: !expr a + 1, d: 5}')).root as MapNode)
      .pairs[0]!.value
    const times = Array.from({ length: 2000 }, () => {
      const started = processorTime()
      renderValue(node, scope)
      return processorTime() - started
    })
    expect(Math.min(...times)).to.be.lessThan(0.05)
  })
})
