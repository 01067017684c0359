import { Problem } from '../../base/problem.ts'
import { isUnknown, TouchedUnknown } from '../../base/unknown.ts'
import { quote } from '../../wire/quote.ts'
import { predictedContent } from '../predicted-files.ts'
import { defineRead } from '../read.ts'

/** Bytes of a file that a look may bring back; larger ones are compared by digest. */
export const CONTENT_LIMIT = 8 * 1024 * 1024

/** A file's bytes; null when there is none. */
export const content = defineRead<string, Buffer | null>({
  name: 'content',
  key: (path) => path,
  paths: (path) => [path],
  // A pipe would be waited for, for ever.
  itself: true,
  items: (paths) =>
    paths.map(
      (path) =>
        `__p=${quote(path)}; if [ -p "$__p" ]; then echo ': it is a pipe' >&2; false; elif [ -e "$__p" ]; then head -c ${CONTENT_LIMIT + 1} -- "$__p"; else __missing() { return 44; }; __missing; fi`,
    ),
  builtins: () => true,
  parse: (replies, paths) =>
    paths.map((path, index) => {
      const reply = replies[index]!
      if (reply.status === 44) return null
      if (reply.status !== 0) {
        const text = reply.stderr.toString('utf8').trim()
        return new Problem('task-failed', `Cannot read ${path}: ${text.slice(text.lastIndexOf(': ') + 2)}`, {
          hint: /denied/.test(text) ? 'The task may need "become: true".' : undefined,
        })
      }
      if (reply.stdout.length > CONTENT_LIMIT) {
        return new Problem(
          'task-failed',
          `${path} is larger than ${CONTENT_LIMIT / 1024 / 1024} MiB, too large to be read back.`,
          { hint: 'The module "fetch" brings such a file here; to change it, use a command on the host.' },
        )
      }
      return reply.stdout
    }),
  predicted: (files, path, real) => {
    const file = files.at(path)
    if (!file) return undefined
    if (file.type === 'absent') return Promise.resolve(null)
    const known = predictedContent(file)
    if (isUnknown(known)) return Promise.reject(new TouchedUnknown(known))
    return known ? Promise.resolve(known) : real()
  },
})
