import { execFileSync } from 'node:child_process'
import { expect } from 'chai'
import { patternMistake } from '../../engine/state/pattern-mistake.ts'
import { pythonRegExp } from '../../engine/state/python-regexp.ts'

/** Pattern, the characters at fault, and what is said of them. */
const mistakes: [pattern: string, where: string, what: string][] = [
  ['a(b', '(', 'the ( is not closed'],
  ['((a)', '(', 'the ( is not closed'],
  ['a)b', ')', 'no ( belongs to the )'],
  ['^#?Port [0-9', '[', 'the [ is not closed'],
  ['[]a', '[', 'the [ is not closed'],
  ['*.conf', '*', 'nothing stands before * that could be repeated'],
  ['(+a)', '+', 'nothing stands before + that could be repeated'],
  ['a|*', '*', 'nothing stands before * that could be repeated'],
  ['^*', '*', 'nothing stands before * that could be repeated'],
  ['a**', '*', '* repeats what is repeated already'],
  ['a{2}{3}', '{3}', '{3} repeats what is repeated already'],
  ['a{3,2}', '{3,2}', 'the least is more than the most'],
  ['[z-a]', 'z-a', 'the range ends before it begins'],
  ['a\\', '\\', 'a \\ at the end stands before nothing'],
  ['\\q', '\\q', '\\q means nothing'],
  ['(a)\\2', '\\2', 'there is no group 2 before'],
  ['(?P<a', 'a', 'a group needs a name of letters, digits and _'],
  ['(?P<1>a)', '1', 'a group needs a name of letters, digits and _'],
  ['(?P<a>.)(?P<a>.)', 'a', 'another group has this name'],
  ['(?P=b)', 'b', 'there is no group of this name before'],
  ['\\x1', '\\x', '\\x needs 2 hexadecimal digits'],
  ['(?#a', '(?#', 'the comment is not closed'],
  ['(?)', '(?)', 'groups that begin so are not supported'],
]
/** Python knows these, and JavaScript does not. */
const unsupported: [pattern: string, where: string, what: string][] = [
  ['(a)(?(1)b|c)', '(?(', 'groups that begin so are not supported'],
  ['a(?i:b)', '(?i:', 'flags are supported at the start only, and for the whole'],
  ['(?x) a', '(?x)', 'the flag x (verbose) is not supported'],
]
const right = [
  '',
  '^#?\\s*(Port|ListenAddress)\\b',
  '(?P<name>\\w+)=(?P=name)',
  '(?i)port',
  '[]a]',
  '[^]a-z-]',
  '[\\]\\w-]+',
  '[a\\-z]',
  'a{2,3}?',
  'a{,3}',
  'a{x}',
  'a{',
  '}',
  ']',
  '(a)(b)\\2\\1',
  '(?:a|b)+?(?=c)(?!d)(?<=e)(?<!f)',
  '\\0\\012\\x41\\u0041',
  '(?#note)a',
  '\\$\\/\\-\\"',
  '[[:alpha:]]',
  '^$',
  '(|a)',
  'größe',
]

describe('mistakes in patterns', () => {
  for (const [pattern, where, what] of [...mistakes, ...unsupported])
    it(`${pattern}: ${what}`, () => {
      const { start, end, what: said } = patternMistake(pattern)!
      expect([pattern.slice(start, end), said]).to.deep.equal([where, what])
      expect(() => pythonRegExp(pattern, 'regexp')).to.throw(what)
    })

  for (const pattern of right)
    it(`none in ${JSON.stringify(pattern)}`, () => {
      expect(patternMistake(pattern)).to.equal(undefined)
      pythonRegExp(pattern, 'regexp')
    })

  it('are mistakes to Python too', () => {
    const asked = [...mistakes.map(([pattern]) => pattern), ...right, ...unsupported.map(([pattern]) => pattern)]
    const script = `
import json, re, sys, warnings
warnings.simplefilter('ignore')
def fits(pattern):
    try:
        re.compile(pattern)
        return True
    except re.error:
        return False
print(json.dumps([fits(pattern) for pattern in json.load(sys.stdin)]))`
    const said = JSON.parse(execFileSync('python3', ['-c', script], { input: JSON.stringify(asked), encoding: 'utf8' }))
    expect(asked.filter((_, index) => !said[index])).to.deep.equal(mistakes.map(([pattern]) => pattern))
  })
})
