import { Problem } from '../base/problem.ts'
import { Source, type Span } from '../base/span.ts'
import { didYouMean } from '../base/suggest.ts'
import { tagsThrough } from '../book/level.ts'
import type { Session } from '../run/session.ts'
import type { Foreseen } from './foreseen.ts'

const special = ['all', 'tagged', 'untagged', 'always', 'never']

/** Tags that no task has: with --tags nothing would run, with --skip-tags nothing be left out. */
export function unknownTags(session: Session, foreseen: readonly Foreseen[]): Problem[] {
  const { tags, skipTags } = session.options
  if (tags.length + skipTags.length === 0) return []
  const all = new Set(foreseen.flatMap((one) => one.tasks.flatMap((task) => tagsThrough(task.levels))))
  // A computed tag may be any; what nobody can foresee may have any.
  if ([...all].some((tag) => tag.includes('{{')) || foreseen.some((one) => one.open)) return []
  const unknown = (word: string, given: readonly string[]) =>
    given
      .filter((tag) => !all.has(tag) && !special.includes(tag))
      .map(
        (tag) =>
          new Problem('unknown-tag', `no task has the tag "${tag}"`, {
            at: wordAt(word, given.join(','), tag),
            hint: didYouMean(tag, all) ?? 'See the tags with --list-tags.',
          }),
      )
  return [...unknown('--tags', tags), ...unknown('--skip-tags', skipTags)]
}

function wordAt(word: string, text: string, part: string): Span {
  const start = Math.max(0, text.indexOf(part))
  return { source: new Source(word, text), start, end: start + part.length }
}
