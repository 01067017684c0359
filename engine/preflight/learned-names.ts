import { Unknown } from '../base/unknown.ts'
import { child } from '../lang/node.ts'
import { keyText } from '../lang/plain.ts'
import type { Session } from '../run/session.ts'
import type { Foreseen } from './foreseen.ts'

/** Variables that only a run sets (registers, set_fact, facts, what include_vars reads), each unknown until then. */
export function learnedNames(session: Session, foreseen: readonly Foreseen[]): Map<string, Unknown> {
  const learned = new Map<string, Unknown>()
  const add = (name: string, reason: string) => {
    if (!learned.has(name)) learned.set(name, new Unknown(reason))
  }
  for (const name of ['facts', 'ansible_facts']) add(name, 'facts are gathered when the play runs')
  for (const name of ['ansible_failed_task', 'ansible_failed_result']) add(name, 'set inside a rescue')
  for (const { tasks, roles, variables } of foreseen) {
    for (const task of tasks) {
      if (task.register !== undefined) add(task.register, `the result of "${task.action}"`)
      if (task.action === 'set_fact' && task.args?.kind === 'map')
        for (const pair of task.args.pairs) add(keyText(pair.key), 'set by set_fact')
      if (task.action === 'set_fact' && task.args?.kind === 'scalar')
        for (const match of task.args.text.matchAll(/([A-Za-z_]\w*)=/g)) add(match[1]!, 'set by set_fact')
    }
    for (const name of variables) add(name, 'read by include_vars')
    for (const use of roles) {
      if (use.public)
        for (const name of [...use.defaults.keys(), ...use.vars.keys()]) add(name, `set by the role "${use.role.name}"`)
    }
  }
  for (const context of session.contexts) {
    const prompts = context.play.level.keywords.get('vars_prompt')
    if (prompts?.kind === 'seq')
      for (const item of prompts.items) {
        const name = item.kind === 'map' ? child(item, 'name') : undefined
        if (name?.kind === 'scalar') add(name.text, 'asked for when the play starts')
      }
  }
  return learned
}
