import { expect } from 'chai'
import { turn } from '../../engine/base/turn.ts'

const compute = (milliseconds: number) => {
  const end = performance.now() + milliseconds
  while (performance.now() < end) {
    // as a module would
  }
}

describe('a turn', () => {
  it('lets the event loop come round between pieces of work that wait for nothing', async () => {
    const done: number[] = []
    let since = 0
    const round = setInterval(() => {
      done.push(since)
      since = 0
    }, 0)
    const piece = async () => {
      await turn()
      for (let part = 0; part < 5; part += 1) {
        compute(1)
        await undefined
      }
      since += 1
    }
    await Promise.all(Array.from({ length: 30 }, piece))
    clearInterval(round)
    // of 15 ms, in pieces of 5 ms at least
    expect(Math.max(...done)).to.be.lessThan(5)
    expect(done.length).to.be.greaterThan(5)
  })

  it('ends a piece, as far as it waits for nothing, before the next begins', async () => {
    const said: string[] = []
    const piece = async (name: string) => {
      await turn()
      for (const part of [1, 2, 3]) {
        said.push(`${name}${part}`)
        await undefined
      }
    }
    await Promise.all(['a', 'b', 'c'].map(piece))
    expect(said.join(' ')).to.equal('a1 a2 a3 b1 b2 b3 c1 c2 c3')
  })

  it('comes again when none was wanted for a while', async () => {
    await turn()
    await new Promise((resolve) => setTimeout(resolve, 30))
    await turn()
    await Promise.all([turn(), turn()])
  })
})
