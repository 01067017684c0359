import { Unknown } from '../../base/unknown.ts'
import { quote } from '../../wire/quote.ts'
import { defineRead } from '../read.ts'

/** What the program `file` makes of a content; `unknown` where it is not on the host. */
export interface MimeType {
  readonly mimetype: string
  readonly charset: string
}

const nobodyKnows: MimeType = { mimetype: 'unknown', charset: 'unknown' }

export const mimeType = defineRead<string, MimeType | Unknown>({
  name: 'mime-type',
  key: (path) => path,
  paths: (path) => [path],
  itself: true,
  items: (paths) => [
    `command -v file >/dev/null && for __p in ${paths.map(quote).join(' ')}; do file -b --mime-type --mime-encoding -- "$__p" 2>/dev/null || echo; done; :`,
  ],
  builtins: () => true,
  parse: (replies, paths) => {
    const lines = replies[0]!.stdout.toString('latin1').split('\n')
    return paths.map((_, index) => {
      const match = /^(\S+); charset=(\S+)$/.exec(lines[index] ?? '')
      return match ? { mimetype: match[1]!, charset: match[2]! } : nobodyKnows
    })
  },
  predicted: (files, ask) => {
    const file = files.at(ask)
    if (!file || file.type === 'unchanged') return undefined
    return Promise.resolve(new Unknown(`the kind of content of ${ask}, which is not made in a dry run`))
  },
})
