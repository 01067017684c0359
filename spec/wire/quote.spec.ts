import { execFileSync } from 'node:child_process'
import { expect } from 'chai'
import { Problem } from '../../engine/base/problem.ts'
import { quote } from '../../engine/wire/quote.ts'

describe('quote', () => {
  it('leaves plain words readable', () => {
    expect(quote('/etc/hosts')).to.equal('/etc/hosts')
    expect(quote('a-b_c.d:e@f%g+h,i')).to.equal('a-b_c.d:e@f%g+h,i')
  })

  for (const text of [
    '',
    ' ',
    "it's",
    '$HOME',
    '`x`',
    'a\nb',
    '~',
    'a=b',
    'if',
    '!',
    '{',
    '#',
    '\\',
    '*',
    'ü',
    "''",
    '\r',
    '-n',
  ]) {
    it(`makes one word of ${JSON.stringify(text)}`, () => {
      for (const shell of ['dash', 'bash']) {
        const said = execFileSync(shell, ['-c', `printf '[%s]' ${quote(text)}; f() { printf '<%s>' "$0"; }`])
        expect(said.toString()).to.equal(`[${text}]`)
      }
    })
  }

  it('keeps reserved words from being commands of the shell', () => {
    expect(quote('if')).to.equal("'if'")
  })

  it('refuses NUL', () => {
    expect(() => quote('a\0b')).to.throw(Problem, 'NUL')
  })
})
