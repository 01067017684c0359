import { expect } from 'chai'
import { readHostWord } from '../../engine/hosts/host-range.ts'

describe('host ranges', () => {
  const table: [word: string, names: string, port?: number][] = [
    ['web', 'web'],
    ['web:22', 'web', 22],
    ['web[1:3]', 'web1 web2 web3'],
    ['web[:2]', 'web0 web1 web2'],
    ['web[01:10:4]:2222', 'web01 web05 web09', 2222],
    ['[a:e:2]x', 'ax cx ex'],
    ['[Y:B]', ''],
    ['[x:C]', 'x y z A B C'],
    ['r[1:2]n[a:b].x', 'r1na.x r1nb.x r2na.x r2nb.x'],
    ['192.168.1.[9:11]', '192.168.1.9 192.168.1.10 192.168.1.11'],
    ['fe80::1', 'fe80::1'],
    ['[fe80::1]:22', 'fe80::1', 22],
  ]
  for (const [word, names, port] of table) {
    if (names === '') it(`${word} is refused`, () => expect(() => readHostWord(word)).to.throw('runs backwards'))
    else it(`${word} is ${names}`, () => expect(readHostWord(word)).to.deep.equal({ names: names.split(' '), port }))
  }

  const wrong: [word: string, says: string][] = [
    ['web[1:]', 'no last value'],
    ['web[1]', 'a range is written [first:last]'],
    ['web[1:2:0]', 'the step of a range is a whole number from 1, not "0"'],
    ['web[1:2:3:4]', 'a range is written [first:last]'],
    ['web[a:9]', 'both numbers or both single letters'],
    ['web[1:999999999]', 'too many hosts'],
    ['a[1:999]b[1:999]', '998001 hosts'],
    ['web:0', '0 is not a port'],
  ]
  for (const [word, says] of wrong)
    it(`${word} is refused: ${says}`, () => expect(() => readHostWord(word)).to.throw(says))
})
