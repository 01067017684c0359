import type { Reporter } from '../base/event.ts'
import { LiveReporter } from './live.ts'
import type { Stream } from './output.ts'
import { colourLevel } from './palette.ts'
import { PlainReporter } from './plain.ts'
import type { Verbosity } from './result-text.ts'

export interface TerminalOptions {
  readonly stream?: Stream
  readonly env?: NodeJS.ProcessEnv
  /** Default: what the stream and the environment (NO_COLOR, FORCE_COLOR, TERM) say. */
  readonly colour?: boolean | undefined
  /** How many -v. */
  readonly verbosity?: number | undefined
  /** Default: true. Hosts that skip a task have a line, too. */
  readonly displaySkipped?: boolean | undefined
}

/** A report that can step aside while somebody is asked something; the function returned takes the terminal back. */
export interface TerminalReporter extends Reporter {
  suspend(): () => void
}

/** The report for people: live on a terminal, plain lines into pipes, files, CI and dumb terminals. */
export function terminalReporter(options: TerminalOptions = {}): TerminalReporter {
  const stream = options.stream ?? process.stdout
  const env = options.env ?? process.env
  const narration = {
    colour: options.colour ?? colourLevel(stream, env) > 0,
    verbosity: Math.max(0, Math.min(3, options.verbosity ?? 0)) as Verbosity,
    displaySkipped: options.displaySkipped ?? true,
  }
  if (!isLive(stream, env)) return new PlainReporter(stream, narration)
  const unicode = /utf-?8/i.test(env.LC_ALL || env.LC_CTYPE || env.LANG || '')
  return new LiveReporter(stream, narration, { unicode })
}

/** Whether a part of the screen may be redrawn: on a terminal that can, with somebody before it. */
export function isLive(stream: Stream, env: NodeJS.ProcessEnv = process.env): boolean {
  return stream.isTTY === true && env.TERM !== 'dumb' && !/^(?:true|1|yes)$/i.test(env.CI ?? '')
}
