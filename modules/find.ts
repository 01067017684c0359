import { posix } from 'node:path'
import {
  defineModule,
  globPattern,
  type Host,
  isOddName,
  Misgiven,
  pythonRegExp,
  type Stat,
  stat,
  statResult,
  type TreeEntry,
  tree,
  volatileQuery,
} from 'tsplay'

type Kind = 'any' | 'directory' | 'file' | 'link'

interface Params {
  paths: string[]
  patterns: string[]
  excludes: string[]
  contains?: string | undefined
  read_whole_file: boolean
  file_type: Kind
  age?: string | undefined
  age_stamp: 'atime' | 'ctime' | 'mtime'
  size?: string | undefined
  recurse: boolean
  hidden: boolean
  follow: boolean
  get_checksum: boolean
  use_regex: boolean
  depth?: number | undefined
}

interface Found {
  readonly path: string
  readonly there: Stat
  readonly checksum?: string | null
}

export default defineModule({
  summary: 'Find files by name, type, age, size and content.',
  description: 'Links are not followed. All that is looked at goes in three round trips at most.',
  params: {
    type: 'object',
    properties: {
      paths: {
        type: 'array',
        items: { type: 'string', format: 'path' },
        aliases: ['path', 'name'],
        description: 'The folders to look in.',
      },
      patterns: {
        type: 'array',
        items: { type: 'string' },
        default: [],
        aliases: ['pattern'],
        description: 'What the name is like: shell patterns, or Python ones with use_regex. Default: any.',
      },
      excludes: {
        type: 'array',
        items: { type: 'string' },
        default: [],
        aliases: ['exclude'],
        description: 'Names that are left out of those.',
      },
      contains: {
        type: 'string',
        format: 'regexp',
        description: 'A Python pattern that the beginning of a line must be like.',
      },
      read_whole_file: { type: 'boolean', default: false, description: 'contains may be anywhere in the file.' },
      file_type: { enum: ['file', 'directory', 'link', 'any'], default: 'file' },
      age: {
        type: 'string',
        description: 'At least so old: seconds, or with s, m, h, d, w behind. With a minus: at most.',
      },
      age_stamp: { enum: ['mtime', 'atime', 'ctime'], default: 'mtime' },
      size: { type: 'string', description: 'At least so large: bytes, or with b, k, m, g, t. With a minus: at most.' },
      recurse: { type: 'boolean', default: false, description: 'Look in folders below too.' },
      depth: { type: 'integer', minimum: 1, description: 'With recurse: so many folders deep at most.' },
      hidden: { type: 'boolean', default: false, description: 'Also names that begin with a dot.' },
      follow: { const: false, default: false, description: 'Links to folders are not followed.' },
      get_checksum: { type: 'boolean', default: false, description: 'Also the SHA-1 of files.' },
      use_regex: { type: 'boolean', default: false, description: 'patterns and excludes are Python patterns.' },
    },
    required: ['paths'],
    if: { properties: { use_regex: { const: true } }, required: ['use_regex'] },
    // biome-ignore lint/suspicious/noThenProperty: a word of JSON Schema
    then: {
      properties: { patterns: { items: { format: 'regexp' } }, excludes: { items: { format: 'regexp' } } },
    },
    additionalProperties: false,
  },
  returns: {
    files: 'what was found: path and all that stat tells of it',
    matched: 'how many',
    examined: 'how many were looked at',
    skipped_paths: 'folders that could not be looked into, and why',
  },
  examples: [
    {
      title: 'Old backups',
      yaml: `- find:\n    paths: /var/backups\n    patterns: '*.gz'\n    age: 2w\n  register: old_backups`,
    },
    {
      title: 'Which files speak of a host',
      given: `- copy: {dest: /tmp/tsplay-find.conf, content: "server db-1\\n"}`,
      yaml: `- find:\n    paths: /tmp\n    patterns: 'tsplay-find.*'\n    contains: '.*db-1'\n  register: found\n- assert: {that: [found.matched == 1]}`,
    },
  ],
  onlyLooks: true,
  check({ age, size }) {
    if (age !== undefined) amount('age', age, AGES)
    if (size !== undefined) amount('size', size, SIZES)
  },
  async probe(host, given) {
    const params = given as Params
    const fits = nameFilter(params)
    const trees = await Promise.all(params.paths.map((path) => entriesOf(host, path, params)))
    const skipped = Object.fromEntries(
      trees.flatMap((entries, index) =>
        entries ? [] : [[params.paths[index]!, `'${params.paths[index]}' is not a directory`]],
      ),
    ) as Record<string, string>
    const odd = trees.flatMap((entries, index) =>
      (entries ?? []).flatMap(({ relative }) =>
        isOddName(relative) ? [posix.join(params.paths[index]!, relative)] : [],
      ),
    )
    const named = trees.flatMap((entries, index) =>
      (entries ?? [])
        .filter(({ relative }) => !isOddName(relative))
        .filter((entry) => isOf(params.file_type, entry.type) && fits(posix.basename(entry.relative)))
        .map((entry) => posix.normalize(posix.join(params.paths[index]!, entry.relative))),
    )
    const age = params.age === undefined ? undefined : amount('age', params.age, AGES)
    const [now, ...stats] = await Promise.all([
      age === undefined ? 0 : host.read(volatileQuery, 'date +%s').then((reply) => Number(reply.stdout.toString())),
      ...named.map((path) => host.read(stat, { path })),
    ])
    const sized = named.flatMap((path, index): Found[] => {
      const there = stats[index]
      return there && isOldEnough(there, now, age, params) && isLargeEnough(there, params) ? [{ path, there }] : []
    })
    const files = await Promise.all(sized.map((found) => readMore(host, found, params)))
    return {
      files: files.filter((found) => found !== undefined),
      examined: trees.reduce((sum, entries) => sum + (entries?.length ?? 0), 0),
      skipped,
      odd,
    }
  },
  plan({ files, examined, skipped, odd }) {
    const unread = Object.entries(skipped).map(
      ([path, why]) => `Skipped '${path}' path due to this access issue: ${why}`,
    )
    return {
      warnings: [...unread, ...odd.map((path) => `${path} is left out: its name is not UTF-8.`)],
      result: {
        files: files.map(({ path, there, checksum }) => ({
          path,
          ...statResult(there),
          ...(checksum === undefined || checksum === null ? {} : { checksum }),
        })),
        matched: files.length,
        examined,
        skipped_paths: skipped,
        msg: unread.length > 0 ? 'Not all paths examined, check warnings for details' : 'All paths examined',
      },
    }
  },
})

