import type { Change } from '../base/result.ts'
import { quote } from '../wire/quote.ts'
import type { Effect, FileEffect } from './effect.ts'
import { type FileFlags, fileFlags, letters } from './reads/file-flags.ts'
import { type SecurityContext, type SecurityContexts, securityContext } from './reads/security-context.ts'
import type { Stat } from './stat.ts'
import type { Step } from './step.ts'
import { exec } from './steps/exec.ts'
import type { Host } from './view.ts'

const part = (what: string) => ({
  type: 'string' as const,
  description: `${what} of its SELinux label; _default: as the policy says. Left alone on hosts without SELinux.`,
})

/** What a file is marked with beside mode and owner: chattr's flags, and its SELinux label. */
export const markParams = {
  attributes: {
    type: 'string',
    aliases: ['attr'],
    pattern: '^[-+=]?[A-Za-z]+$',
    description: 'Flags as chattr takes them: +i adds, -i takes away, i or =i are all there should be.',
  },
  seuser: part('The user'),
  serole: part('The role'),
  setype: part('The type'),
  selevel: part('The level'),
} as const

interface WantedMarks extends Partial<SecurityContext> {
  readonly attributes?: string
}

/** What one file is marked with. */
export interface Marks {
  readonly path: string
  readonly there: Stat | null
  readonly flags: FileFlags | null
  readonly contexts: SecurityContexts | null
}

export function wantsMarks(params: object): boolean {
  return Object.keys(markParams).some((name) => (params as Record<string, unknown>)[name] !== undefined)
}

export async function lookAtMarks(host: Host, paths: readonly string[]): Promise<Marks[]> {
  return Promise.all(
    paths.map(async (path) => {
      const [there, flags, contexts] = await Promise.all([
        host.stat(path),
        host.read(fileFlags, path),
        host.read(securityContext, path),
      ])
      return { path, there, flags, contexts }
    }),
  )
}

/** The changes and steps that marks need, after the steps that make or change the files themselves. */
export function planMarks(
  marks: readonly Marks[],
  wanted: object,
  before: readonly Step[],
): { changes: Change[]; steps: Step[]; failed?: string } {
  const made = madeFiles(before)
  const planned = marks.map((mark) => {
    const left = made.get(mark.path)
    return planOne(mark, wanted as WantedMarks, left !== undefined || !mark.there, left?.labelled ?? false)
  })
  const failed = planned.find((one) => one.failed !== undefined)?.failed
  const scripts = planned.flatMap((one) => one.scripts)
  const where = marks.length === 1 ? marks[0]!.path : `${marks.length} files`
  return {
    changes: planned.flatMap((one) => one.changes),
    steps:
      scripts.length === 0
        ? []
        : [
            exec({
              show: `set flags and label of ${where}`,
              script: `set -e\n${scripts.join('\n')}`,
              effects: planned.flatMap((one) => one.effects),
            }),
          ],
    ...(failed === undefined ? {} : { failed }),
  }
}

/** Where steps put another inode, which has no flags yet. */
function madeFiles(steps: readonly Step[]): Map<string, FileEffect> {
  const files = steps.flatMap((step) => step.effects.flatMap((effect) => ('file' in effect ? [effect.file] : [])))
  const made = files.filter((file) => file.type === 'file' || file.type === 'directory')
  return new Map(made.map((file) => [file.path, file]))
}

interface Planned {
  readonly changes: readonly Change[]
  readonly scripts: readonly string[]
  readonly effects: readonly Effect[]
  readonly failed?: string
}

const nothing: Planned = { changes: [], scripts: [], effects: [] }

function planOne(mark: Marks, wanted: WantedMarks, made: boolean, labelled: boolean): Planned {
  const flags = mark.there?.type === 'link' ? nothing : planFlags(mark, wanted.attributes, made)
  const label = planLabel(mark, wanted, made && !labelled)
  return {
    changes: [...flags.changes, ...label.changes],
    // A label cannot be given to a file that flags have made immutable.
    scripts: [...label.scripts, ...flags.scripts],
    effects: [...flags.effects, ...label.effects],
    ...(flags.failed === undefined ? {} : { failed: flags.failed }),
  }
}

function planFlags({ path, flags, there }: Marks, wanted: string | undefined, made: boolean): Planned {
  if (wanted === undefined) return nothing
  if (there && !flags)
    return {
      ...nothing,
      failed: `${path} cannot have the attributes ${wanted}: its file system keeps none, or lsattr (e2fsprogs) is not on the host.`,
    }
  const now = made ? '' : letters(flags?.flags)
  const named = letters(wanted)
  const add = wanted.startsWith('-') ? '' : without(named, now)
  const take = wanted.startsWith('-') ? common(named, now) : wanted.startsWith('+') ? '' : without(now, named)
  if (add === '' && take === '') return nothing
  const after = letters(without(now, take) + add)
  const words = [add && `+${add}`, take && `-${take}`].filter(Boolean).join(' ')
  const was = letters(flags?.flags)
  return {
    changes: was === after ? [] : [{ path: `${path} attributes`, before: was, after }],
    scripts: [`chattr ${words} ${quote(path)}`],
    effects: [{ read: fileFlags.name, key: path, gives: { flags: after } }],
  }
}

function planLabel({ path, contexts }: Marks, wanted: WantedMarks, made: boolean): Planned {
  if (!contexts) return nothing
  const { now, policy } = contexts
  // The kernel labels what is made by who makes it, whom nobody knows here.
  const label: Partial<SecurityContext> = made ? {} : { ...(now ?? policy) }
  const given: Partial<Record<keyof SecurityContext, string>> = {}
  for (const name of Object.keys(options) as (keyof SecurityContext)[]) {
    const value = wanted[name] === '_default' ? policy?.[name] : wanted[name]
    if (value !== undefined && value !== '' && value !== label[name]) given[name] = value
  }
  const names = Object.keys(given) as (keyof SecurityContext)[]
  if (names.length === 0) return nothing
  const after = { ...label, ...given }
  const shown = made ? names : (Object.keys(options) as (keyof SecurityContext)[])
  const [is, becomes] = [now && written(now, shown), written(after, shown)]
  return {
    changes: is === becomes ? [] : [{ path: `${path} SELinux label`, ...(is ? { before: is } : {}), after: becomes }],
    scripts: [`chcon -h ${names.map((name) => `${options[name]} ${quote(given[name]!)}`).join(' ')} -- ${quote(path)}`],
    effects: [{ read: securityContext.name, key: path, gives: { now: after, policy } }],
  }
}

const options = { seuser: '-u', serole: '-r', setype: '-t', selevel: '-l' } as const

const written = (label: Partial<SecurityContext>, names: readonly (keyof SecurityContext)[]): string =>
  names
    .map((name) => label[name] ?? '')
    .filter(Boolean)
    .join(':')

const without = (flags: string, others: string) => [...flags].filter((flag) => !others.includes(flag)).join('')
const common = (flags: string, others: string) => [...flags].filter((flag) => others.includes(flag)).join('')
