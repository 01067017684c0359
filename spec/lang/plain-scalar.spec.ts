import { expect } from 'chai'
import { Source } from '../../engine/base/span.ts'
import type { ScalarNode } from '../../engine/lang/node.ts'
import { octalTrap, resolvePlain } from '../../engine/lang/plain-scalar.ts'
import { parseYaml } from '../../engine/lang/yaml.ts'

describe('plain scalars', () => {
  const cases: [string, unknown][] = [
    ['yes', true],
    ['Yes', true],
    ['on', true],
    ['True', true],
    ['TRUE', true],
    ['no', false],
    ['Off', false],
    ['false', false],
    ['y', 'y'],
    ['n', 'n'],
    ['yES', 'yES'],
    ['~', null],
    ['null', null],
    ['Null', null],
    ['none', 'none'],
    ['', null],
    ['0', 0],
    ['12', 12],
    ['-3', -3],
    ['+3', 3],
    ['1_000', 1000],
    ['0x1F', 31],
    ['0b101', 5],
    ['-0x10', -16],
    ['1.5', 1.5],
    ['.5', 0.5],
    ['1.', 1],
    ['1e3', '1e3'],
    ['1.0e+3', 1000],
    ['.inf', Number.POSITIVE_INFINITY],
    ['0644', '0644'],
    ['007', '007'],
    ['08', '08'],
    ['0o644', '0o644'],
    ['22:22', '22:22'],
    ['1.20.2', '1.20.2'],
    ['v1', 'v1'],
    ['2026-01-31', '2026-01-31'],
    ['10.0.0.0/8', '10.0.0.0/8'],
    ['12345678901234567890', '12345678901234567890'],
    ['-', '-'],
    ['+', '+'],
    ['.', '.'],
    ['-.', '-.'],
    ['_1', '_1'],
  ]
  for (const [text, value] of cases) {
    it(`${text || 'nothing'} is ${typeof value === 'string' ? 'a text' : String(value)}`, () =>
      expect(resolvePlain(text)).to.equal(value))
  }

  const mode = (text: string) => parseYaml(new Source('f', text)).root as ScalarNode
  it('knows a bare octal, and leaves its text', () => {
    expect(octalTrap(mode('0644'))).to.equal(true)
    expect(mode('0644').value).to.equal('0644')
    for (const fine of ['"0644"', '644', '0', 'u=rw', '0x10']) expect(octalTrap(mode(fine)), fine).to.equal(false)
  })
})
