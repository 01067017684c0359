import { relative } from 'node:path'
import { Problems } from '../base/problem.ts'
import { Masker } from '../base/secret.ts'
import { noConnections } from '../preflight/no-connections.ts'
import { examine } from '../preflight/prepare.ts'
import { colourLevel } from '../report/palette.ts'
import { formatProblems } from '../report/problem-text.ts'
import { runOptions } from './run-options.ts'
import type { RunWords } from './run-words.ts'

/** `tsplay validate`: the preflight alone, with all that is most likely not meant; `--strict` takes that for wrong. */
export async function validate(
  playbooks: readonly string[],
  words: RunWords & { readonly strict?: boolean },
): Promise<number> {
  const masker = new Masker()
  const options = await runOptions(playbooks, words, masker)
  const said: string[] = []
  const { session, problems, warnings } = await examine({
    options,
    masker,
    connections: noConnections,
    emit: (event) => event.event === 'warning' && said.push(event.message),
    thorough: true,
  })
  for (const message of said) process.stderr.write(`warning: ${message}\n`)
  if ((words.verbose ?? 0) > 0)
    for (const file of session.registry.untyped)
      process.stderr.write(
        `note: the types of ${relative('.', file)} were not checked: that needs the packages typescript (5.4 or later) and @types/node in its project\n`,
      )
  if (words.strict && warnings.length > 0) throw new Problems([...problems, ...warnings])
  if (warnings.length > 0) {
    const colour = colourLevel(process.stderr, process.env) > 0
    process.stderr.write(`${formatProblems(warnings, { colour, asWarning: true })}\n`)
  }
  if (problems.length > 0) throw new Problems(problems)
  const tasks = session.contexts.reduce((sum, context) => sum + context.flat.length, 0)
  const hosts = new Set(session.contexts.flatMap((context) => context.hosts)).size
  const many = (number: number, noun: string) => `${number} ${noun}${number === 1 ? '' : 's'}`
  process.stdout.write(
    `${playbooks.join(', ')}: ${many(session.contexts.length, 'play')}, ${many(tasks, 'task')}, ${many(hosts, 'host')}: nothing wrong.\n`,
  )
  return 0
}
