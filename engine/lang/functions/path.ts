import { existsSync, lstatSync, realpathSync, statSync } from 'node:fs'
import { homedir, userInfo } from 'node:os'
import { dirname, posix } from 'node:path'
import { define, WrongArgument } from './function.ts'

function joined(parts: readonly string[]): string {
  return parts.reduce((path, part) => {
    if (part.startsWith('/')) return part
    return path === '' || path.endsWith('/') ? path + part : `${path}/${part}`
  })
}

function splitext(path: string): [string, string] {
  const name = path.slice(path.lastIndexOf('/') + 1)
  const point = name.lastIndexOf('.')
  if (point <= 0 || /^\.*$/.test(name.slice(0, point))) return [path, '']
  const cut = path.length - name.length + point
  return [path.slice(0, cut), path.slice(cut)]
}

/** Without the slashes at the end of a folder, unless it is the root. */
const trimmed = (path: string) => (/^\/+$/.test(path) ? path : path.replace(/\/+$/, ''))

function commonPath(paths: readonly string[]): string {
  if (paths.length === 0) throw new WrongArgument('commonpath of no path', undefined, 'Give a list of paths.')
  const absolute = paths.map((path) => path.startsWith('/'))
  if (absolute.includes(true) && absolute.includes(false))
    throw new WrongArgument('commonpath of absolute and relative paths', undefined, 'Give paths of one kind.')
  const split = paths.map((path) => path.split('/').filter((part) => part !== '' && part !== '.'))
  const same = split[0]!.findIndex((part, index) => split.some((parts) => parts[index] !== part))
  const shared = same < 0 ? split[0]! : split[0]!.slice(0, same)
  return (absolute[0] ? '/' : '') + shared.join('/')
}

function expanded(path: string): string {
  const [, name] = /^~([^/]*)/.exec(path) ?? []
  if (name === undefined) return path
  if (name !== '' && name !== userInfo().username) return path
  return (process.env['HOME'] ?? homedir()) + path.slice(name.length + 1)
}

function real(path: string): string {
  const absolute = posix.resolve(path)
  try {
    return realpathSync(absolute)
  } catch {
    // What is not there keeps its name, below the folder that is.
    const parent = dirname(absolute)
    return parent === absolute ? absolute : posix.join(real(parent), posix.basename(absolute))
  }
}

const ask = (name: string, doc: string, test: string, example: [string, boolean], fn: (path: string) => boolean) =>
  define(`${name}(path: text)`, { doc: `${doc}, on the controller.`, test, example, impure: true, fn })

const look = (path: string) => statSync(path, { throwIfNoEntry: false })
const lookAt = (path: string) => lstatSync(path, { throwIfNoEntry: false })

