import { quote } from '../../wire/quote.ts'
import { defineRead } from '../read.ts'

/** The names in a folder, sorted; null when there is no such folder. The shell's own globbing: no process. */
export const listing = defineRead<string, string[] | null>({
  name: 'listing',
  key: (path) => path,
  paths: (path) => [path],
  items: (paths) =>
    paths.map(
      (path) =>
        `cd -- ${quote(path)} 2>/dev/null || exit 44; for f in * .[!.]* ..?*; do if [ -e "$f" ] || [ -L "$f" ]; then printf '%s\\000' "$f"; fi; done`,
    ),
  parse: (replies, paths) =>
    paths.map((_, index) =>
      replies[index]!.status === 44 ? null : replies[index]!.stdout.toString('utf8').split('\0').slice(0, -1).sort(),
    ),
  predicted: (files, path, real) => {
    const folder = files.at(path)
    const children = files.children(path)
    if (!folder && children.size === 0) return undefined
    if (folder?.type === 'absent') return Promise.resolve(null)
    const merge = (there: string[] | null): string[] => {
      const names = new Set(there ?? [])
      for (const [name, presence] of children) {
        if (presence === 'present') names.add(name)
        else names.delete(name)
      }
      return [...names].sort()
    }
    if (folder?.type === 'directory' && !folder.overReal) return Promise.resolve(merge([]))
    return real().then((there) => (there === null && folder?.type !== 'directory' ? null : merge(there)))
  },
})
