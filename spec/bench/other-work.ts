import { cpus } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'

/** How many cores were busy in the last second, with whatever it is; the load average would still tell of our own last contest. */
export async function otherWork(): Promise<number> {
  const before = busy()
  await sleep(1000)
  return Number(((busy() - before) / 1000).toFixed(2))
}

/** Milliseconds of computing, of all cores since the machine began. */
function busy(): number {
  return cpus().reduce((sum, { times: { user, nice, sys, irq } }) => sum + user + nice + sys + irq, 0)
}
