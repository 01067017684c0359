import { expect } from 'chai'
import { needsLab } from '../lab/live.ts'
import { tooledLayers } from '../lab/tooled-layer.ts'
import { notAllowed } from './allowed.ts'
import { Arena } from './arena.ts'
import { type Case, readCases } from './case.ts'
import { play } from './match.ts'
import { recorded } from './record.ts'
import { SystemdArena } from './systemd-arena.ts'

/** Every case as tsplay plays it, against what ansible-core did with it when it was recorded (`npm run referee -- --record`). */
describe('what ansible does, tsplay does', function () {
  this.timeout(120_000)
  const grounds: [title: string, Place: typeof Arena | typeof SystemdArena, cases: Case[]][] = [
    ['on light hosts', Arena, readCases().filter(({ ground }) => ground !== 'systemd')],
    ['on hosts with systemd', SystemdArena, readCases().filter(({ ground }) => ground === 'systemd')],
  ]
  for (const [title, Place, cases] of grounds)
    describe(title, () => {
      let arena: Arena | SystemdArena

      before(async function () {
        needsLab.call(this)
        // Made here, where there is time.
        if (cases.some(({ ground }) => ground === 'tooled')) await tooledLayers(() => {})
        arena = await Place.open()
      })
      after(() => arena?.close())

      for (const one of cases) {
        it(`${one.id}: ${one.title}`, async () => {
          expect(notAllowed(one)).to.equal(undefined)
          const entry = recorded(one)
          if (!entry) expect.fail(`not recorded, or changed since: npm run referee -- --record ${one.id}`)
          const wanted = entry.tsplay ?? entry.ansible
          expect(entry.tsplay === undefined).to.equal(
            one.differs === undefined,
            'recorded as a difference that is allowed',
          )
          expect(entry.tsplay, 'it says that it differs').to.not.deep.equal(entry.ansible)
          const ahead = await play(arena, one, 'tsplay')
          expect(ahead.outcome, ahead.shown).to.deep.equal(wanted)
          // Those are dear, and how far it looks is nothing that systemd is about.
          if (one.ground === 'systemd') return
          const alone = await play(arena, one, 'tsplay', ['--no-look-ahead'])
          expect(alone.outcome, `without looking ahead\n${alone.shown}`).to.deep.equal(wanted)
        })
      }
    })
})
