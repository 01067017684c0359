// For specs that need the lab: `before(needsLab)`. Without one they are skipped; in CI that is a failure.
import type { Context } from 'mocha'
import { missing } from './missing.ts'

export function needsLab(this: Context): void {
  // a first run makes the base system and fetches packages
  this.timeout(15 * 60_000)
  const lacking = missing()
  if (lacking.length === 0) return
  if (process.env.CI === 'true') throw new Error(`this machine cannot host the lab: it lacks ${lacking.join('; ')}`)
  this.skip()
}
