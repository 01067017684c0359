import { randomBytes } from 'node:crypto'
import type { Item } from './connection.ts'
import { dropKept } from './own-folder.ts'
import { quote } from './quote.ts'

/**
 * The protocol on one persistent `sh`. Items are written to its stdin; after each, the shell prints a marker that no
 * output can contain by chance, with the exit status, on both outputs. What stands before a marker is the item's
 * output, to the byte. `echo` is a builtin everywhere, so the marker is never in a process list.
 */
export function newMarker(): string {
  return `tsplay-${randomBytes(16).toString('hex')}:`
}

/** First in a session: a quiet, predictable shell. Its frame holds `pid group` as the last line of stdout. */
export function preamble(marker: string, kept: string): string {
  return `${dropKept(kept)}export LC_ALL=C TERM=dumb
unset HISTFILE LANGUAGE ENV BASH_ENV
set +m
umask 022
for __tsplay in /usr/local/sbin /usr/sbin /sbin; do
case ":$PATH:" in *":$__tsplay:"*) ;; *) PATH=$PATH:$__tsplay ;; esac
done
export PATH
cd 2>/dev/null || cd /
{ read -r _ _ _ _ __tsplay _ </proc/$$/stat; } 2>/dev/null || __tsplay=$$
echo; echo "$$ $__tsplay"
echo ${marker}0; echo ${marker}0 >&2
`
}

/**
 * Told to end, or with nobody who listens, a shell leaves by its own way out, which takes away what it made for the time being;
 * who tells all to end does not mean the program that does that. Subshells have to say it for themselves.
 */
export const LEAVE = `trap "trap '' HUP TERM PIPE; exit 1" HUP TERM PIPE`

/**
 * The text for a batch. Each item's text is one quoted word, evaluated in a subshell (but for builtins): its syntax errors, `exit`
 * and quotes are its own. Nothing but the shell reads the shell's stdin, because dash reads it in blocks.
 */
export function batchText(marker: string, items: readonly Item[], stopOnFailure: boolean): string {
  const parts = ['__tsplay=0\n']
  for (const item of items) {
    // The blank keeps bash from taking a text that begins with '-' for an option of eval.
    const word = quote(` ${item.script}`)
    if (!stopOnFailure) parts.push('__tsplay=0\n')
    const leaves = /\bEXIT\b/.test(item.script) ? `${LEAVE}; ` : ''
    const run = item.builtins ? `{ eval ${word}; }` : `( ${leaves}eval ${word} )`
    parts.push(`case $__tsplay in 0) ${run} </dev/null\n`)
    // What is optional leaves the status of the last that counts as it is.
    const status = item.optional ? '__tsplay_o' : '__tsplay'
    parts.push(`${status}=$?; echo ${marker}$${status}; echo ${marker}$${status} >&2;; esac\n`)
  }
  return parts.join('')
}

/** Cuts one output stream at its markers, whatever the chunks. */
export class FrameReader {
  readonly #marker: Buffer
  readonly #output: (chunk: Buffer) => void
  readonly #end: (status: number) => void
  #held: Buffer | undefined

  constructor(marker: string, output: (chunk: Buffer) => void, end: (status: number) => void) {
    this.#marker = Buffer.from(marker)
    this.#output = output
    this.#end = end
  }

  push(chunk: Buffer): void {
    let data = this.#held ? Buffer.concat([this.#held, chunk]) : chunk
    this.#held = undefined
    for (;;) {
      const at = data.indexOf(this.#marker)
      if (at < 0) break
      if (at > 0) this.#output(data.subarray(0, at))
      const stop = data.indexOf(10, at + this.#marker.length)
      if (stop < 0) {
        this.#held = Buffer.from(data.subarray(at))
        return
      }
      this.#end(Number(data.toString('latin1', at + this.#marker.length, stop)))
      data = data.subarray(stop + 1)
    }
    const keep = this.#begun(data)
    if (keep < data.length) this.#held = Buffer.from(data.subarray(keep))
    if (keep > 0) this.#output(data.subarray(0, keep))
  }

  /** Where a marker may have begun at the end of the data: only that much is held back from live output. */
  #begun(data: Buffer): number {
    const first = this.#marker[0]!
    for (let at = Math.max(0, data.length - this.#marker.length + 1); at < data.length; at += 1) {
      if (data[at] === first && data.compare(this.#marker, 0, data.length - at, at) === 0) return at
    }
    return data.length
  }
}
