import { spawnSync } from 'node:child_process'
import { expect } from 'chai'
import { adviceOn, plainly } from '../../engine/state/advice.ts'

describe('what hosts say', () => {
  for (const shell of ['sh', 'bash'])
    for (const script of ['none-such --all', 'eval none-such', '(exec none-such)', 'x=$(none-such) || exit 1'])
      it(`${shell} of a program that is missing, plainly: ${script}`, () => {
        const { stderr } = spawnSync(shell, ['-c', `${script}\nexit 1`], { encoding: 'utf8' })
        expect(plainly(stderr.trim())).to.equal('The host has no program "none-such".')
      })

  it('leaves all other words as they are', () => {
    for (const words of ['E: Package x not found', 'tar: not found', "sh: 2: can't open /x: No such file"])
      expect(plainly(words)).to.equal(words)
  })

  it('tells rights from locks', () => {
    const apt = 'E: Could not open lock file /var/lib/dpkg/lock-frontend - open (13: Permission denied)\nare you root?'
    expect(adviceOn(apt)).to.contain('become')
    expect(adviceOn('Failed to enable unit: Access denied')).to.contain('become')
    expect(adviceOn('dpkg: error: required read/write access to the dpkg database')).to.contain('become')
    expect(adviceOn('groupadd: cannot lock /etc/group; try again later.')).to.contain('run again')
    expect(adviceOn('cannot write in /etc: Read-only file system')).to.contain('read-only')
    expect(adviceOn('it broke')).to.equal(undefined)
  })
})
