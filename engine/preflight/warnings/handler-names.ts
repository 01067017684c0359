import { Problem } from '../../base/problem.ts'
import { type Entry, entryName } from '../../book/entry.ts'
import type { Written } from './written.ts'

/** Of two handlers in one file with the same name, a name notifies the last. */
export function handlerNames({ session }: Written): Problem[] {
  return session.contexts.flatMap(({ play }) => within(play.handlers))
}

function within(handlers: readonly Entry[]): Problem[] {
  const found: Problem[] = []
  const last = new Map<string, Entry>()
  for (const handler of handlers) {
    const node = handler.own.keywords.get('name')
    if (!node) continue
    const key = `${handler.span.source.file} ${handler.role?.role.folder} ${entryName(handler)}`
    const before = last.get(key)?.own.keywords.get('name')
    last.set(key, handler)
    if (!before || before.span.start === node.span.start || handler.listen.length > 0) continue
    found.push(
      new Problem(
        'same-name',
        `two handlers are called "${entryName(handler)}": notifying that name runs only this one`,
        {
          at: [node.span, before.span],
          hint: 'Give them different names, and let both "listen" to one.',
        },
      ),
    )
  }
  return found
}
