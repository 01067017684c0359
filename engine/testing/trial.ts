import { posix } from 'node:path'
import type { Example } from '../module/definition.ts'
import { disagreements, namedPaths, unnamed } from './agreement.ts'
import type { Ran, TaskEnd } from './example-runs.ts'
import { differing, type Ground, type Sight } from './ground.ts'

/**
 * What a dry run owes. It leaves all as it was (clean); the tasks of the run then come out as it said, change by change
 * (foretold), and those files change that it had named, and no others (named); once done there is nothing to do (settled);
 * and what is then there is what the steps predicted (verified).
 */
export const properties = ['clean', 'foretold', 'named', 'settled', 'verified'] as const
export type Property = (typeof properties)[number]

/** An example tried in one state. */
export interface Trial {
  readonly state: string
  /** What was damaged, or put back. */
  readonly on?: string
  /** `refused`: it failed, as the dry run had foretold; `failed`: it failed, and named what is wrong. */
  readonly end: 'done' | 'refused' | 'failed'
  /** What was not kept, and how that showed. */
  readonly broken: Readonly<Partial<Record<Property, readonly string[]>>>
}

/** A start that a trial is made from. */
export interface Start {
  readonly state: string
  readonly on?: string
  /** A folder that something else is mounted over. */
  readonly within?: string
  /** What a task may say when it fails here; without it, it must not fail. */
  readonly says?: RegExp
}

interface Runs {
  readonly before: Sight
  readonly checked: Ran
  readonly untouched: Sight
  readonly first: Ran
  readonly between: Sight
  readonly second: Ran | undefined
  readonly after: Sight
}

/** A dry run, a run and a second one, held to their predictions, with a look before and after each. */
export async function playOut({ yaml }: Example, ground: Ground, within?: string): Promise<Runs> {
  const before = await ground.look(within)
  const checked = await ground.play(yaml, { check: true })
  const untouched = await ground.look(within)
  const first = await ground.play(yaml, { verify: true })
  const between = await ground.look(within)
  if (first.exit !== 0) return { before, checked, untouched, first, between, second: undefined, after: between }
  const second = await ground.play(yaml, { verify: true })
  return { before, checked, untouched, first, between, second, after: await ground.look(within) }
}

/** Whether the runs kept what a dry run owes. */
export function judge(example: Example, start: Start, runs: Runs): Trial {
  const { checked, first, second } = runs
  const end = first.exit === 0 ? 'done' : checked.exit === 0 ? 'failed' : 'refused'
  const failures = end === 'done' ? [] : failing(start, first)
  if (second && second.exit !== 0) failures.push(`the second run: ${second.wrong}`)
  const found: Record<Property, readonly string[]> = {
    clean: differing(runs.before, runs.untouched),
    foretold: disagreements(checked, first).map(
      ({ said, came }) => `said ${brief(said)}, came ${came ? brief(came) : `nothing: ${first.wrong}`}`,
    ),
    named: [...unforeseen(runs), ...(end === 'done' && start.within === undefined ? empty(runs) : [])],
    settled: end === 'done' ? settling(example, runs) : [],
    verified: failures,
  }
  const broken = Object.fromEntries(Object.entries(found).filter(([, what]) => what.length > 0))
  const { state, on } = start
  return { state, ...(on === undefined ? {} : { on }), end, broken }
}

/** Files that changed, and the dry run had not named them. */
function unforeseen({ before, untouched, checked, between }: Runs): string[] {
  // A command nobody can foresee may do what it likes.
  if (checked.ends.some((end) => end.mayChange !== undefined)) return []
  const changed = differing(untouched, between).filter(
    (path) => !before.has(path) || between.get(path)?.type !== 'folder',
  )
  return unnamed(changed, namedPaths(checked))
}

/** Files that were to change, and did not. */
function empty({ untouched, checked, between }: Runs): string[] {
  const changed = differing(untouched, between)
  const said = checked.ends.flatMap(({ changes }) => changes.map(({ path }) => path.split(' ')[0]!))
  const files = [...new Set(said.filter(posix.isAbsolute).map((path) => path.replace(/(?<=.)\/$/, '')))]
  const moved = (path: string) => changed.some((one) => one === path || one.startsWith(`${path}/`))
  return files.filter((path) => !moved(path)).map((path) => `${path} was to change, and did not`)
}

function settling({ repeats }: Example, { second, between, after }: Runs): string[] {
  if (repeats !== undefined) return []
  const again = second?.ends.filter((end) => end.status === 'changed') ?? []
  const moved = differing(between, after)
  return [...again.map(brief), ...moved]
}

/** A failure is clean when it names what is wrong, and is no breach of what the module had promised. */
function failing({ says, on }: Start, { ends, wrong }: Ran): string[] {
  const end = ends.find(({ status }) => status === 'failed')
  if (!end || end.code === 'module-breach' || !says) return [wrong]
  const named = says.test(wrong) || (on !== undefined && wrong.includes(on))
  return named ? [] : [`it does not say what is wrong: ${wrong}`]
}

function brief({ status, changes, mayChange }: TaskEnd): string {
  const shown = changes.map((change) => (change.secret ? { path: change.path } : change))
  return `${status} ${JSON.stringify(shown)}${mayChange ? ` (${mayChange})` : ''}`
}
