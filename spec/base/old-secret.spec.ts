import { expect } from 'chai'
import { withoutOldSecrets } from '../../engine/base/old-secret.ts'

describe('old secrets in differences', () => {
  const table: [what: string, before: string, after: string, shown: string][] = [
    [
      'the one that is replaced',
      'user = a\npass = old1\n',
      'user = b\npass = ********\n',
      'user = a\npass = ********\n',
    ],
    [
      'in other words around',
      'url: http://a:old1@db/x\n',
      'url: http://a:********@db/x\n',
      'url: http://a:********@db/x\n',
    ],
    ['whatever stands behind it', 'pass: old1 # mine\n', 'pass: ********\n', 'pass: ********\n'],
    ['indented otherwise', '    pass: old1\n', '  pass: ********\n', '    pass: ********\n'],
    [
      'all that goes, where a whole line is secret',
      'head\nold1\nold2\n',
      'head\n********\n',
      'head\n********\n********\n',
    ],
    ['nothing where nothing is secret', 'pass = old1\n', 'pass = new1\n', 'pass = old1\n'],
    ['nothing of lines that stay', 'a\npass = ********\nb\n', 'c\npass = ********\nb\n', 'a\npass = ********\nb\n'],
  ]
  for (const [what, before, after, shown] of table)
    it(`covers ${what}`, () =>
      expect(withoutOldSecrets({ path: '/a', before, after })).to.deep.equal({ path: '/a', before: shown, after }))
})
