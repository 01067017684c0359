import { shortName } from '../module/registry.ts'
import { metaWord } from '../run/meta.ts'
import type { PlayContext } from '../run/play-context.ts'
import { foresee } from './foreseen.ts'

/** Whether a task of these plays, or of what they may include, brings hosts or groups that no inventory has yet. */
export function mayMakeHosts(contexts: readonly PlayContext[]): boolean {
  return contexts.some((context) =>
    foresee(context).tasks.some((task) => {
      const name = shortName(task.action)
      return name === 'meta' ? metaWord(task) === 'refresh_inventory' : name === 'add_host' || name === 'group_by'
    }),
  )
}