type Entry = Pick<TreeEntry, 'relative' | 'type'>

/** What is in a folder, hidden names left out but with `hidden`; null: it is none. */
async function entriesOf(host: Host, path: string, params: Params): Promise<Entry[] | null> {
  if (params.recurse && params.depth !== 1) {
    const all = await host.read(tree, { path })
    return (
      all?.filter(({ relative }) => relative.split('/').length <= (params.depth ?? Number.POSITIVE_INFINITY)) ?? null
    )
  }
  const [there, names] = await Promise.all([host.stat(path, { follow: true }), host.list(path)])
  if (there?.type !== 'directory' || names === null) return null
  const stats = await Promise.all(names.map((name) => host.stat(posix.join(path, name))))
  return names.flatMap((relative, index) => {
    const there = stats[index]
    return there || isOddName(relative) ? [{ relative, type: there?.type ?? 'file' }] : []
  })
}

const isOf = (kind: Kind, type: Stat['type']): boolean => kind === 'any' || kind === type

function nameFilter(params: Params): (name: string) => boolean {
  const compile = (parameter: string) => (pattern: string) =>
    params.use_regex ? pythonRegExp(pattern, parameter, { atStart: true, text: true }) : globPattern(pattern)
  const wanted = params.patterns.map(compile('patterns'))
  const unwanted = params.excludes.map(compile('excludes'))
  const found = (patterns: readonly RegExp[], name: string) =>
    patterns.some((pattern) => {
      pattern.lastIndex = 0
      return pattern.test(name)
    })
  return (name) =>
    (params.hidden || !name.startsWith('.')) && (wanted.length === 0 || found(wanted, name)) && !found(unwanted, name)
}

const AGES = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 }
const SIZES = { b: 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3, t: 1024 ** 4 }

function amount(parameter: string, text: string, units: Readonly<Record<string, number>>): number {
  const match = /^(-?\d+)([a-z]?)$/.exec(text.toLowerCase())
  const unit = match?.[2] === '' ? 1 : units[match?.[2] ?? '-']
  if (!match || unit === undefined)
    throw new Misgiven(parameter, `"${parameter}" is not an amount that can be used: ${text}`, {
      hint: `A whole number, or one with ${Object.keys(units).join(', ')} behind it.`,
    })
  return Number(match[1]) * unit
}

const reaches = (value: number, wanted: number): boolean => (wanted >= 0 ? value >= wanted : value <= Math.abs(wanted))

const isOldEnough = (there: Stat, now: number, age: number | undefined, params: Params): boolean =>
  age === undefined || reaches(now - there[params.age_stamp], age)

/** Folders and links have no size that counts. */
const isLargeEnough = (there: Stat, params: Params): boolean =>
  params.size === undefined || there.type !== 'file' || reaches(there.size, amount('size', params.size, SIZES))

/** The file with its digest; undefined when it does not hold what it should. */
async function readMore(host: Host, found: Found, params: Params): Promise<Found | undefined> {
  if (found.there.type !== 'file') return found
  const [content, checksum] = await Promise.all([
    params.contains !== undefined && params.file_type === 'file' ? host.content(found.path) : undefined,
    params.get_checksum ? host.digest(found.path, 'sha1') : undefined,
  ])
  if (content !== undefined && !holds(content?.toString() ?? '', params)) return undefined
  return checksum === undefined ? found : { ...found, checksum }
}

function holds(text: string, params: Params): boolean {
  if (params.read_whole_file) return pythonRegExp(params.contains!, 'contains', { text: true }).test(text)
  const pattern = pythonRegExp(params.contains!, 'contains', { atStart: true, text: true })
  return (text.match(/[^\n]*\n|[^\n]+$/g) ?? []).some((line) => {
    pattern.lastIndex = 0
    return pattern.test(line)
  })
}
