import { needsLab } from '../lab/live.ts'
import { Arena } from './arena.ts'

/** An arena for the specs of the suite at hand, open as long as they run. Needs the lab. */
export function liveArena(): () => Arena {
  let arena: Arena | undefined
  before(async function () {
    needsLab.call(this)
    arena = await Arena.open()
  })
  after(() => arena?.close())
  return () => arena!
}
