import { Problem } from '../../base/problem.ts'
import { quote } from '../../wire/quote.ts'
import { predictedStat } from '../predicted-files.ts'
import { defineRead } from '../read.ts'
import type { Stat } from '../stat.ts'

export interface StatAsk {
  readonly path: string
  /** Follow a link at the end of the path. */
  readonly follow?: boolean
}

const TYPES: Record<number, Stat['type']> = {
  1: 'fifo',
  2: 'char',
  4: 'directory',
  6: 'block',
  8: 'file',
  10: 'link',
  12: 'socket',
}
// %n last: a name may hold anything, and is compared with the name that was asked for.
const FORMAT = '%f %u %g %s %Y %X %Z %h %i %d %U %G %n'
const HEAD = /^([0-9a-f]+) (\d+) (\d+) (\d+) (-?\d+) (-?\d+) (-?\d+) (\d+) (\d+) (\d+) (.+?) (\S+) /

const keyOf = (ask: StatAsk) => (ask.follow ? `${ask.path} (followed)` : ask.path)

/** What links lead to; `__stat_links` has parameters of its own, as a shell's function has. */
const ofLinks = `__stat_links() { for __p; do shift; [ ! -L "$__p" ] || set -- "$@" "$__p"; done; [ $# -eq 0 ] || stat -L -c '${FORMAT}' -- "$@"; }; __stat_links`

/** One `stat` process for all paths (GNU and busybox know `-c`), in the place of its shell; more only where there are links. */
export const stat = defineRead<StatAsk, Stat | null>({
  name: 'stat',
  key: keyOf,
  paths: (ask) => [ask.path],
  items: (asks) => {
    const { all, direct, followed } = sorted(asks)
    const words = (paths: readonly string[]) => paths.map(quote).join(' ')
    const items = [`exec stat -c '${FORMAT}' -- ${words(all)}`]
    if (direct.length > 0)
      items.push(
        `for __p in ${words(direct)}; do [ -L "$__p" ] && { readlink -n -- "$__p" || :; printf '\\000'; } || printf '\\000'; done`,
      )
    if (followed.length > 0) items.push(`${ofLinks} ${words(followed)}`)
    return items
  },
  builtins: (item) => !item.startsWith('exec '),
  parse: (replies, asks) => {
    const { all, direct, followed } = sorted(asks)
    const queue = [...replies]
    const found = walk(all, queue.shift()!)
    const targets = direct.length > 0 ? queue.shift()!.stdout.toString('utf8').split('\0') : []
    const target = new Map(direct.map((path, index) => [path, targets[index] ?? '']))
    const led = followed.length > 0 ? walk(followed, queue.shift()!) : undefined
    return asks.map((ask) => {
      const answer = found.get(ask.path) ?? null
      if (answer === null || answer instanceof Error || answer.type !== 'link') return answer
      return ask.follow ? (led!.get(ask.path) ?? null) : { ...answer, target: target.get(ask.path)! }
    })
  },
  predicted: (files, ask, real) => {
    const file = files.at(ask.path, ask.follow ?? false)
    if (!file) return undefined
    if (file.type === 'absent') return Promise.resolve(null)
    return real().then((there) => predictedStat(file, there))
  },
})

/** Each path once: all of them, those looked at themselves, and those that are followed. */
function sorted(asks: readonly StatAsk[]) {
  const paths = (which: readonly StatAsk[]) => [...new Set(which.map((ask) => ask.path))]
  return {
    all: paths(asks),
    direct: paths(asks.filter((ask) => !ask.follow)),
    followed: paths(asks.filter((ask) => ask.follow)),
  }
}

/** Walks the output in the order of the paths: those without a line do not exist, or may not be looked at. */
function walk(
  paths: readonly string[],
  reply: { stdout: Buffer; stderr: Buffer; status: number },
): Map<string, Stat | Error> {
  let rest = reply.stdout.toString('utf8')
  // What is said of a name with a line end in it is one line too.
  const named = paths.filter((path) => path.includes('\n'))
  const errors = named.reduce((text, path) => text.replaceAll(path, inLine(path)), reply.stderr.toString('utf8'))
  const found = new Map<string, Stat | Error>()
  for (const path of paths) {
    const head = HEAD.exec(rest)
    if (head && rest.startsWith(`${path}\n`, head[0].length)) {
      rest = rest.slice(head[0].length + path.length + 1)
      found.set(path, fromFields(head.slice(1)))
      continue
    }
    const line = errors
      .split('\n')
      .find((text) => text.includes(inLine(path)) && !/No such file|Not a directory/.test(text))
    if (line)
      found.set(
        path,
        new Problem('task-failed', `Cannot look at ${path}: ${reason(line)}`, {
          hint: /denied/.test(line) ? 'The task may need "become: true".' : undefined,
        }),
      )
  }
  return found
}

const inLine = (path: string) => path.replaceAll('\n', ' ')

function reason(line: string): string {
  return line.slice(line.lastIndexOf(': ') + 2)
}

function fromFields(fields: string[]): Stat {
  const raw = Number.parseInt(fields[0]!, 16)
  const number = (index: number) => Number(fields[index])
  const name = (index: number, id: number) => (fields[index] === 'UNKNOWN' ? String(id) : fields[index]!)
  return {
    type: TYPES[raw >> 12] ?? 'file',
    mode: (raw & 0o7777).toString(8).padStart(4, '0'),
    uid: number(1),
    gid: number(2),
    size: number(3),
    mtime: number(4),
    atime: number(5),
    ctime: number(6),
    links: number(7),
    inode: number(8),
    device: number(9),
    owner: name(10, number(1)),
    group: name(11, number(2)),
  }
}
