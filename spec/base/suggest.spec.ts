import { expect } from 'chai'
import { didYouMean, distance, suggest } from '../../engine/base/suggest.ts'

describe('suggest', () => {
  const names = ['hosts', 'gather_facts', 'become', 'become_user', 'vars', 'tasks', 'etcd_version', 'when']
  const cases: [string, string | undefined][] = [
    ['host', 'hosts'],
    ['becom', 'become'],
    ['becmoe', 'become'],
    ['gatherfacts', 'gather_facts'],
    ['gather-facts', 'gather_facts'],
    ['Tasks', 'tasks'],
    ['etcdVersion', 'etcd_version'],
    ['whne', 'when'],
    ['wh', undefined],
    ['nope', undefined],
    ['handlers', undefined],
    ['', undefined],
  ]
  for (const [typed, meant] of cases) {
    it(`${typed || 'nothing'} → ${meant ?? 'no suggestion'}`, () => expect(suggest(typed, names)).to.equal(meant))
  }

  it('counts swapped neighbours as one edit', () => {
    expect(distance('ab', 'ba')).to.equal(1)
    expect(distance('kitten', 'sitting')).to.equal(3)
    expect(distance('', 'abc')).to.equal(3)
    expect(distance('same', 'same')).to.equal(0)
  })

  it('gives up above the bound', () => expect(distance('abcdef', 'uvwxyz', 2)).to.equal(3))
  it('makes a hint', () => expect(didYouMean('becom', names)).to.equal('Did you mean "become"?'))
})
