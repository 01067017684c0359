import { posix } from 'node:path'
import { quote } from '../../wire/quote.ts'
import { defineRead } from '../read.ts'

/** Where a path leads when it is a link (the end of the chain, there or not); any other path as it is. */
export const realPath = defineRead<string, string>({
  name: 'real-path',
  key: (path) => path,
  paths: (path) => [path],
  // A process only for links. `readlink -f` fails for a link into a folder that is not there: then the link's own text.
  itself: true,
  items: (paths) => [
    `for __p in ${paths.map(quote).join(' ')}; do if [ -L "$__p" ]; then readlink -f -- "$__p" || readlink -- "$__p"; printf '\\000'; else printf '\\000'; fi; done; :`,
  ],
  builtins: () => true,
  parse: (replies, paths) => {
    const found = replies[0]!.stdout.toString('utf8').split('\0')
    return paths.map((path, index) => {
      const target = found[index]?.replace(/\n$/, '')
      if (!target) return path
      return posix.isAbsolute(target) ? target : posix.join(posix.dirname(path), target)
    })
  },
  predicted: (files, path, real) => {
    const resolved = files.resolve(path, true)
    const file = files.at(path, false)
    if (!file || file.type === 'unchanged') return undefined
    return file.type === 'link' ? Promise.resolve(resolved) : real().then(() => path)
  },
})
