import { Problem } from '../base/problem.ts'
import { splitWords } from '../state/words.ts'

/** Whether something below the transfer is left out: by itself, or with a folder that it is in. */
export type MirrorFilter = (path: string, directory: boolean) => boolean

interface Rule {
  readonly leavesOut: boolean
  readonly foldersOnly: boolean
  readonly fits: RegExp
}

/** rsync's `--exclude=PATTERN` and `--include=PATTERN`, of which the first that fits decides. Throws bad-parameter for others. */
export function mirrorFilter(options: readonly string[]): MirrorFilter {
  const rules = options.map(ruleOf)
  const leftOut = (path: string, directory: boolean) =>
    rules.find(({ fits, foldersOnly }) => (directory || !foldersOnly) && fits.test(`/${path}`))?.leavesOut ?? false
  return (path, directory) => {
    const parts = path.split('/')
    // What is in a folder that is left out is not asked about.
    return parts.some((_, index) => leftOut(parts.slice(0, index + 1).join('/'), directory || index < parts.length - 1))
  }
}

function ruleOf(option: string): Rule {
  const words = splitWords(option)
    .map(({ value }) => value)
    .join(' ')
  const [, kind, pattern] = /^--(exclude|include)[= ](.+)$/s.exec(words) ?? []
  if (kind === undefined)
    throw new Problem('bad-parameter', `synchronize cannot take the option ${option} of rsync.`, {
      hint: 'No rsync runs: --exclude=PATTERN and --include=PATTERN are understood, and the parameters of synchronize.',
    })
  return { leavesOut: kind === 'exclude', ...matcher(pattern!) }
}

/** For whole paths from the root of the transfer, with a slash before them. */
function matcher(pattern: string): { fits: RegExp; foldersOnly: boolean } {
  const foldersOnly = /[^/]\/$/.test(pattern)
  // `folder/***` is the folder and all that is in it.
  const [bare, within] = pattern.endsWith('/***')
    ? [pattern.slice(0, -4), '(?:/.*)?']
    : [pattern.replace(/\/$/, ''), '']
  const start = bare.startsWith('/') ? '^' : '(?:^|.*)/'
  return { foldersOnly, fits: new RegExp(`${start}${source(bare)}${within}$`, 's') }
}

/** `**` goes over slashes, `*`, `?` and `[…]` do not. */
function source(glob: string): string {
  const wild = /[*?[]/.test(glob)
  return glob.replace(
    /\*\*+|\*|\?|\[(!|\^)?(\]?[^\]]*)\]|\\([\s\S])|[\s\S]/g,
    (sign, not: string | undefined, set: string | undefined, escaped: string | undefined) => {
      if (sign.startsWith('**')) return '.*'
      if (sign === '*') return '[^/]*'
      if (sign === '?') return '[^/]'
      if (set !== undefined) return `(?!/)[${not ? '^' : ''}${set.replace(/[\\\]^[]/g, '\\$&')}]`
      if (escaped !== undefined && wild) return literal(escaped)
      return [...sign].map(literal).join('')
    },
  )
}

const literal = (sign: string) => sign.replace(/[.*+?^${}()|[\]\\/]/, '\\$&')
