import { posix } from 'node:path'
import { define } from './function.ts'

export const path = [
  define('basename(path: text)', {
    doc: 'The last part of a path.',
    example: ["basename('/etc/hosts')", 'hosts'],
    fn: (value: string) => posix.basename(value),
  }),
  define('dirname(path: text)', {
    doc: 'A path without its last part.',
    example: ["dirname('/etc/hosts')", '/etc'],
    fn: (value: string) => posix.dirname(value),
  }),
  define('extname(path: text)', {
    doc: 'The ending of a file name, with its point.',
    example: ["extname('a.tar.gz')", '.gz'],
    fn: (value: string) => posix.extname(value),
  }),
  define('pathJoin(...parts: text)', {
    doc: 'A path out of parts; a part that begins with / starts anew.',
    example: ["pathJoin('/etc', 'ssl', 'ca.pem')", '/etc/ssl/ca.pem'],
    aliases: ['path_join'],
    fn: (...parts: string[]) => {
      const from = parts.findLastIndex((part) => part.startsWith('/'))
      return posix.join(...parts.slice(Math.max(from, 0)))
    },
  }),
  define('normpath(path: text)', {
    doc: 'Without `..`, `.` and doubled slashes.',
    example: ["normpath('/a/../b//c')", '/b/c'],
    fn: (value: string) => posix.normalize(value),
  }),
]
