import { writeFileSync } from 'node:fs'
import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks'
import { Problem } from '../base/problem.ts'
import type { Profile } from '../report/profile.ts'
import { profileLines } from '../report/profile-text.ts'
import { traceOf } from '../report/profile-trace.ts'
import type { RunWords } from './run-words.ts'

const USUAL = 'tsplay-profile.json'
/** Milliseconds between two looks at the event loop. */
const RESOLUTION = 10

/** Listens from now on for how long nothing else could be done. */
export function listenForStretches(): IntervalHistogram {
  const delays = monitorEventLoopDelay({ resolution: RESOLUTION })
  delays.enable()
  return delays
}

/** Says where the time went, and keeps it as a trace. Throws usage when the file cannot be written. */
export function tellProfile(profile: Profile, delays: IntervalHistogram, words: RunWords): void {
  const { user, system } = process.cpuUsage()
  const file = typeof words.profile === 'string' ? words.profile : USUAL
  // What programs read has standard output to itself.
  const stream = words.output === 'jsonl' ? process.stderr : process.stdout
  delays.disable()
  const stretch = Math.max(0, delays.max / 1e6 - RESOLUTION)
  stream.write(`${profileLines(profile, { all: (user + system) / 1000, stretch }).join('\n')}\n`)
  try {
    writeFileSync(file, `${JSON.stringify(traceOf(profile))}\n`)
  } catch (cause) {
    throw new Problem('usage', `The profile cannot be written to ${file}: ${(cause as Error).message}`, {
      cause,
      hint: 'Give another file: --profile FILE.',
    })
  }
  stream.write(`\nA trace is in ${file}: open it in a viewer of Chrome traces (Perfetto, chrome://tracing).\n`)
}
