import { expect } from 'chai'
import { WrongArgument } from '../../engine/lang/functions/function.ts'
import { bounded, type PatternOptions, pattern } from '../../engine/lang/functions/regex.ts'

const matches = (regex: string, text: string, options?: PatternOptions) => {
  const expression = pattern(regex, options)
  return [...text.matchAll(expression)].map(([whole]) => whole)
}

describe("regular expressions in Python's syntax", () => {
  const cases: [regex: string, text: string, found: string[], options?: PatternOptions][] = [
    ['a|b', 'cab', ['a', 'b']],
    ['(?i)abc', 'xABC', ['ABC']],
    ['(?im)^b', 'a\nB', ['B']],
    ['(?s)a.b', 'a\nb', ['a\nb']],
    ['a.b', 'a\nb', []],
    ['a.b', 'a\rb', ['a\rb']],
    ['(?x) a  b # comment\n c', 'abc', ['abc']],
    ['^b', 'a\nb', []],
    ['^b', 'a\nb', ['b'], { multiline: true }],
    ['a$', 'a\n', ['a']],
    ['a$', 'a\nb', []],
    ['a$', 'a\nb', ['a'], { multiline: true }],
    ['\\Aa', 'ba', []],
    ['a\\Z', 'a\n', []],
    ['\\bß\\w+\\b', 'ßa b', ['ßa']],
    ['\\Bb', 'ab b', ['b']],
    ['\\d+', '12 ٣', ['12', '٣']],
    ['[\\d.]+', 'v1.2', ['1.2']],
    ['[^\\s]+', 'a b', ['a', 'b']],
    ['[\\w-]+', 'a-b c', ['a-b', 'c']],
    ['[\\S]+', 'a b', ['a', 'b']],
    ['[\\W_]+', 'a_-b', ['_-']],
    ['[]a]+', 'a]', ['a]']],
    ['[^]a]+', 'a]b', ['b']],
    ['[a-]+', 'a-', ['a-']],
    ['[[]', '[', ['[']],
    ['[&&|~]', '&', ['&']],
    ['x{,2}y', 'xxy', ['xxy']],
    ['x{2}', 'xxx', ['xx']],
    ['x{a}', 'x{a}', ['x{a}']],
    ['{', 'a{', ['{']],
    ['a}', 'a}', ['a}']],
    ['a]', 'a]', ['a]']],
    ['(?P<n>a)(?P=n)', 'aa', ['aa']],
    ['(a)\\1', 'aa', ['aa']],
    ['(?:a|b)+?c', 'abc', ['abc']],
    ['(?<=a)b(?!c)', 'abc ab', ['b']],
    ['a(?#comment)b', 'ab', ['ab']],
    ['\\x41\\u00e9\\t\\-\\_\\/\\ ', 'Aé\t-_/ ', ['Aé\t-_/ ']],
    ['\\0|\\07', '\x07', ['\x07']],
    ['a', 'ba', [], { atStart: true }],
    ['a|b', 'ba', ['b'], { atStart: true }],
    ['😀+', '😀😀', ['😀😀']],
    ['[😀é]', 'x😀', ['😀']],
  ]
  for (const [regex, text, found, options] of cases) {
    it(`${regex} in ${JSON.stringify(text)}`, () => expect(matches(regex, text, options)).to.deep.equal(found))
  }

  const wrong: [regex: string, why: string][] = [
    ['(', 'unterminated group'],
    ['a)', "unmatched ')'"],
    ['*a', 'nothing to repeat'],
    ['[a', 'the [ at character 1 is never closed'],
    ['a\\', 'it ends with a backslash'],
    ['\\q', 'bad escape \\q'],
    ['\\x4', '\\x needs 2 hexadecimal digits'],
    ['a++', 'possessive ++ is not supported'],
    ['(?>a)', '(?>a is not supported'],
    ['(a)(?(1)b|c)', '(?(1 is not supported'],
    ['a(?i)b', 'flags such as (?i) must stand at the very beginning'],
  ]
  for (const [regex, why] of wrong) {
    it(`${regex} is refused`, () => expect(() => pattern(regex)).to.throw(WrongArgument, why))
  }
})

describe('regular expressions that would not end', () => {
  const explosive: [regex: string, text: string][] = [
    ['(a+)+$', `${'a'.repeat(60)}!`],
    ['^(a|aa)+$', `${'a'.repeat(80)}!`],
    ['a*a*a*a*b', 'a'.repeat(5000)],
    ['(x+x+)+y', 'x'.repeat(60)],
    ['^(([a-z])+.)+[A-Z]([a-z])+$', 'a'.repeat(60)],
    ['(.*)*x', 'a'.repeat(60)],
  ]
  for (const [regex, text] of explosive) {
    it(`${regex} is stopped in well under a second`, () => {
      const expression = pattern(regex)
      const started = performance.now()
      expect(() => bounded(expression, text, () => expression.test(text))).to.throw(
        WrongArgument,
        `takes longer than 300 ms on this text of ${text.length} characters`,
      )
      expect(performance.now() - started).to.be.below(900)
    })
  }

  it('do not stop what is merely long', () => {
    const text = 'line of words\n'.repeat(50_000)
    const expression = pattern('w[a-z]+s$', { multiline: true })
    expect(bounded(expression, text, () => [...text.matchAll(expression)].length)).to.equal(50_000)
  })
})
