import { readFileSync } from 'node:fs'
import { expect } from 'chai'
import { liveArena } from '../referee/live-arena.ts'
import { type Figures, figuresOf, jobs } from './figures.ts'

const recorded = JSON.parse(readFileSync(new URL('guard.json', import.meta.url), 'utf8')) as Record<string, Figures>

/** How answers are cut into packets, and their padding, differ from run to run by so much. */
const PLAY = 1.1
/** A host's answers come in more packets, each with padding, the slower it is. */
const PACKETS = 1.4
/** Whoever makes it better by more than this keeps it: npm run bench -- guard --record. */
const BETTER = 0.85

describe('what a run costs, whatever the machine', function () {
  this.timeout(60_000)
  const arena = liveArena()

  for (const [title, job] of Object.entries(jobs)) {
    it(title, async () => {
      const now = await figuresOf(arena(), job)
      const was = recorded[title]
      if (!was) throw new Error('It is not recorded: npm run bench -- guard --record')
      const told = JSON.stringify(now)
      expect(now.round_trips, `round trips: ${told}`).to.be.at.most(was.round_trips)
      expect(now.processes, `processes on the host: ${told}`).to.be.at.most(was.processes)
      expect(now.sent, `bytes sent: ${told}`).to.be.at.most(was.sent * PLAY)
      expect(now.received, `bytes received: ${told}`).to.be.at.most(was.received * PACKETS)
      for (const figure of ['round_trips', 'processes', 'sent'] as const)
        expect(
          now[figure],
          `${figure}, better than recorded: record it (npm run bench -- guard --record)`,
        ).to.be.at.least(was[figure] * BETTER)
    })
  }
})
