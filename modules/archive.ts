import { posix } from 'node:path'
import {
  type ArchiveAsk,
  archiveIsRight,
  archiver,
  attributeParams,
  attributeResult,
  type Change,
  defineModule,
  differingAttributes,
  globPattern,
  type Host,
  identity,
  newAttributes,
  pack,
  remove,
  type Stat,
  type Step,
  setAttributes,
  tree,
} from 'tsplay'

interface Source {
  readonly path: string
  readonly there: Stat | null
  /** What is below a folder, by whole paths. */
  readonly below: readonly string[]
}

export default defineModule({
  summary: 'Pack files and folders of the host into an archive, or compress one file.',
  description:
    'The files stay on the host. An archive that holds the same files, byte for byte, with the same names, modes, owners and times, is left alone. The program that makes the format must be there (tar and gzip nearly always are).',
  params: {
    type: 'object',
    properties: {
      path: {
        type: 'array',
        items: { type: 'string', pattern: '^[/~]' },
        minItems: 1,
        description:
          'Whole paths of files and folders; may hold wildcards. With a slash at its end: only what is in the folder.',
      },
      dest: {
        type: 'string',
        format: 'path',
        description: 'The archive. Default, for one file: its name and the format.',
      },
      format: {
        enum: ['gz', 'bz2', 'xz', 'tar', 'zip'],
        default: 'gz',
        description: 'gz, bz2 and xz are tar inside, but for a single file.',
      },
      exclude_path: {
        type: 'array',
        items: { type: 'string' },
        default: [],
        description: 'Whole paths, or wildcards, that are taken out of path.',
      },
      exclusion_patterns: {
        type: 'array',
        items: { type: 'string' },
        default: [],
        description:
          'Wildcards of names in the archive that are left out; * is any sign, slashes too. For zip, of whole paths.',
      },
      force_archive: { type: 'boolean', default: false, description: 'An archive for a single file too.' },
      remove: { type: 'boolean', default: false, description: 'Remove what was packed.' },
      ...attributeParams,
    },
    required: ['path'],
    additionalProperties: false,
  },
  returns: {
    dest: 'where it is',
    state: 'of the archive: file, or absent when nothing was found',
    dest_state: 'archive, compress (a single file), incomplete (not all were found) or absent',
    archived: 'what is in it, by whole paths',
    arcroot: 'the folder that names in it are relative to',
    missing: 'what was not found',
    expanded_paths: 'path, wildcards filled in',
    expanded_exclude_paths: 'exclude_path, wildcards filled in',
  },
  examples: [
    {
      title: 'A folder, without its logs',
      given:
        '- file: {path: /srv/site, state: directory}\n- copy: {dest: /srv/site/page, content: one}\n- copy: {dest: /srv/site/a.log, content: two}',
      yaml: "- archive:\n    path: /srv/site\n    dest: /srv/site.tgz\n    exclusion_patterns: ['*.log']",
    },
    {
      title: 'One file, compressed; it goes itself',
      given: '- copy: {dest: /srv/dump.sql, content: rows}',
      yaml: '- archive:\n    path: /srv/dump.sql\n    remove: true',
    },
  ],
  async probe(host, params) {
    const [expanded, excluded, me] = await Promise.all([
      Promise.all(params.path.map((path) => expand(host, path))),
      Promise.all(params.exclude_path.map((path) => expand(host, path))),
      host.read(identity, ''),
    ])
    const paths = [...new Set(expanded.flat())].filter((path) => !excluded.flat().includes(path)).sort()
    const sources = await Promise.all(paths.map((path) => lookAtSource(host, path)))
    const folder = sources[0]?.there?.type === 'directory'
    const many = params.force_archive || params.path.some(isGlob) || folder || paths.length > 1
    const dest = params.dest ?? (many || paths.length === 0 ? undefined : `${paths[0]}.${params.format}`)
    const root = rootOf(paths)
    const found = sources.filter((source) => source.there !== null)
    const members = [
      ...new Set(found.flatMap(({ path, there, below }) => (there?.type === 'directory' ? below : [path]))),
    ] // The archive itself, and the folder whose time it changes, cannot be in it.
      .filter(
        (path) => path !== dest && (dest === undefined || path !== posix.dirname(dest)) && !leftOut(path, root, params),
      )
    const ask: ArchiveAsk = {
      dest: dest ?? '',
      format: params.format,
      root,
      members: members.map((path) => path.slice(root.length)),
      single: !many,
    }
    const tool = archiver[params.format]
    const [there, right, has] = await Promise.all([
      dest === undefined ? null : host.stat(dest, { follow: true }),
      dest === undefined || members.length === 0 ? false : host.read(archiveIsRight, ask),
      tool === undefined || found.length === 0 ? tool : host.command(tool),
    ])
    const lacks = tool !== undefined && has === null ? tool : undefined
    const sourcesFound = found.map((source) => source.path)
    return {
      expanded: expanded.flat(),
      excluded: excluded.flat(),
      paths,
      found: sourcesFound,
      many,
      dest,
      ask,
      there,
      right,
      lacks,
      me,
    }
  },
  plan({ expanded, excluded, paths, found, many, dest, ask, there, right, lacks, me }, params) {
    const said = { expanded_paths: expanded, expanded_exclude_paths: excluded }
    if (paths.length === 0)
      return { failed: 'Error, no source paths were found', result: { path: params.path.join(', '), ...said } }
    if (dest === undefined)
      return {
        failed: 'Error, must specify "dest" when archiving multiple files or trees',
        result: { path: params.path.join(', ') },
      }
    if (params.remove && found.some((path) => dest.startsWith(`${path.replace(/\/+$/, '')}/`)))
      return { failed: 'Error, created archive can not be contained in source paths when remove=true' }
    if (lacks !== undefined)
      return {
        failed: `This host has no ${lacks}, which makes the format ${params.format}.`,
        hint: 'Install it first.',
      }
    if (there?.type === 'directory') return { failed: `${dest} is a folder; an archive cannot take its place.` }
    const missing = paths.filter((path) => !found.includes(path))
    const kind =
      found.length === 0
        ? /\.(tar|tar\.(gz|bz2|xz)|tgz|tbz2|zip)$/i.test(dest)
          ? 'archive'
          : 'compress'
        : many
          ? missing.length > 0
            ? 'incomplete'
            : 'archive'
          : ask.format === 'tar' || ask.format === 'zip'
            ? 'archive'
            : 'compress'
    const result = {
      dest,
      state: there || (found.length > 0 && ask.members.length > 0) ? 'file' : 'absent',
      dest_state: found.length === 0 && !there ? 'absent' : kind,
      archived: ask.members.map((name) => ask.root + name),
      arcroot: ask.root,
      missing,
      ...said,
    }
    const changes: Change[] = []
    const steps: Step[] = []
    const packs = found.length > 0 && ask.members.length > 0 && !right
    const differing = there ? differingAttributes(dest, there, params) : undefined
    if (packs) {
      const fresh = newAttributes(params, false)
      const mode = (there ? (differing?.set?.mode ?? there.mode) : fresh.mode) ?? '0644'
      const owner = params.owner ?? there?.owner ?? me.user
      const group = params.group ?? there?.group ?? me.group
      const own = there ? { owner, group } : { owner: params.owner, group: params.group }
      steps.push(pack(ask, { ...own, effect: { mode, owner, group } }))
      changes.push({ path: dest, ...(there ? { before: `archive (${there.size} bytes)` } : {}), after: listed(ask) })
    }
    if (differing?.set) {
      if (!packs) steps.push(setAttributes(dest, differing.set))
      changes.push(...differing.changes)
    }
    if (params.remove && (packs || right)) {
      for (const path of found) {
        steps.push(remove(path))
        changes.push({ path, before: 'packed' })
      }
    }
    return { changes, steps, result: { ...result, ...(there && !packs ? attributeResult(there) : {}) } }
  },
  async after(host, { result = {} }) {
    const there = await host.stat(String(result['dest']), { follow: true })
    return there?.type === 'file' ? attributeResult(there) : {}
  },
})

