import { existsSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { type Code, codes } from '../base/codes.ts'
import { withoutEchoes } from '../base/echo.ts'
import type { Event } from '../base/event.ts'
import { asProblems, Problem, Problems } from '../base/problem.ts'
import type { Masker } from '../base/secret.ts'
import { place } from '../base/span.ts'
import { BookFiles } from '../book/files.ts'
import { isComputed } from '../book/form.ts'
import { missingFileHint } from '../book/missing-file.ts'
import type { Play } from '../book/play.ts'
import { readPlaybook } from '../book/read-playbook.ts'
import type { Reading } from '../book/reading.ts'
import { loadInventory } from '../hosts/inventory.ts'
import { toPlain } from '../lang/plain.ts'
import { renderValue } from '../lang/render.ts'
import { Variables } from '../lang/variables.ts'
import { ModuleRegistry } from '../module/registry.ts'
import { choosePlays } from '../run/choose-hosts.ts'
import type { Connections } from '../run/connections.ts'
import { maskedProblem } from '../run/done.ts'
import type { RunOptions } from '../run/options.ts'
import { promptProblems } from '../run/prompts.ts'
import { SealedValues } from '../run/sealed-values.ts'
import { Session } from '../run/session.ts'
import { NO_PASSWORD } from '../vault/vault.ts'
import { inOrder } from './findings.ts'
import { mayMakeHosts } from './made-hosts.ts'
import { type Preflight, preflight } from './preflight.ts'

const MOST_PLACES = 5

export interface Preparing {
  readonly options: RunOptions
  readonly emit: (event: Event) => void
  readonly masker: Masker
  readonly connections: Connections
  /** Look for what is most likely not meant, too. */
  readonly thorough?: boolean
  /** Plays made by the program itself (exec), instead of the options' playbooks. */
  readonly plays?: (reading: Reading) => Play[]
}

/** Reads inventory and playbooks, chooses hosts, and checks all of it. Throws Problems, every one that shows without a connection. */
export async function prepare(preparing: Preparing): Promise<Session> {
  const { session, problems, warnings } = await examine(preparing)
  for (const { code, message, spans, hint } of warnings) {
    if ((codes[code] as Code).warning !== 'run') continue
    const at = spans[0] ? ` (${place(spans[0])})` : ''
    preparing.emit({ event: 'warning', message: `${message}${at}${hint === undefined ? '' : `. ${hint}`}` })
  }
  const all = [...problems, ...session.contexts.flatMap((context) => promptProblems(context, true))]
  if (all.length > 0) throw new Problems(all)
  return session
}

/** The same, giving the problems instead of throwing them. */
export async function examine(preparing: Preparing): Promise<Preflight & { session: Session }> {
  const { options } = preparing
  const sealed = new SealedValues(options.vault, preparing.masker)
  const readInventory = () => loadInventory(options.inventories, { cwd: options.cwd, unseal: sealed })
  const { inventory, problems: inventoryProblems } = readInventory()
  const registry = new ModuleRegistry()
  const files = new BookFiles(options.cwd, sealed)
  const reading: Reading = {
    files,
    problems: [],
    playbookFolder: options.cwd,
    isModule: (name, folders) => registry.find(name, folders) !== undefined,
    static: (node) =>
      isComputed(node)
        ? computed(() => renderValue(node, new Variables([options.extra], { openVault: sealed.openVault })))
        : toPlain(node),
    roles: new Map(),
    roleUses: [],
    open: [],
  }
  const plays = preparing.plays
    ? preparing.plays(reading)
    : options.playbooks.flatMap((playbook) => readBook(reading, playbook, options.cwd))
  const session = new Session({ ...preparing, sealed, inventory, readInventory, registry, reading, plays })
  const patternProblems = choosePlays(session, mayMakeHosts)
  const early = [...inventoryProblems]
  const folders = new Set(plays.map((play) => play.folder))
  for (const folder of folders) early.push(...inventory.readVars(folder))
  // A wrong pattern takes nothing from the other plays; a broken inventory would bring misleading further problems.
  const found =
    early.length > 0
      ? { problems: [...early, ...files.problems, ...reading.problems], warnings: [] }
      : await guarded(() => sealed.opening(() => preflight(session, preparing)))
  const more = found.problems
  // What a file that is not YAML seems to say is not worth a word.
  // Nor is what hosts an inventory lacks that could not be read.
  const unreadable = inventoryProblems.length > 0 || files.problems.some((problem) => problem.code === 'yaml-syntax')
  const problems = unreadable ? more : [...patternProblems, ...more]
  const { masker } = preparing
  return {
    session,
    problems: inOrder(new Set(onceWithoutPassword(withoutEchoes(problems)))).map((one) => maskedProblem(one, masker)),
    warnings: found.warnings.map((one) => maskedProblem(one, masker)),
  }
}

/** However many sealed values are needed, the password that opens them is missing once. */
function onceWithoutPassword(problems: readonly Problem[]): readonly Problem[] {
  const [first, ...more] = problems.filter((one) => one.code === 'vault' && one.message.startsWith(NO_PASSWORD))
  if (!first || more.length === 0) return problems
  const spans = [first, ...more].flatMap((one) => one.spans)
  const places = [...new Map(spans.map((span) => [`${span.source.file} ${span.start}`, span])).values()]
  if (places.length < 2) return [...problems.filter((one) => !more.includes(one))]
  const all = new Problem('vault', `${places.length} sealed values are needed, and no vault password was given`, {
    at: places.slice(0, MOST_PLACES),
    hint: first.hint,
  })
  return [...problems.filter((one) => one !== first && !more.includes(one)), all]
}

async function guarded(work: () => Promise<Preflight>): Promise<Preflight> {
  try {
    return await work()
  } catch (thrown) {
    return { problems: asProblems(thrown), warnings: [] }
  }
}

/** A name that only a host's variables could tell is not known here: its import says so. */
function computed(work: () => unknown): unknown {
  try {
    return work()
  } catch (thrown) {
    if (thrown instanceof Problem) return undefined
    throw thrown
  }
}

function readBook(reading: Reading, name: string, cwd: string): Play[] {
  const path = resolve(cwd, name)
  if (!existsSync(path))
    throw new Problem('file-missing', `There is no playbook ${name}.`, {
      hint: missingFileHint(name, [cwd], () => 'this folder'),
    })
  if (statSync(path).isDirectory())
    throw new Problem('file-missing', `"${name}" is a folder, not a playbook.`, { hint: 'Name a file in it.' })
  return readPlaybook({ ...reading, playbookFolder: dirname(path) }, path)
}
