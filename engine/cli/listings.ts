import { entryName } from '../book/entry.ts'
import { tagsThrough } from '../book/level.ts'
import { playTitle } from '../run/play-title.ts'
import type { Session } from '../run/session.ts'
import { isSelected } from '../run/tags.ts'

/** `--list-hosts`, as Ansible prints it. */
export function listHosts(session: Session): string {
  return playsOf(session, (context, heading) => [
    `${heading}\n    pattern: ${context.play.level.keywords.get('hosts') ? playPattern(context.play) : ''}\n    hosts (${context.hosts.length}):`,
    ...context.hosts.map((state) => `      ${state.name}`),
  ])
}

export function listTasks(session: Session): string {
  const { tags, skipTags } = session.options
  return playsOf(session, (context, heading) => [
    `${heading}\n    tasks:`,
    ...context.flat
      .filter((task) => isSelected(tagsThrough(task.levels), tags, skipTags))
      .map(
        (task) =>
          `      ${task.role ? `${task.role.role.name} : ` : ''}${entryName(task)}\tTAGS: [${tagsThrough(task.levels).sort().join(', ')}]`,
      ),
  ])
}

export function listTags(session: Session): string {
  return playsOf(session, (context, heading) => [
    heading,
    `      TASK TAGS: [${[...new Set(context.flat.flatMap((task) => tagsThrough(task.levels)))].sort().join(', ')}]`,
  ])
}

function playsOf(session: Session, lines: (context: Session['contexts'][number], heading: string) => string[]): string {
  const text = session.contexts.flatMap((context, index) => {
    const heading = `  play #${index + 1} (${playPattern(context.play)}): ${playTitle(context.play)}\tTAGS: [${context.play.level.tags.join(',')}]`
    return ['', ...lines(context, heading)]
  })
  return `\nplaybook: ${session.options.playbooks.join(', ')}\n${text.join('\n')}\n`
}

function playPattern(play: Session['contexts'][number]['play']): string {
  const node = play.level.keywords.get('hosts')
  if (node?.kind === 'scalar') return node.text
  return node?.kind === 'seq' ? node.items.map((item) => (item.kind === 'scalar' ? item.text : '')).join(',') : ''
}
