import { expect } from 'chai'
import { Source } from '../../engine/base/span.ts'
import { toPlain } from '../../engine/lang/plain.ts'
import { parseYaml } from '../../engine/lang/yaml.ts'
import { processorTime } from '../processor-time.ts'
import { shown } from './shown.ts'

const read = (text: string) => parseYaml(new Source('play.yml', text))
const problems = (text: string) => read(text).problems.map(shown)

describe('YAML', () => {
  const values: [string, string, unknown][] = [
    ['maps, lists and scalars', 'a: 1\nb: [x, yes, ~]\nc: {d: "5"}', { a: 1, b: ['x', true, null], c: { d: '5' } }],
    ['quoted words stay texts', `["yes", 'no', "1"]`, ['yes', 'no', '1']],
    ['keys are texts', '1: a\ntrue: b\n"x y": c', { 1: 'a', true: 'b', 'x y': 'c' }],
    ['literal blocks', 'a: |\n  x\n   y\n\nb: |-\n  z', { a: 'x\n y\n', b: 'z' }],
    ['folded blocks', 'a: >-\n  x\n  y\n\n  z', { a: 'x y\nz' }],
    ['anchors and aliases', 'a: &x [1]\nb: *x', { a: [1], b: [1] }],
    [
      'merge keys',
      'a: &x {p: 1, q: 1}\nb: &y {r: 3}\nc: {<<: [*x, *y], q: 2}',
      { a: { p: 1, q: 1 }, b: { r: 3 }, c: { p: 1, q: 2, r: 3 } },
    ],
    ['merge of a merge', 'a: &x {p: 1}\nb: &y {<<: *x}\nc: {<<: *y}', { a: { p: 1 }, b: { p: 1 }, c: { p: 1 } }],
    ['a quoted << is a key', '"<<": 1', { '<<': 1 }],
    ['YAML tags', 'a: !!str 5\nb: !!int "5"\nc: !!float 1.5', { a: '5', b: 5, c: 1.5 }],
    ['empty values', 'a:\nb: ""', { a: null, b: '' }],
    ['a comment behind', 'a: b # c', { a: 'b' }],
    ['a key named __proto__', '__proto__: {x: 1}\na: 2', JSON.parse('{"__proto__": {"x": 1}, "a": 2}')],
    ['Windows line ends', 'a: 1\r\nb: |\r\n  x\r\n  y\r\n', { a: 1, b: 'x\ny\n' }],
    ['a document mark', '---\na: 1\n', { a: 1 }],
    ['an empty document before', '---\n---\na: 1\n', { a: 1 }],
  ]
  for (const [what, text, value] of values) {
    it(`reads ${what}`, () => {
      expect(problems(text)).to.deep.equal([])
      expect(JSON.stringify(toPlain(read(text).root!))).to.equal(JSON.stringify(value))
    })
  }

  it('reads nothing out of an empty file', () => {
    for (const text of ['', '\n', '# only a comment\n', '---\n'])
      expect(read(text), text).to.deep.include({ root: undefined, problems: [] })
  })

  it('gives every document', () =>
    expect(read('a: 1\n---\nb: 2\n').documents.map(toPlain)).to.deep.equal([{ a: 1 }, { b: 2 }]))

  it('keeps !expr, !vault and !unsafe apart', () => {
    const { root, problems: none } = read(
      'a: !expr x + 1\nb: !vault |\n  $X;1\n  61\nc: !unsafe "{{ x }}"\nd: !unsafe [{e: "{{ y }}"}]',
    )
    expect(none).to.deep.equal([])
    expect(JSON.stringify(toPlain(root!))).to.equal(
      '{"a":"!expr x + 1","b":"!vault (sealed)","c":"{{ x }}","d":[{"e":"{{ y }}"}]}',
    )
    expect(root).to.have.nested.property('pairs[2].value.unsafe', true)
    expect(root).to.have.nested.property('pairs[3].value.items[0].pairs[0].value.unsafe', true)
    expect(root).to.have.nested.property('pairs[1].value.text', '$X;1\n61\n')
  })

  it('gives an alias the place of the alias, and its parts theirs', () => {
    const text = 'a: &x {p: 1}\nb: *x'
    const { root } = read(text)
    const spans = JSON.parse(JSON.stringify(root, (key, value) => (key === 'source' ? undefined : value)))
    expect(spans.pairs[1].value.span).to.deep.equal({ start: 16, end: 18 })
    expect(spans.pairs[1].value.pairs[0].value.span).to.deep.equal({ start: 10, end: 11 })
  })

  const braces = 'a value that begins with {{ must be quoted: to YAML, { begins a map'
  const wrong: [string, string, string[]][] = [
    ['unquoted braces', 'a: {{ x }}', [`yaml-trap 1:4 "{{ x }}": ${braces} | Quote it: "{{ x }}"`]],
    [
      'unquoted braces with text behind',
      'a: {{ x }}/y\nb: 1',
      [`yaml-trap 1:4 "{{ x }}/y": ${braces} | Quote it: "{{ x }}/y"`],
    ],
    [
      'unquoted braces in a list',
      '- {{ x "y" }}',
      [`yaml-trap 1:3 "{{ x \\"y\\" }}": ${braces} | Quote it: '{{ x "y" }}'`],
    ],
    [
      'unquoted braces before a comment',
      'a: {{ x }} # why',
      [`yaml-trap 1:4 "{{ x }}": ${braces} | Quote it: "{{ x }}"`],
    ],
    [
      'the same in several places',
      'a: {{ x }}\nb: {{ y }}\n',
      [
        `yaml-trap 1:4 "{{ x }}": ${braces} | Quote it: "{{ x }}"`,
        `yaml-trap 2:4 "{{ y }}": ${braces} | Quote it: "{{ y }}"`,
      ],
    ],
    [
      'a key twice',
      'a: 1\nb: 2\na: 3',
      [
        'yaml-trap 3:1 "a" and 1:1 "a": the key "a" is given twice in one map | YAML would silently keep only the last: remove one.',
      ],
    ],
    [
      'an unknown tag',
      'a: !foo 1',
      [
        'yaml-syntax 1:4 "!foo": there is no such YAML tag here | Put a text that begins with ! in quotes; tags are !expr, !vault and !unsafe.',
      ],
    ],
    [
      'a map as a key',
      '? {a: 1}\n: 2',
      [
        'yaml-syntax 1:3 "{a: 1}": a list or map cannot be the key of a map | Keys are plain words; quote a key that begins with { or [.',
      ],
    ],
    [
      'a merge of a text',
      '<<: x',
      [
        'yaml-syntax 1:5 "x": only a map, or a list of maps, can be merged with << | Name a map by its anchor: `<<: *name`.',
      ],
    ],
    [
      'an anchor that contains itself',
      'a: &x [*x]',
      ['yaml-syntax 1:8 "*x": the anchor "x" contains itself | Move the alias out of what it names.'],
    ],
    [
      'an alias of nothing',
      'a: *x',
      ['yaml-syntax 1:4 "*x": this alias names no anchor above it | Put a text that begins with * in quotes.'],
    ],
  ]
  for (const [what, text, expected] of wrong)
    it(`refuses ${what}`, () => expect(problems(text)).to.deep.equal(expected))

  const mistakes: [string, string, RegExp][] = [
    ['a tab', 'a:\n\tb: 1', /^yaml-syntax 2:\d .*a tab is used to indent \| YAML indents with spaces only/],
    ['a colon in a value', 'a: b: c', /^yaml-syntax 1:4 "b: c": .*Quote it: "b: c"$/],
    ['an open quote', 'a: "x\nb: 1', /^yaml-syntax \d:\d+ .*is never closed \| Close the quote/],
    ['an open bracket', 'a: [1, 2\nb: 1\n', /^yaml-syntax 1:4 "\[": this \[ is never closed/],
    ['wrong indentation', 'a:\n    b: 1\n  c: 2', /^yaml-syntax 3:\d/],
    ['a missing colon', 'a: 1\nfoo\nb: 2', /^yaml-syntax 2:1 /],
    ['an at sign', 'a: @x', /^yaml-syntax 1:4 .*Quote it: "@x"$/],
    ['a bad escape', 'a: "\\d"', /^yaml-syntax 1:5.*backslash/],
    ['a list item in a map', 'a: 1\n- b', /^yaml-syntax 2:3 .*item of a list/],
  ]
  for (const [what, text, expected] of mistakes) {
    it(`explains ${what}`, () => expect(problems(text)[0]).to.match(expected))
  }

  it('tells all mistakes of a file at once, in order', () => {
    const text = 'a: {{ x }}\nb: !foo 1\nc: 1\nc: 2\nd: @x\n'
    expect(
      read(text).problems.map((problem) => problem.spans[0]!.source.position(problem.spans[0]!.start).line),
    ).to.deep.equal([1, 2, 4, 5])
  })

  it('refuses aliases that grow without end', () => {
    const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x]']
    for (let level = 1; level < 12; level++)
      lines.push(
        `a${level}: &a${level} [${Array(9)
          .fill(`*a${level - 1}`)
          .join(', ')}]`,
      )
    expect(problems(lines.join('\n'))[0]).to.match(/^yaml-syntax .*aliases make this \d+ values large/)
  })

  it('reads a large file quickly', () => {
    const text = Array.from(
      { length: 2000 },
      (_, index) => `- name: task ${index}\n  copy: {dest: "/etc/x${index}", mode: "0644"}\n`,
    ).join('')
    const started = processorTime()
    expect(read(text).problems).to.deep.equal([])
    expect(processorTime() - started).to.be.lessThan(3000)
  })
})
