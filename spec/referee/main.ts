import { Arena } from './arena.ts'
import { readCases } from './case.ts'
import { difference, play } from './match.ts'

/** `npm run referee -- PATTERN…`: plays cases with ansible and with tsplay on equal hosts and shows how they differ. */
const words = process.argv.slice(2)
const options = new Set(words.filter((word) => word.startsWith('-')))
const cases = readCases(words.filter((word) => !word.startsWith('-')))
const waiting = [...cases]
let wrong = 0

async function work(): Promise<void> {
  const arena = await Arena.open((text) => process.stderr.write(`${text}\n`))
  try {
    for (let one = waiting.shift(); one !== undefined; one = waiting.shift()) {
      const started = Date.now()
      const ansible = await play(arena, one, 'ansible')
      const tsplay = await play(arena, one, 'tsplay')
      const differs = difference(ansible.outcome, tsplay.outcome)
      const mark = differs === '' ? 'equal ' : 'DIFFER'
      if (differs !== '') wrong++
      process.stdout.write(`${mark} ${one.id}: ${one.title} (${((Date.now() - started) / 1000).toFixed(1)} s)\n`)
      if (differs !== '') process.stdout.write(`${indented(`- ansible\n+ tsplay\n${differs}`)}\n`)
      // Who did not get as far as a recap has said why.
      for (const { outcome, shown } of [ansible, tsplay])
        if (differs !== '' && outcome.recap.length === 0) process.stdout.write(`${indented(shown)}\n`)
      if (options.has('-v')) process.stdout.write(`${indented(ansible.shown)}\n${indented(tsplay.shown)}\n`)
    }
  } finally {
    await arena.close()
  }
}

const indented = (text: string) => text.trim().replace(/^/gm, '    ')

if (cases.length === 0) {
  process.stdout.write('No case matches.\n')
  process.exitCode = 1
} else {
  await Promise.all(Array.from({ length: Math.min(2, cases.length) }, work))
  process.stdout.write(`${cases.length} cases, ${wrong} differ\n`)
  process.exitCode = wrong > 0 ? 1 : 0
}
