import { writeFileSync } from 'node:fs'
import { Problem } from '../base/problem.ts'
import type { Profile } from '../report/profile.ts'
import { profileLines } from '../report/profile-text.ts'
import { traceOf } from '../report/profile-trace.ts'
import type { RunWords } from './run-words.ts'

const USUAL = 'tsplay-profile.json'

/** Says where the time went, and keeps it as a trace. Throws usage when the file cannot be written. */
export function tellProfile(profile: Profile, words: RunWords): void {
  const { user, system } = process.cpuUsage()
  const file = typeof words.profile === 'string' ? words.profile : USUAL
  // What programs read has standard output to itself.
  const stream = words.output === 'jsonl' ? process.stderr : process.stdout
  stream.write(`${profileLines(profile, (user + system) / 1000).join('\n')}\n`)
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
