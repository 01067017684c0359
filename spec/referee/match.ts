import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { diffLines } from 'diff'
import { stringify } from 'yaml'
import { writeFiles } from '../run/story.ts'
import { byAnsible } from './ansible.ts'
import type { Stage } from './arena.ts'
import { type Case, type Side, spelling } from './case.ts'
import type { Outcome } from './outcome.ts'
import { byTsplay } from './tsplay.ts'

export interface Played {
  readonly outcome: Outcome
  /** All that it printed. */
  readonly shown: string
}

/** Plays a case from blank hosts on. */
export async function play(arena: Stage, one: Case, side: Side, more: readonly string[] = []): Promise<Played> {
  const spelt = spelling(one, side)
  // The same place for both, by name at least: paths may be said.
  const above = mkdtempSync(join(tmpdir(), 'tsplay-case-'))
  const folder = join(above, 'case')
  try {
    writeFiles(folder, spelt.files)
    await arena.reset(one.host, one.ground)
    const played = await (side === 'ansible' ? byAnsible(arena, folder, spelt) : byTsplay(arena, folder, spelt, more))
    return JSON.parse(JSON.stringify(played).replaceAll(folder, '.')) as Played
  } finally {
    rmSync(above, { recursive: true, force: true })
  }
}

/** How two outcomes differ, line by line; empty: they are equal. */
export function difference(ansible: Outcome, tsplay: Outcome): string {
  const [theirs, ours] = [ansible, tsplay].map((outcome) => stringify(outcome, { lineWidth: 0 }))
  if (theirs === ours) return ''
  return diffLines(theirs!, ours!)
    .flatMap(({ value, added, removed }) => {
      const mark = removed ? '-' : added ? '+' : ' '
      return value
        .replace(/\n$/, '')
        .split('\n')
        .map((line) => `${mark} ${line}`)
    })
    .join('\n')
}
