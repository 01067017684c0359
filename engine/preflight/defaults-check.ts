import { Problem } from '../base/problem.ts'
import { didYouMean } from '../base/suggest.ts'
import { type Entry, tasksOf } from '../book/entry.ts'
import type { Level } from '../book/level.ts'
import { sections } from '../book/play.ts'
import { moduleFolders } from '../book/read-action.ts'
import { defaultsOf } from '../run/module-defaults.ts'
import type { PlayContext } from '../run/play-context.ts'

/** `module_defaults` for groups that there are not, and for modules whose name is surely a slip. */
export async function defaultsProblems(context: PlayContext): Promise<Problem[]> {
  const { play, session } = context
  const entries: Entry[] = [...sections(play).flat(), ...play.handlers]
  const levels = new Set<Level>([...play.outer, play.level, ...[...tasksOf(entries)].flatMap((task) => task.levels)])
  const named = [...levels].flatMap(defaultsOf)
  if (named.length === 0) return []
  const folders = [...new Set([...tasksOf(entries)].flatMap((task) => moduleFolders(task, play.folder)))]
  const groups = named.some((one) => one.isGroup) ? await session.registry.groups(folders) : new Set<string>()
  return named.flatMap((one) => {
    if (one.isGroup) {
      if (groups.has(one.name)) return []
      const hint = didYouMean(one.name, groups) ?? `There are: ${[...groups].sort().join(', ')}.`
      return new Problem('unknown-module', `There is no group of modules "${one.name}".`, { at: one.key, hint })
    }
    if (session.registry.find(one.name, folders)) return []
    // A module of a collection that nobody uses here does no harm.
    const hint = didYouMean(one.name, session.registry.names(folders))
    return hint ? new Problem('unknown-module', `There is no module "${one.name}".`, { at: one.key, hint }) : []
  })
}
