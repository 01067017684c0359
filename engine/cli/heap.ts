// How V8 gathers what is no longer needed. Its own measure is a machine that is there for one program.
import { setFlagsFromString } from 'node:v8'

/** Above, keeping memory bounded counts for more than what is spent on it. */
const MANY_HOSTS = 100

/**
 * To be called before anything else. A run makes much and keeps little: a young heap that stays small saves some 30 MB, and
 * costs no time that shows. Reading a book keeps most of what it makes: there it is large from the start.
 */
export function beginHeap(command: string | undefined): void {
  setFlagsFromString(command === 'validate' ? '--min-semi-space-size=64' : '--semi-space-growth-factor=1')
}

/**
 * With many hosts at work a small young heap is full before their answers are done with: what would be garbage a moment later
 * grows old, and V8 lets the old heap grow to four times of what is in use. A young heap that grows, and an old one that is
 * gone through when it has grown by half: that takes two thirds of the memory with 300 hosts, and a tenth less computing.
 */
export function fitHeap(hosts: number): void {
  if (hosts < MANY_HOSTS) return
  setFlagsFromString('--semi-space-growth-factor=2')
  setFlagsFromString('--heap-growing-percent=50')
  // What V8 compiled is good only for who has the same flags: the next run begins with those of the beginning.
  process.prependOnceListener('exit', () => {
    setFlagsFromString('--semi-space-growth-factor=1')
    setFlagsFromString('--heap-growing-percent=0')
  })
}
