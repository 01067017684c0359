import { Problem } from '../../base/problem.ts'
import { isUnknown, TouchedUnknown } from '../../base/unknown.ts'
import { quote } from '../../wire/quote.ts'
import { predictedDigest } from '../predicted-files.ts'
import { defineRead } from '../read.ts'
import { HIDDEN } from './file-type.ts'

export const digestAlgorithms = ['md5', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512'] as const
export type DigestAlgorithm = (typeof digestAlgorithms)[number]

export interface DigestAsk {
  readonly path: string
  readonly algorithm: DigestAlgorithm
}

const keyOf = (ask: DigestAsk) => `${ask.algorithm} ${ask.path}`

/** A file's digest in hex, null when there is no file (a pipe or a device is none): one `sha256sum` for all files of an algorithm. */
export const digest = defineRead<DigestAsk, string | null>({
  name: 'digest',
  key: keyOf,
  paths: (ask) => [ask.path],
  itself: true,
  items: (asks) => groups(asks).map(([algorithm, paths]) => script(algorithm, paths)),
  builtins: () => true,
  parse: (replies, asks) => {
    const answers = new Map<string, string | null | Error>()
    for (const [index, [algorithm, paths]] of groups(asks).entries()) {
      const reply = replies[index]!
      let rest = reply.stdout.toString('utf8')
      const errors = reply.stderr.toString('utf8').split('\n')
      for (const path of paths) {
        const line = lineOf(rest, path)
        if (line) {
          answers.set(`${algorithm} ${path}`, line.digest)
          rest = rest.slice(line.length)
          continue
        }
        const error = errors.find(
          (text) => text.includes(path) && !/No such file|Not a directory|Is a directory/.test(text),
        )
        answers.set(
          `${algorithm} ${path}`,
          error ? new Problem('task-failed', `Cannot read ${path}: ${error.slice(error.lastIndexOf(': ') + 2)}`) : null,
        )
      }
    }
    return asks.map((ask) => answers.get(keyOf(ask)) ?? null)
  },
  predicted: (files, ask, real) => {
    const file = files.at(ask.path)
    if (!file) return undefined
    if (file.type === 'absent') return Promise.resolve(null)
    const known = predictedDigest(file, ask.algorithm)
    if (isUnknown(known)) return Promise.reject(new TouchedUnknown(known))
    return known === undefined ? real() : Promise.resolve(known)
  },
})

/** The line that begins here, when it is that of this path. GNU escapes odd names, and marks such a line with a backslash. */
function lineOf(text: string, path: string): { digest: string; length: number } | undefined {
  const [head, escaped, digest] = /^(\\?)([0-9a-f]{32,128}) [ *]/.exec(text) ?? []
  if (head === undefined) return undefined
  const name = escaped ? text.slice(head.length, text.indexOf('\n')) : path
  if (escaped && name.replace(/\\([nr\\])/g, (_, sign: string) => SIGNS[sign]!) !== path) return undefined
  return text.startsWith(`${name}\n`, head.length)
    ? { digest: digest!, length: head.length + name.length + 1 }
    : undefined
}

const SIGNS: Readonly<Record<string, string>> = { n: '\n', r: '\r', '\\': '\\' }

/**
 * What is no file with an end is left out: the program would wait for it for ever. So is what is not there, unless
 * a folder on the way may not be looked into: then the program says so.
 */
function script(algorithm: DigestAlgorithm, paths: readonly string[]): string {
  return `__digests() {
for __p; do
  shift
  if [ -e "$__p" ] || [ -L "$__p" ]; then
    [ -p "$__p" ] || [ -c "$__p" ] || [ -b "$__p" ] || [ -S "$__p" ] || set -- "$@" "$__p"
  else
    ! ${HIDDEN} || set -- "$@" "$__p"
  fi
done
[ $# -eq 0 ] || ${algorithm}sum -- "$@"
}; __digests ${paths.map(quote).join(' ')}`
}

function groups(asks: readonly DigestAsk[]): [DigestAlgorithm, string[]][] {
  const byAlgorithm = new Map<DigestAlgorithm, string[]>()
  for (const ask of asks) byAlgorithm.set(ask.algorithm, [...(byAlgorithm.get(ask.algorithm) ?? []), ask.path])
  return [...byAlgorithm]
}
