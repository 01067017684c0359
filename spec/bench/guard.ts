import { writeFileSync } from 'node:fs'
import { Arena } from '../referee/arena.ts'
import { type Figures, figuresOf, jobs } from './figures.ts'

/** `npm run bench -- guard`: prints what runs cost whatever the machine; `--record` keeps it for the guard's spec. */
export async function guard(words: readonly string[]): Promise<void> {
  const arena = await Arena.open()
  const all: Record<string, Figures> = {}
  try {
    for (const [title, job] of Object.entries(jobs)) {
      const figures = await figuresOf(arena, job)
      all[title] = figures
      process.stdout.write(`${title}: ${JSON.stringify(figures)}\n`)
    }
  } finally {
    await arena.close()
  }
  if (words.includes('--record'))
    writeFileSync(new URL('guard.json', import.meta.url), `${JSON.stringify(all, null, 2)}\n`)
}
