import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Event } from '../base/event.ts'
import { Problem } from '../base/problem.ts'

const FORMAT = 'tsplay plan 1'

/** What `-e` gave, which may hold secrets: sealed by the vault, or only its fingerprint, so that it must be given again. */
export type KeptExtra =
  | { readonly sealed: string }
  | { readonly count: number; readonly salt: string; readonly scrypt: string }

/** A dry run that can be shown later, and done exactly as it was planned. The file: a line of JSON for the head, one for each event. */
export interface SavedPlan {
  readonly format: typeof FORMAT
  /** The version that made it. */
  readonly tsplay: string
  /** ISO 8601. */
  readonly made: string
  /** Where it was made: paths are seen from there. */
  readonly folder: string
  readonly playbooks: readonly string[]
  /** The other words of the command line, by their options' names. */
  readonly words: Readonly<Record<string, unknown>>
  readonly extra?: KeptExtra
  /** SHA-256 of every file that was read, hex, by path. */
  readonly sources: Readonly<Record<string, string>>
  readonly events: readonly Event[]
}

export function planText(plan: Omit<SavedPlan, 'format'>): string {
  const { events, ...head } = plan
  return [{ format: FORMAT, ...head }, ...events].map((line) => `${JSON.stringify(line)}\n`).join('')
}

/** Throws Problem `file-missing`, `plan`. */
export function readPlan(path: string): SavedPlan {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (cause) {
    throw new Problem('file-missing', `There is no plan ${path} that can be read.`, {
      cause,
      hint: 'tsplay plan PLAYBOOK -i INVENTORY -o FILE makes one.',
    })
  }
  const [head, ...events] = linesOf(text)
  if (!isHead(head) || (events.at(-1) as Event | undefined)?.event !== 'recap')
    throw new Problem('plan', `${path} is not a plan, or not a whole one.`, {
      hint: 'tsplay plan PLAYBOOK -i INVENTORY -o FILE makes one.',
    })
  if (head.format !== FORMAT)
    throw new Problem('plan', `${path} was made by tsplay ${head.tsplay}, whose plans this one does not read.`, {
      hint: 'Make it again.',
    })
  return { ...head, events: events as Event[] }
}

function linesOf(text: string): unknown[] {
  try {
    return text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as unknown)
  } catch {
    return []
  }
}

function isHead(value: unknown): value is SavedPlan {
  const format = (value as SavedPlan | undefined)?.format
  return typeof format === 'string' && format.startsWith('tsplay plan ')
}

export const digestOf = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('hex')

/** Every file that is not what it was when the plan was made. */
export function movedSources(plan: SavedPlan, folder: string): Problem[] {
  return Object.entries(plan.sources).flatMap(([path, digest]) => {
    const here = resolve(folder, path)
    if (!existsSync(here))
      return [
        new Problem('plan', `${path} is not there, and was when the plan was made.`, {
          hint: `The plan was made in ${plan.folder}: apply it where the same files are, or plan again.`,
        }),
      ]
    if (digestOf(here) === digest) return []
    return [new Problem('plan', `${path} is not what it was when the plan was made.`, { hint: 'Plan again.' })]
  })
}
