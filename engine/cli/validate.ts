import { Problems } from '../base/problem.ts'
import { Masker } from '../base/secret.ts'
import { examine } from '../preflight/prepare.ts'
import { WireConnections } from '../run/wire-connections.ts'
import { runOptions } from './run-options.ts'
import type { RunWords } from './run-words.ts'

/** `tsplay validate`: the preflight alone. */
export async function validate(playbooks: readonly string[], words: RunWords): Promise<number> {
  const masker = new Masker()
  const options = await runOptions(playbooks, words, masker)
  const warnings: string[] = []
  const { session, problems } = await examine({
    options,
    masker,
    connections: new WireConnections(options),
    emit: (event) => event.event === 'warning' && warnings.push(event.message),
  })
  for (const warning of warnings) process.stderr.write(`warning: ${warning}\n`)
  if (problems.length > 0) throw new Problems(problems)
  const tasks = session.contexts.reduce((sum, context) => sum + context.flat.length, 0)
  const hosts = new Set(session.contexts.flatMap((context) => context.hosts)).size
  const many = (number: number, noun: string) => `${number} ${noun}${number === 1 ? '' : 's'}`
  process.stdout.write(
    `${playbooks.join(', ')}: ${many(session.contexts.length, 'play')}, ${many(tasks, 'task')}, ${many(hosts, 'host')}: nothing wrong.\n`,
  )
  return 0
}
