import { deepStrictEqual, strictEqual } from 'node:assert'
import { existsSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, extname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Example, Module } from '../module/definition.ts'
import { disagreements } from './agreement.ts'
import { type ExampleRuns, type PlayTasks, type Ran, runExample, type TaskEnd } from './example-runs.ts'
import type { Hosts } from './play-tasks.ts'
import type { Trial } from './trial.ts'
import { simpleStates, tryOut } from './trials.ts'
import { WatchedGround } from './watched-ground.ts'

export interface ContractOptions extends Partial<Omit<Hosts, 'inventory'>> {
  /** The module's file: its name is the module's, and what stands beside its folder (templates, files) is found. */
  readonly file: string | URL
  /** One host by name; `localhost` is this machine. */
  readonly host?: string
  /** An inventory file or folder instead. */
  readonly inventory?: string
  /**
   * Also try the examples out where what they make is damaged: another mode or owner, a dangling link, a folder in a file's
   * place, … For a host that may be broken: root is to log in, and what a dry run does not name is not put back.
   */
  readonly damage?: boolean
  /** Milliseconds for all runs of one example; default two minutes. */
  readonly timeout?: number
}

/** What mocha, jest and vitest put where every spec sees it. */
interface Suite {
  readonly describe: (title: string, body: () => void) => void
  readonly it: (title: string, body: (this: unknown) => Promise<void>, timeout?: number) => void
  readonly after?: (work: () => void) => void
  readonly afterAll?: (work: () => void) => void
}

/** Folders whose files a module's examples may name. */
const BESIDE = ['files', 'templates', 'vars', 'group_vars', 'host_vars', 'roles']

interface Outcome extends ExampleRuns {
  /** What a dry run told before and after the one that is held to leave nothing. */
  readonly looks: readonly Ran[]
  /** Trials on damaged hosts that found something. */
  readonly broken: readonly Trial[]
}

/**
 * Registers, by the describe and it of the spec's runner, what every module owes: each of its examples is played on real
 * hosts; a dry run leaves nothing behind and foretells the run, what is then there is what the steps predicted, and a
 * second run changes nothing. Throws an Error where there is nothing to play, or nowhere.
 */
export function contract(module: Module, options: ContractOptions): void {
  const { describe, it, after, afterAll } = globalThis as unknown as Partial<Suite>
  if (!describe || !it)
    throw new Error('contract() needs a describe and an it that every spec sees, as mocha has them.')
  const examples = module.examples.filter((example) => example.cannotRun === undefined)
  if (examples.length === 0) throw new Error('The module has no example that can be run: the contract would be empty.')
  const hosts: Hosts = { ...options, ...reachOf(options) }
  const file = options.file instanceof URL ? fileURLToPath(options.file) : resolve(options.file)
  if (!existsSync(file)) throw new Error(`There is no module ${file}.`)
  const timeout = options.timeout ?? 120_000
  const folders: string[] = []
  const clean = () => {
    for (const folder of folders) rmSync(folder, { recursive: true, force: true })
  }
  describe(`the contract of ${basename(file, extname(file))}`, () => {
    const ends = after ?? afterAll
    if (ends) ends(clean)
    else process.once('exit', clean)
    for (const example of examples) {
      let outcome: Promise<Outcome> | undefined
      const played = () => (outcome ??= playOut(example, hosts, projectOf(file, folders), options.damage ?? false))
      const check = (title: string, body: (outcome: Outcome) => void) =>
        it(
          `${example.title}: ${title}`,
          async function () {
            ;(this as { timeout?: (ms: number) => void } | undefined)?.timeout?.(timeout)
            body(await played())
          },
          timeout,
        )
      check('a dry run leaves nothing behind', leavesNothing)
      check('a dry run foretells the run', foretells)
      check('what is then there was predicted', ({ first }) => succeeded(first))
      check(example.repeats ?? 'a second run changes nothing', ({ second }) => {
        succeeded(second)
        const changed = second.ends.filter((end) => end.status === 'changed')
        if (example.repeats === undefined) deepStrictEqual(changed.map(brief), [])
        else strictEqual(changed.length > 0, true, `The second run changes nothing, though: ${example.repeats}`)
      })
      if (options.damage) check('its word is kept on damaged hosts too', ({ broken }) => deepStrictEqual(broken, []))
    }
  })
}

/** A folder whose playbooks find the module, and what stands beside its folder. */
function projectOf(file: string, folders: string[]): string {
  const folder = mkdtempSync(join(realpathSync(tmpdir()), 'tsplay-contract-'))
  folders.push(folder)
  symlinkSync(dirname(file), join(folder, 'modules'))
  for (const name of BESIDE) {
    const beside = join(dirname(file), '..', name)
    if (existsSync(beside)) symlinkSync(beside, join(folder, name))
  }
  return folder
}

async function playOut(example: Example, hosts: Hosts, folder: string, damage: boolean): Promise<Outcome> {
  const { playTasks } = await import('./play-tasks.ts')
  const play: PlayTasks = (tasks, how) => playTasks(folder, tasks, hosts, how)
  // First: what the example's dry run names, it names on a host where it has not run.
  const broken = damage ? await brokenOn(await WatchedGround.of(example, play), example) : []
  const looks: Ran[] = []
  const runs = await runExample(
    example,
    play,
    async () => void looks.push(await playTasks(folder, example.yaml, hosts, { check: true })),
  )
  if (runs.given?.wrong) throw new Error(`What the example needs cannot be made: ${runs.given.wrong}`)
  return { ...runs, looks, broken }
}

/** What is not kept on damaged hosts; the host is then as before. */
async function brokenOn(ground: WatchedGround, example: Example): Promise<Trial[]> {
  const kept = await ground.keep()
  try {
    const trials = await tryOut(example, ground, (state) => simpleStates.includes(state))
    return trials.filter((trial) => Object.keys(trial.broken).length > 0)
  } finally {
    await kept.putBack()
    await kept.drop()
  }
}

function succeeded({ wrong, exit }: Ran): void {
  if (wrong !== '' || exit !== 0) throw new Error(wrong || `It ended with status ${exit}.`)
}

/** Whatever it had changed would now be seen otherwise. */
function leavesNothing({ looks }: Outcome): void {
  const [before, after] = looks
  succeeded(after!)
  deepStrictEqual(after!.ends.map(brief), before!.ends.map(brief))
}

function foretells({ checked, first }: Outcome): void {
  succeeded(checked)
  const different = disagreements(checked, first)
  deepStrictEqual(
    different.map(({ said, came }) => ({ said: brief(said), came: came && brief(came) })),
    [],
  )
  strictEqual(first.ends.length, checked.ends.length)
}

/** For comparing, and for people who see two of them side by side. */
function brief({ host, status, changes, mayChange }: TaskEnd): object {
  const shown = changes.map((change) => (change.secret ? { path: change.path } : JSON.parse(JSON.stringify(change))))
  return { host, status, changes: shown, ...(mayChange ? { mayChange } : {}) }
}

function reachOf({ host, inventory, variables }: ContractOptions): Pick<Hosts, 'inventory' | 'variables'> {
  if ((host === undefined) === (inventory === undefined))
    throw new Error("contract() plays on hosts: give it either host: 'NAME' or inventory: 'PATH'.")
  if (host === 'localhost') return { inventory: 'localhost,', variables: { ansible_connection: 'local', ...variables } }
  if (host !== undefined) return { inventory: `${host},` }
  return { inventory: inventory!.includes(',') ? inventory! : resolve(inventory!) }
}
