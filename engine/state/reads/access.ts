import { Unknown } from '../../base/unknown.ts'
import { quote } from '../../wire/quote.ts'
import { defineRead } from '../read.ts'

/** What the task's user may do with a file, or with what a link leads to. */
export interface Access {
  readonly readable: boolean
  readonly writeable: boolean
  readonly executable: boolean
}

export const access = defineRead<string, Access | Unknown>({
  name: 'access',
  key: (path) => path,
  paths: (path) => [path],
  itself: true,
  items: (paths) => [
    `for __p in ${paths.map(quote).join(' ')}; do __r= __w= __x=; [ ! -r "$__p" ] || __r=r; [ ! -w "$__p" ] || __w=w; [ ! -x "$__p" ] || __x=x; echo "$__r$__w$__x"; done`,
  ],
  builtins: () => true,
  parse: (replies, paths) => {
    const lines = replies[0]!.stdout.toString('latin1').split('\n')
    return paths.map((_, index) => {
      const may = (letter: string) => (lines[index] ?? '').includes(letter)
      return { readable: may('r'), writeable: may('w'), executable: may('x') }
    })
  },
  predicted: (files, ask) =>
    files.at(ask) ? Promise.resolve(new Unknown(`who may use ${ask}, which is not made in a dry run`)) : undefined,
})
