import { Problem } from '../../base/problem.ts'
import { quote } from '../../wire/quote.ts'
import { defineRead } from '../read.ts'
import type { Stat } from '../stat.ts'

const TYPES: Readonly<Record<string, Stat['type']>> = {
  d: 'directory',
  f: 'file',
  p: 'fifo',
  S: 'socket',
  c: 'char',
  b: 'block',
}

/**
 * Shell text that ends with status 0 when nobody can tell whether $__p is there: the nearest folder above it that is there may
 * not be looked into. For what does not seem to be there.
 */
export const HIDDEN = `{ __d=$__p; case $__d in */*) __d=\${__d%/*} ;; *) __d=. ;; esac
while [ -n "$__d" ] && ! [ -e "$__d" ]; do case $__d in */*) __d=\${__d%/*} ;; *) __d=. ;; esac; done
[ -d "\${__d:-/}" ] && ! [ -x "\${__d:-/}" ]; }`

/** What a path leads to, null for nothing. The shell's own tests: no process, whatever the number of paths. */
export const fileType = defineRead<string, Stat['type'] | null>({
  name: 'file-type',
  key: (path) => path,
  paths: (path) => [path],
  itself: true,
  items: (paths) => [
    `for __p in ${paths.map(quote).join(' ')}; do
if [ -d "$__p" ]; then echo d; elif [ -f "$__p" ]; then echo f; elif [ -e "$__p" ]; then
for __t in p S c b; do if [ "-$__t" "$__p" ]; then echo $__t; break; fi; done
elif ${HIDDEN}; then echo '?'; else echo -; fi
done`,
  ],
  builtins: () => true,
  parse: (replies, paths) => {
    const signs = replies[0]!.stdout.toString('latin1').split('\n')
    return paths.map((path, index) =>
      signs[index] === '?'
        ? new Problem('task-failed', `Cannot look at ${path}: Permission denied`, {
            hint: 'The task may need "become: true".',
          })
        : (TYPES[signs[index] ?? ''] ?? null),
    )
  },
  predicted: (files, path, real) => {
    const file = files.at(path, true)
    if (!file) return undefined
    if (file.type === 'unchanged') return real()
    return Promise.resolve(file.type === 'absent' ? null : file.type)
  },
})
