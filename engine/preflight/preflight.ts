import type { Problem } from '../base/problem.ts'
import type { Session } from '../run/session.ts'
import { isAllowed } from './allowance.ts'
import { unknownTags } from './command-line.ts'
import { ControllerFiles } from './controller-files.ts'
import { Findings } from './findings.ts'
import { Foreknowledge } from './foreknowledge.ts'
import { foresee } from './foreseen.ts'
import { loadedModules } from './loaded-modules.ts'
import { PlayCheck } from './play-check.ts'
import { warningsOf } from './warnings/warnings.ts'

export interface Preflight {
  readonly problems: readonly Problem[]
  /** What will not stop a run, and is most likely not meant. */
  readonly warnings: readonly Problem[]
}

/** Warnings that a misspelt name elsewhere would bring. */
const guesses = new Set(['unused-variable', 'unused-register', 'unused-handler', 'misspelt-name'])

/** What a book that could not be read whole would say of names that the missing parts may set. */
const misleading = new Set(['undefined-variable', 'unknown-handler', 'role-params', 'variable-cycle'])

/**
 * Everything wrong with a run that shows without a connection, all at once: the book's own problems, then names,
 * modules, parameters, templates and variables, task by task, on hosts that stand for all others. `thorough`: also what
 * is most likely not meant.
 */
export async function preflight(session: Session, { thorough = false } = {}): Promise<Preflight> {
  const { reading } = session
  const broken = reading.files.problems.length + reading.problems.length > 0
  const foreseen = session.contexts.map((context) => foresee(context))
  const modules = await loadedModules(session, foreseen)
  const book = new Foreknowledge(session, foreseen, modules)
  const findings = new Findings()
  const files = new ControllerFiles(session)
  for (const context of session.contexts) {
    context.learned = book.layers
    context.batch = context.hosts
  }
  for (const [index, context] of session.contexts.entries())
    await new PlayCheck(context, foreseen[index]!, book, findings, files).check()
  for (const context of session.contexts) {
    context.learned = []
    context.batch = []
  }
  // What nothing mentions may be what was meant where something is wrong: one of the two is enough.
  const sound = !broken && findings.problems.length === 0
  const more = [
    ...unknownTags(session, foreseen),
    ...(broken ? [] : warningsOf(session, foreseen, modules, { open: book.open, growing: book.growing, thorough })),
  ]
  for (const warning of more) if (sound || !guesses.has(warning.code)) findings.warning(warning)
  const own = findings.problems.filter((problem) => !broken || !misleading.has(problem.code))
  for (const problem of [...reading.files.problems, ...reading.problems]) findings.problem(problem)
  const all = new Set([...own, ...reading.files.problems, ...reading.problems])
  return {
    problems: findings.problems.filter((problem) => all.has(problem)),
    warnings: broken ? [] : findings.warnings.filter((warning) => !isAllowed(warning)),
  }
}
