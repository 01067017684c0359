import { type Dirent, readdirSync } from 'node:fs'
import { basename, extname, join } from 'node:path'
import { Problem } from '../../base/problem.ts'
import { Source } from '../../base/span.ts'
import { suggest } from '../../base/suggest.ts'
import type { Written } from './written.ts'

/** Files of host_vars and group_vars beside the inventory that belong to nobody there. */
export function orphanFiles(written: Written): Problem[] {
  const { session } = written
  const { inventory, reading } = session
  const beside = new Set([...inventory.hosts.values()].flatMap((host) => (host.origin?.dir ? [host.origin.dir] : [])))
  const books = new Set(session.contexts.map(({ play }) => play.folder))
  const known = { group_vars: Object.keys(inventory.groupsByName()), host_vars: [...inventory.hosts.keys()] }
  return [...new Set([...beside, ...books])].flatMap((folder) =>
    (['group_vars', 'host_vars'] as const).flatMap((kind) =>
      entriesOf(join(folder, kind)).flatMap((entry) => {
        const name = entry.isDirectory() ? entry.name : basename(entry.name, extname(entry.name))
        const all = kind === 'group_vars' ? [...known.group_vars, 'all', 'ungrouped'] : known.host_vars
        if (all.includes(name) || all.includes(entry.name)) return []
        const near = suggest(name, all)
        // Beside a playbook there may be files for the hosts of another inventory.
        if (near === undefined && !beside.has(folder)) return []
        const path = reading.files.shown(join(folder, kind, entry.name))
        const what = kind === 'group_vars' ? 'group' : 'host'
        return [
          new Problem('orphan-file', `the inventory has no ${what} "${name}": nobody has these variables`, {
            at: { source: new Source(path, ''), start: 0, end: 0 },
            hint: near ? `Did you mean "${near}"?` : `Add the ${what} to the inventory, or take the file away.`,
          }),
        ]
      }),
    ),
  )
}

function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true }).filter(
      ({ name }) => !name.startsWith('.') && !name.endsWith('~') && !/\.(?!ya?ml$|json$)[a-z]\w{1,3}$/.test(name),
    )
  } catch {
    // Most folders have none.
    return []
  }
}
