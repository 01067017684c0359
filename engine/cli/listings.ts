import { resolve } from 'node:path'
import type { Entry, Task } from '../book/entry.ts'
import { type Play, sections } from '../book/play.ts'
import type { PlayContext } from '../run/play-context.ts'
import { playTitle } from '../run/play-title.ts'
import type { Session } from '../run/session.ts'

export interface Wanted {
  readonly hosts: boolean
  readonly tasks: boolean
  readonly tags: boolean
}

/** `--list-hosts`, `--list-tasks` and `--list-tags`, together too, as Ansible prints them. */
export function listing(session: Session, wanted: Wanted): string {
  return byPlaybook(session)
    .map(
      ({ name, contexts }) =>
        `\nplaybook: ${name}\n${contexts.map((context, index) => ofPlay(context, index + 1, wanted)).join('')}`,
    )
    .join('')
}

function ofPlay(context: PlayContext, number: number, wanted: Wanted): string {
  const { play } = context
  const patterns = patternsOf(play)
  const lines = [
    '',
    `  play #${number} (${patterns.join(',')}): ${playTitle(play)}\tTAGS: [${play.level.tags.join(',')}]`,
  ]
  if (wanted.hosts) {
    lines.push(`    pattern: [${patterns.map((one) => `'${one}'`).join(', ')}]`, `    hosts (${context.hosts.length}):`)
    lines.push(...context.hosts.map((state) => `      ${state.name}`))
  }
  if (!wanted.tasks && !wanted.tags) return `${lines.join('\n')}\n`
  const tasks = [...inBlocks(sections(play).flat())].filter((task) => context.isTagged(task))
  const tagList = (some: readonly Task[], more: readonly string[] = []) =>
    [...new Set([...more, ...some.flatMap((task) => context.tagsOf(task))])].sort().join(', ')
  if (wanted.tasks)
    lines.push('    tasks:', ...tasks.map((task) => `      ${nameOf(task)}\tTAGS: [${tagList([task])}]`))
  if (wanted.tags) lines.push(`      TASK TAGS: [${tagList(tasks, play.level.tags)}]`)
  return `${lines.join('\n')}\n`
}

/** What runs when all goes well: neither rescue nor always, as Ansible lists. */
function* inBlocks(entries: readonly Entry[]): Generator<Task> {
  for (const entry of entries) {
    if (entry.kind === 'task') yield entry
    else yield* inBlocks(entry.block)
  }
}

/** A task without a name is called by its module, whatever role it is in. */
function nameOf(task: Task): string {
  const name = task.own.keywords.get('name')
  if (name?.kind !== 'scalar' || name.text === '') return task.action
  return task.role ? `${task.role.role.name} : ${name.text}` : name.text
}

function patternsOf(play: Play): string[] {
  const node = play.level.keywords.get('hosts')
  const texts = node?.kind === 'seq' ? node.items : node ? [node] : []
  return texts.flatMap((item) => (item.kind === 'scalar' ? item.text.split(',').map((part) => part.trim()) : []))
}

/** The plays of each playbook that was named, those that it imports among them. */
function byPlaybook(session: Session): { name: string; contexts: PlayContext[] }[] {
  const { playbooks, cwd } = session.options
  const books = playbooks.map((name) => ({ name, contexts: [] as PlayContext[] }))
  let at = 0
  for (const context of session.contexts) {
    const next = playbooks.findIndex((name, index) => index > at && resolve(cwd, name) === context.play.file)
    if (next > at) at = next
    books[at]?.contexts.push(context)
  }
  return books
}