const isGlob = (path: string): boolean => /[*?]/.test(path)

/** The paths that a wildcard finds; a path without one is itself, be it there or not. */
async function expand(host: Host, path: string): Promise<string[]> {
  if (!isGlob(path)) return [path]
  let found = ['']
  for (const part of path.split('/').slice(1)) {
    if (!isGlob(part) && !part.includes('[')) {
      found = found.map((folder) => `${folder}/${part}`)
      continue
    }
    const pattern = globPattern(part)
    const names = await Promise.all(found.map((folder) => host.list(folder === '' ? '/' : folder)))
    const hidden = part.startsWith('.')
    found = found.flatMap((folder, index) =>
      (names[index] ?? [])
        .filter((name) => pattern.test(name) && (hidden || !name.startsWith('.')))
        .map((name) => `${folder}/${name}`),
    )
  }
  const there = await Promise.all(found.map((one) => host.stat(one)))
  return found.filter((_, index) => there[index] !== null).sort()
}

async function lookAtSource(host: Host, path: string): Promise<Source> {
  const plain = path.length > 1 ? path.replace(/\/+$/, '') : path
  const there = await host.stat(plain, { follow: path.endsWith('/') })
  if (there?.type !== 'directory') return { path, there, below: [] }
  const entries = (await host.read(tree, { path: plain })) ?? []
  const files = entries.filter(({ type }) => ['file', 'directory', 'link'].includes(type))
  return { path, there, below: files.map(({ relative }) => posix.join(plain, relative)) }
}

/** The innermost folder that holds all of them, with a slash at its end. */
function rootOf(paths: readonly string[]): string {
  const folders = paths.map((path) => path.slice(0, path.lastIndexOf('/') + 1).split('/'))
  const first = folders[0] ?? ['', '']
  const same = first.findIndex((part, index) => folders.some((folder) => folder[index] !== part))
  const common = (same < 0 ? first.slice(0, -1) : first.slice(0, same)).join('/')
  return `${common}/`
}

function leftOut(
  path: string,
  root: string,
  params: { format: string; exclusion_patterns: readonly string[] },
): boolean {
  const name = params.format === 'zip' ? path : path.slice(root.length)
  return params.exclusion_patterns.some((pattern) => globPattern(pattern).test(name))
}

function listed({ members, single }: ArchiveAsk): string {
  if (single) return 'the file, compressed'
  const more = members.length - 50
  return `${members.slice(0, 50).join('\n')}${more > 0 ? `\n… and ${more} more` : ''}\n`
}
