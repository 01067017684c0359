import { expect } from 'chai'
import { mended } from './home.ts'

describe("the lab's own hosts and known_hosts files", () => {
  it('have the lines they need and keep those of other hosts', () => {
    expect(mended('10.0.0.1 other\n', '192.168.1.9 a\n')).to.equal('192.168.1.9 a\n10.0.0.1 other\n')
  })

  it('lose what they said of the same hosts before', () => {
    const before = '192.168.1.9 a\n192.168.1.8 b\n192.168.1.7 c\n'
    expect(mended(before, '192.168.1.10 a\n192.168.1.8 x\n')).to.equal('192.168.1.10 a\n192.168.1.8 x\n192.168.1.7 c\n')
  })

  it('lose a key that the host does not have, by any of its names', () => {
    const right = 'a,192.168.1.9 ssh-ed25519 RIGHT\n'
    expect(mended('a,192.168.1.9 ssh-ed25519 WRONG\na ssh-rsa WRONG\nb,192.168.1.8 ssh-rsa KEY\n', right)).to.equal(
      `${right}b,192.168.1.8 ssh-rsa KEY\n`,
    )
  })

  it('stay as they are when nothing is new', () => {
    const text = '127.0.0.1 localhost\n192.168.1.9 a\n'
    expect(mended(text, text)).to.equal(text)
  })
})
