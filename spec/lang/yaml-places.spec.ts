import { expect } from 'chai'
import { Source } from '../../engine/base/span.ts'
import type { Node, ScalarNode } from '../../engine/lang/node.ts'
import { parseYaml } from '../../engine/lang/yaml.ts'
import { random } from '../random.ts'

function scalars(node: Node, found: ScalarNode[] = []): ScalarNode[] {
  if (node.kind === 'scalar') found.push(node)
  else if (node.kind === 'seq') for (const item of node.items) scalars(item, found)
  else if (node.kind === 'map') for (const pair of node.pairs) scalars(pair.value, scalars(pair.key, found))
  return found
}

const read = (text: string) => {
  const { root, problems } = parseYaml(new Source('f', text))
  expect(
    problems.map((problem) => problem.message),
    text,
  ).to.deep.equal([])
  return root!
}

/** The offset of each character of the value that stands in the source as itself must be that character. */
function checkOffsets(node: ScalarNode, exact: boolean): void {
  if (typeof node.value !== 'string' || !node.offsets) return
  const { text } = node.span.source
  for (let index = 0; index < node.value.length; index++) {
    const char = node.value[index]!
    const there = text[node.offsets(index)]
    // Folds and escapes stand for other characters; letters and braces never do.
    if (/[a-z{}é]/.test(char) && (exact || there !== '\\'))
      expect(there, JSON.stringify({ text, value: node.value, index })).to.equal(char)
  }
}

describe('YAML places', () => {
  const cases: [string, string][] = [
    ['plain', 'k: hello {{x}} there\n'],
    ['single quoted', "k: 'it''s {{ x }}'\n"],
    ['double quoted', 'k: "a\\tb {{ x }} \\u00e9 \\x41 c"\n'],
    ['double quoted over lines', 'k: "first\n  second {{ x }}\n\n  third \\\n  fourth {{ y }}"\n'],
    ['plain over lines', 'k: first {{ x }}\n  second {{ y }}\n\n  third {{ z }}\n'],
    ['a literal block', 'k:\n  - |\n    first {{ x }}\n      second {{ y }}\n\n    third {{ z }}\n'],
    ['a literal block with its indentation', 'k: |2-\n    first {{ x }}\n  second {{ y }}\n'],
    [
      'a folded block',
      'k: >\n  first {{ x }}\n  second {{ y }}\n\n  third\n    more {{ z }}\n    deep\n  last {{ z }}\n',
    ],
    ['Windows line ends', 'k: |\r\n  first {{ x }}\r\n  second {{ y }}\r\n'],
    ['a block after blank lines', 'k: |\n\n\n  first {{ x }}\n'],
    ['a comment at the block', 'k: | # why\n  first {{ x }}\n'],
  ]
  for (const [what, text] of cases) {
    it(`of ${what} point at the characters`, () => {
      const node = scalars(read(text)).at(-1)!
      expect(node.value).to.include('{{')
      for (const found of String(node.value).matchAll(/\{\{ ?\w ?\}\}/g)) {
        const start = node.offsets!(found.index)
        const end = node.offsets!(found.index + found[0].length - 1) + 1
        expect(text.slice(start, end)).to.equal(found[0])
      }
    })
  }

  it('of every scalar span the text that means the value (fuzz)', () => {
    const { int, pick } = random(42)
    const words = [
      'abc',
      'x y',
      'é',
      '{{ x }}',
      'no',
      '12',
      'it is',
      'q#r',
      'a:b',
      '-',
      "don't",
      'c\\d',
      '/etc/x',
      '%',
      '0644',
    ]
    const text = () => Array.from({ length: int(1, 4) }, () => pick(words)).join(pick([' ', '', '  ']))
    const plain = () =>
      pick(['abc', 'x y z', 'a/b:c', '12', 'yes', 'v1.2', "don't", 'foo {{ x }}', '0644', '~', 'c\\d'])
    const scalar = (indent: string): string => {
      switch (int(0, 6)) {
        case 0:
          return `'${text().replaceAll("'", "''")}'`
        case 1:
          return JSON.stringify(`${text()}${pick(['', '\n', '\t"'])}${text()}`)
        case 2:
          return `${pick(['|', '|-', '|+'])}\n${indent}  ${text().trim() || 'z'}\n${pick(['', '\n', `${indent}    deeper\n`])}${indent}  ${text().trim() || 'z'}`
        case 3:
          return `${pick(['>', '>-'])}\n${indent}  ${text().trim() || 'z'}\n${pick(['', '\n'])}${indent}  ${text().trim() || 'z'}`
        case 4:
          return `abc def\n${indent}  ghi {{ x }} jkl`
        default:
          return plain()
      }
    }
    const value = (indent: string, depth: number): string => {
      const kind = depth > 2 ? 0 : int(0, 3)
      if (kind === 1) return Array.from({ length: int(1, 3) }, () => `\n${indent}- ${scalar(`${indent}`)}`).join('')
      if (kind === 2)
        return Array.from(
          { length: int(1, 3) },
          (_, index) => `\n${indent}key${index}: ${value(`${indent}  `, depth + 1)}`,
        ).join('')
      return pick([scalar(indent), pick(['', '&n ']) + scalar(indent), `[a, 'b c', {d: "e\\n{{ f }}"}]`])
    }
    let seen = 0
    for (let round = 0; round < 600; round++) {
      const file = `# comment\n${Array.from({ length: int(1, 4) }, (_, index) => `top${index}: ${value('  ', 0)}${pick(['', '', ' '])}\n`).join('')}`
      const { root, problems } = parseYaml(new Source('f', file))
      if (problems.length > 0 || !root) continue
      for (const node of scalars(root)) {
        seen++
        const { start, end } = node.span
        const again = parseYaml(new Source('g', file.slice(start, end))).root
        const back = again?.kind === 'scalar' ? again.value : null
        expect(back, JSON.stringify({ file, span: file.slice(start, end) })).to.equal(node.value)
        checkOffsets(node, false)
      }
    }
    expect(seen).to.be.greaterThan(2000)
  })
})
