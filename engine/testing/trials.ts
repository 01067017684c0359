import { createHash } from 'node:crypto'
import type { Example } from '../module/definition.ts'
import { namedPaths } from './agreement.ts'
import { CANNOT_BE, type Damage, damages, type Made } from './damage.ts'
import type { Ran } from './example-runs.ts'
import { type Cut, type Ground, type Kept, madeBetween } from './ground.ts'
import { judge, playOut, type Trial } from './trial.ts'

/** The states a host may be in when a module comes to it. */
export const states: readonly string[] = ['blank', 'done', 'half-done', 'cut', ...damages.map(({ name }) => name)]

/** Those that need no file system of their own: they can be made of a few paths, and those put back. */
export const simpleStates: readonly string[] = [
  'half-done',
  ...damages.filter(({ over }) => !over).map(({ name }) => name),
]

/**
 * Tries an example out in every state that its host can be in, or in those that are wanted; blank and done always are, and
 * tell what there is to damage. Throws an Error when what it needs cannot be made.
 */
export async function tryOut(
  example: Example,
  ground: Ground,
  wanted: (state: string) => boolean = () => true,
): Promise<Trial[]> {
  await prepare(example, ground)
  const stage = new Stage(example, ground)
  const trials: Trial[] = []
  try {
    await stage.keep('early')
    const blank = await playOut(example, ground)
    trials.push(judge(example, { state: 'blank' }, blank))
    if (blank.first.exit !== 0) return trials
    await stage.keep('late')
    trials.push(judge(example, { state: 'done' }, await playOut(example, ground)))
    const made = madeBetween(blank.before, blank.between, namedPaths(blank.checked))
    if (wanted('half-done')) trials.push(...(await halfDone(example, ground, stage, made)))
    if (wanted('cut')) trials.push(...(await cutOff(example, ground, stage, blank.first)))
    const chosen = damages.flatMap((damage) => {
      const on = wanted(damage.name) ? made.find((one) => suits(damage, one)) : undefined
      return on ? [{ damage, on }] : []
    })
    // What is done to the end of the run comes first: the way back to its beginning may take a new host.
    for (const when of ['late', 'early'] as const)
      for (const { damage, on } of chosen)
        if ((damage.early(on) ? 'early' : 'late') === when)
          trials.push(...(await damaged(example, ground, stage, damage, on)))
  } finally {
    await stage.drop()
  }
  return trials
}

async function prepare({ given }: Example, ground: Ground): Promise<void> {
  if (given === undefined) return
  const { exit, wrong } = await ground.play(given, {})
  if (exit !== 0) throw new Error(`What the example needs cannot be made: ${wrong}`)
}

function suits(damage: Damage, made: Made): boolean {
  const there = damage.early(made) ? made.before || damage.anyway === true : made.after
  return there && damage.suits(made)
}

/** Every second of what the run changed, as it was before. */
async function halfDone(example: Example, ground: Ground, stage: Stage, made: readonly Made[]): Promise<Trial[]> {
  // What is in a folder that came or went, comes and goes with it.
  const whole = made.filter(({ before, after }) => !before || !after)
  const tops = made.filter(({ path }) => !whole.some((one) => path.startsWith(`${one.path}/`)))
  const half = tops.map(({ path }) => path).filter((_, index) => index % 2 === 0)
  if (tops.length < 2) return []
  await stage.at('late')
  await stage.putBack('early', half)
  const says = new RegExp(half.map((path) => path.replace(/[^\w/]/g, '\\$&')).join('|'))
  return [judge(example, { state: 'half-done', on: half.join(' '), says }, await playOut(example, ground))]
}

/** What was on its way beside its target, or in a folder of its own. */
const LEFT = "find / /tmp /run /var/tmp /dev/shm -xdev -path '*/.tsplay*' 2>/dev/null | sort -u; :"

/** A run that was cut off in its middle; each example elsewhere, and always there. */
async function cutOff(example: Example, ground: Ground, stage: Stage, { ends }: Ran): Promise<Trial[]> {
  const done = ends.filter(({ status }) => status === 'changed').length
  // What does more each time has no end that a second run could come to.
  if (!ground.cut || done === 0 || example.repeats !== undefined) return []
  const draw = createHash('sha256').update(example.yaml).digest()
  const cut: Cut = {
    nth: 1 + (draw[0]! % done),
    after: [0, 2, 5, 10, 20, 40, 80, 160][draw[1]! % 8]!,
    how: draw[2]! % 2 === 0 ? 'lost' : 'told to end',
  }
  await stage.at('early')
  await ground.cut(example.yaml, cut)
  const left = (await ground.shell(LEFT)).said.split('\n').filter(Boolean)
  const on = `${cut.how} ${cut.after} ms after the beginning of change ${cut.nth}`
  const { broken, ...trial } = judge(example, { state: 'cut', on }, await playOut(example, ground))
  const named = [...left.map((path) => `${path} was left behind`), ...(broken.named ?? [])]
  return [{ ...trial, broken: { ...broken, ...(named.length > 0 ? { named } : {}) } }]
}

async function damaged(example: Example, ground: Ground, stage: Stage, damage: Damage, on: Made): Promise<Trial[]> {
  await stage.at(damage.early(on) ? 'early' : 'late')
  const { status, said } = await ground.shell(`set -e\n${damage.script(on)}`)
  if (status === CANNOT_BE) return []
  if (status !== 0) throw new Error(`${on.path} could not be damaged (${damage.name}): ${said}`)
  const start = {
    state: damage.name,
    on: damage.over ? on.folder : on.path,
    says: damage.says,
    ...(damage.over ? { within: on.folder } : {}),
  }
  try {
    return [judge(example, start, await playOut(example, ground, start.within))]
  } finally {
    if (damage.undo) await ground.shell(damage.undo(on))
  }
}

type When = 'early' | 'late'

/** The host before the run and after it, to come back to. */
class Stage {
  readonly #example: Example
  readonly #ground: Ground
  readonly #kept = new Map<When, Kept>()

  constructor(example: Example, ground: Ground) {
    this.#example = example
    this.#ground = ground
  }

  async keep(when: When): Promise<void> {
    await this.#kept.get(when)?.drop()
    this.#kept.set(when, await this.#ground.keep())
  }

  async at(when: When): Promise<void> {
    if (await this.#kept.get(when)?.putBack()) return
    await this.#ground.renew()
    await prepare(this.#example, this.#ground)
    await this.keep('early')
    if (when === 'early') return
    await this.#ground.play(this.#example.yaml, {})
    await this.keep('late')
  }

  async putBack(when: When, paths: readonly string[]): Promise<void> {
    await this.#kept.get(when)?.putBack(paths)
  }

  async drop(): Promise<void> {
    for (const kept of this.#kept.values()) await kept.drop()
  }
}