export const path = [
  define('basename(path: text)', {
    doc: 'The last part of a path.',
    example: ["basename('/etc/hosts')", 'hosts'],
    filter: 'basename',
    fn: (value: string) => value.slice(value.lastIndexOf('/') + 1),
  }),
  define('dirname(path: text)', {
    doc: 'A path without its last part.',
    example: ["dirname('/etc/hosts')", '/etc'],
    filter: 'dirname',
    fn: (value: string) => trimmed(value.slice(0, value.lastIndexOf('/') + 1)),
  }),
  define('splitext(path: text)', {
    doc: 'A path in two: up to the ending of the file name, and the ending with its point.',
    example: ["splitext('a.tar.gz')", ['a.tar', '.gz']],
    filter: 'splitext',
    fn: splitext,
  }),
  define('extname(path: text)', {
    doc: 'The ending of a file name, with its point.',
    example: ["extname('a.tar.gz')", '.gz'],
    fn: (value: string) => splitext(value)[1],
  }),
  define('path_join(...parts: text|list)', {
    doc: 'A path out of parts, or of a list of them; a part that begins with / starts anew.',
    example: ["path_join('/etc', 'ssl', 'ca.pem')", '/etc/ssl/ca.pem'],
    filter: 'path_join',
    fn: (parts: (string | string[])[]) => joined(parts.length === 0 ? [''] : parts.flat().map(String)),
  }),
  define('commonpath(paths: list)', {
    doc: 'The longest path that all paths begin with.',
    example: ["commonpath(['/a/b/c', '/a/b/d'])", '/a/b'],
    filter: 'commonpath',
    fn: (paths: string[]) => commonPath(paths.map(String)),
  }),
  define('normpath(path: text)', {
    doc: 'Without `..`, `.` and doubled slashes.',
    example: ["normpath('/a/../b//c')", '/b/c'],
    filter: 'normpath',
    fn: (value: string) => trimmed(posix.normalize(value)),
  }),
  define('relpath(path: text, start?: text)', {
    doc: 'A path as seen from a folder, from where tsplay runs unless given.',
    example: ["relpath('/etc/ssl/ca.pem', '/etc/apt')", '../ssl/ca.pem'],
    filter: 'relpath',
    fn: (value: string, start = '.') => posix.relative(posix.resolve(start), posix.resolve(value)) || '.',
  }),
  define('realpath(path: text)', {
    doc: 'An absolute path without links, on the controller.',
    example: ["realpath('/usr/../etc')", '/etc'],
    filter: 'realpath',
    impure: true,
    fn: real,
  }),
  define('expanduser(path: text)', {
    doc: 'A path with the home folder of the user of the controller in the place of ~.',
    example: ["expanduser('/a/~')", '/a/~'],
    filter: 'expanduser',
    fn: expanded,
  }),
  define('expandvars(text: text)', {
    doc: "A text with variables of tsplay's own environment, $NAME or ${NAME}, filled in.",
    example: ["expandvars('$TSPLAY_NO_SUCH_NAME')", '$TSPLAY_NO_SUCH_NAME'],
    filter: 'expandvars',
    fn: (value: string) =>
      value.replace(/\$(?:(\w+)|\{([^}]*)\})/g, (whole, bare, braced) => process.env[bare ?? braced] ?? whole),
  }),
  ask(
    'is_file',
    'Whether a path is a file',
    'file is_file',
    ["is_file('/etc/passwd')", true],
    (value) => look(value)?.isFile() === true,
  ),
  ask(
    'is_directory',
    'Whether a path is a folder',
    'directory is_dir',
    ["is_directory('/etc')", true],
    (value) => look(value)?.isDirectory() === true,
  ),
  ask(
    'is_link',
    'Whether a path is a symbolic link',
    'link is_link',
    ["is_link('/')", false],
    (value) => lookAt(value)?.isSymbolicLink() === true,
  ),
  ask('exists', 'Whether there is anything at a path', 'exists', ["exists('/etc/no-such-file')", false], existsSync),
  ask(
    'link_exists',
    'The same, a link to nothing included',
    'link_exists',
    ["link_exists('/etc')", true],
    (value) => lookAt(value) !== undefined,
  ),
  ask('is_mount', 'Whether a file system is mounted at a path', 'mount is_mount', ["is_mount('/')", true], (value) => {
    const here = lookAt(value)
    const above = here?.isDirectory() ? lookAt(posix.join(value, '..')) : undefined
    return here !== undefined && above !== undefined && (here.dev !== above.dev || here.ino === above.ino)
  }),
  define('is_same_file(path: text, other: text)', {
    doc: 'Whether two paths lead to the same file, on the controller.',
    example: ["is_same_file('/etc', '/usr/../etc')", true],
    test: 'same_file is_same_file',
    impure: true,
    fn: (one: string, other: string) => {
      const [a, b] = [look(one), look(other)]
      return a !== undefined && b !== undefined && a.dev === b.dev && a.ino === b.ino
    },
  }),
  define('is_abs(path: text)', {
    doc: 'Whether a path begins at the root.',
    example: ["is_abs('/etc')", true],
    test: 'abs is_abs',
    fn: (value: string) => value.startsWith('/'),
  }),
]
