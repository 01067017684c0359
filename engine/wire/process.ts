import type { Readable, Writable } from 'node:stream'
import { finished } from 'node:stream/promises'
import { setTimeout as sleep } from 'node:timers/promises'

/** How a process ended: by itself, by a signal, or unknown because the way to it was lost. */
export type Ending = { readonly status: number } | { readonly signal: string } | { readonly lost: string }

/** A command running on a host (an ssh channel, a child process). Both outputs must be read, or it never ends. */
export interface Process {
  readonly stdin: Writable
  readonly stdout: Readable
  readonly stderr: Readable
  /** Resolves once; never rejects. */
  readonly ended: Promise<Ending>
  /** Lets go of it at once: the streams are cut. What runs on the host is ended by its process group. */
  drop(): void
}

/** Starts a command text (for the user's login shell) on a host. Throws host-unreachable. */
export type Launch = (command: string) => Promise<Process>

/** An ending in words, for problems. */
export function ending(end: Ending): string {
  if ('lost' in end) return end.lost
  return 'signal' in end ? `it was killed by ${end.signal}` : `it exited with status ${end.status}`
}

/** The text a process wrote to a stream, shortened to what a person reads; its last words may come after its end. */
export function said(stream: Readable, limit = 4096): () => Promise<string> {
  const parts: Buffer[] = []
  let size = 0
  stream.on('data', (part: Buffer) => {
    if (size < limit) parts.push(part)
    size += part.length
  })
  const over = finished(stream, { writable: false }).catch(() => undefined)
  stream.resume()
  return async () => {
    // A lost connection ends nothing.
    await Promise.race([over, sleep(500, undefined, { ref: false })])
    return Buffer.concat(parts).toString('utf8', 0, limit).trim()
  }
}
