import { createHash } from 'node:crypto'
import { posix } from 'node:path'
import {
  ancestors,
  attributeParams,
  attributeResult,
  type Change,
  type Content,
  type Controller,
  defineModule,
  findUnknown,
  type Host,
  type Identity,
  identity,
  jsonText,
  lookAtPlace,
  makeLink,
  makeOwnDirectory,
  nameable,
  newAttributes,
  type Place,
  type PlaceOptions,
  Problem,
  planPlace,
  type Stat,
  type Step,
  tree,
  type WantedAttributes,
} from 'tsplay'

interface One {
  place: Place
  options: PlaceOptions
}

/** What a copied folder of the host needs beside its files. */
interface Skeleton {
  folders: { path: string; attributes: WantedAttributes; there: Stat | null }[]
  links: { path: string; target: string; there: string | undefined }[]
  me: Identity
}

interface State {
  ones: One[]
  skeleton?: Skeleton
  many?: boolean
  /** Of the one file, where it is the host's own. */
  sha1?: string
  failed?: string
}

interface Params {
  src?: string | undefined
  content?: unknown
  dest: string
  remote_src: boolean
  mode?: string | undefined
  directory_mode?: string | undefined
  owner?: string | undefined
  group?: string | undefined
  backup: boolean
  validate?: string | undefined
  force: boolean
  follow: boolean
  checksum?: string | undefined
  decrypt?: boolean | undefined
  unsafe_writes?: boolean | undefined
}

export default defineModule({
  summary: 'Put files on the host: from the controller, from text in the playbook, or from another place on the host.',
  description:
    'Content that is already there is not sent. A folder is copied with all that is in it; with a slash at its end, only what is in it. ' +
    'A destination that ends in a slash, or is a folder, takes the file under its own name.',
  params: {
    type: 'object',
    properties: {
      src: {
        type: 'string',
        controllerFile: 'files',
        description: 'A file or folder of the controller (of the host, with remote_src).',
      },
      content: { binary: true, description: 'The text itself, instead of src; a list or map becomes JSON.' },
      dest: { type: 'string', format: 'path', description: 'Where to.' },
      remote_src: { type: 'boolean', default: false, description: 'src is on the host.' },
      ...attributeParams,
      mode: { ...attributeParams.mode, description: `${attributeParams.mode.description} "preserve": as the source.` },
      directory_mode: { type: 'string', format: 'mode', description: 'Mode of folders that are made.' },
      backup: { type: 'boolean', default: false, description: 'Keep the old file beside the new one.' },
      validate: {
        type: 'string',
        pattern: '%s',
        description: 'A command that must accept the new file (%s) before it takes its place.',
      },
      force: { type: 'boolean', default: true, description: 'Replace a file that is there with another content.' },
      follow: { type: 'boolean', default: false, description: 'Write through a link at dest instead of replacing it.' },
      local_follow: {
        type: 'boolean',
        default: true,
        description: 'Links of the controller are followed; they always are.',
      },
      checksum: { type: 'string', description: 'SHA-1 the source must have.' },
      decrypt: { type: 'boolean', default: true, description: 'Open a source that is sealed in a vault.' },
    },
    required: ['dest'],
    oneOf: [{ required: ['src'] }, { required: ['content'] }],
    additionalProperties: false,
  },
  returns: {
    dest: 'where it is',
    checksum: 'SHA-1 of the content',
    backup_file: 'where the old file was kept',
    md5sum: 'MD5 of the content',
    src: 'as asked',
    state: 'file',
    size: 'bytes',
    mode: 'as set',
    owner: 'as set',
    group: 'as set',
    uid: 'as it is now',
    gid: 'as it is now',
  },
  examples: [
    {
      title: 'A file from text',
      yaml: `- copy:\n    dest: /etc/motd.tsplay\n    content: "All is well.\\n"\n    mode: "0644"`,
    },
    {
      title: 'A copy on the host, with the old one kept',
      given: `- copy: {dest: /tmp/tsplay-a, content: "a\\n"}`,
      yaml: `- copy:\n    src: /tmp/tsplay-a\n    dest: /tmp/tsplay-b\n    remote_src: true\n    backup: true`,
    },
  ],
  bearsUnknown: ['content'],
  contained: true,
  async probe(host, given, controller): Promise<State> {
    const params = given as Params
    if (params.remote_src && params.src !== undefined) return probeRemote(host, params, controller.checking)
    if (params.src !== undefined && (await controller.isFolder(params.src, 'files')))
      return probeFolder(host, params, controller)
    const { content, mode } = await sourceOf(params, controller)
    const options = optionsFor(
      params,
      params.dest,
      content,
      mode,
      params.src === undefined ? undefined : posix.basename(params.src),
    )
    return { ones: [{ options, place: await lookAtPlace(host, options, controller.checking) }] }
  },
  // Flags and labels are those of every file, and of the folders that hold them.
  marks: ({ result = {} }, { ones, skeleton, many }) => [
    ...(skeleton?.folders.map((folder) => folder.path) ?? []),
    ...(many ? ones.map((one) => one.place.path) : [String(result['dest'])]),
  ],
  plan(state, params) {
    if (state.failed !== undefined) return { failed: state.failed }
    const placed = state.ones.map((one) => planPlace(one.place, one.options))
    const refused = placed.find((one) => one.failed !== undefined)
    if (refused?.failed !== undefined) {
      const { failed, hint } = refused
      return { failed, ...(hint === undefined ? {} : { hint }), result: { dest: params.dest } }
    }
    const skeleton = state.skeleton ? planSkeleton(state.skeleton) : { changes: [], steps: [] }
    const steps = once([...skeleton.steps, ...placed.flatMap((one) => one.steps)], (step) => step.show)
    const unsure = placed.find((one) => one.mayChange !== undefined)?.mayChange
    const sure = skeleton.steps.length > 0 || placed.some((one) => one.steps.length > 0 && one.mayChange === undefined)
    return {
      changes: once([...skeleton.changes, ...placed.flatMap((one) => one.changes)], (change) => change.path),
      steps,
      warnings: placed.flatMap((one) => one.warnings),
      result: {
        ...(state.many ? { dest: params.dest } : placed[0]?.result),
        ...(params.src === undefined ? {} : { src: params.src }),
        ...(state.sha1 === undefined ? {} : { checksum: state.sha1 }),
        ...(state.many ? {} : md5Of(state.ones[0]!.options.content)),
      },
      ...(unsure === undefined || sure ? {} : { mayChange: unsure }),
    }
  },
  async after(host, plan) {
    const there = await host.stat(String(plan.result!['dest']), { follow: true })
    return there?.type === 'file' ? attributeResult(there) : {}
  },
})

function md5Of(content: Content): Record<string, unknown> {
  return Buffer.isBuffer(content) ? { md5sum: createHash('md5').update(content).digest('hex') } : {}
}

/** Folders above several files are made, and told, once. */
function once<T>(parts: readonly T[], id: (part: T) => string): T[] {
  const seen = new Set<string>()
  return parts.filter((part) => !seen.has(id(part)) && seen.add(id(part)))
}

function optionsFor(
  params: Params,
  dest: string,
  content: Content,
  sourceMode: string | undefined,
  basename: string | undefined,
): PlaceOptions {
  return {
    dest,
    content,
    basename,
    mode: params.mode === 'preserve' ? sourceMode : params.mode,
    owner: params.owner,
    group: params.group,
    follow: params.follow,
    force: params.force,
    backup: params.backup,
    validate: params.validate,
    directoryMode: params.directory_mode,
    unsafe_writes: params.unsafe_writes,
  }
}

async function sourceOf(
  params: Params,
  controller: Controller,
): Promise<{ content: Content; mode: string | undefined }> {
  if (params.src === undefined) {
    const { content } = params
    const unknown = findUnknown(content)
    if (unknown)
      return {
        content: { unknown, make: () => Promise.reject(new Problem('internal', unknown.reason)) },
        mode: undefined,
      }
    return { content: Buffer.from(typeof content === 'string' ? content : jsonText(content)), mode: undefined }
  }
  const file = await controller.file(params.src, 'files', { decrypt: params.decrypt ?? true })
  const bytes =
    file.sealed || file.size <= 192 * 1024 || params.checksum !== undefined ? await file.content() : undefined
  if (params.checksum !== undefined) {
    const sha1 = createHash('sha1').update(bytes!).digest('hex')
    if (sha1 !== params.checksum)
      throw new Problem('task-failed', `${params.src} has the checksum ${sha1}, not ${params.checksum}.`)
  }
  return { content: bytes ?? { file: file.path, size: file.size, sha256: file.sha256 }, mode: file.mode }
}

async function probeFolder(host: Host, params: Params, controller: Controller): Promise<State> {
  const src = params.src!
  const base = src.endsWith('/') ? params.dest : posix.join(params.dest, posix.basename(src))
  const files = await controller.files(src, 'files', { decrypt: params.decrypt ?? true })
  const ones = await Promise.all(
    files.map(async (file) => {
      const content: Content =
        file.sealed || file.size <= 192 * 1024
          ? await file.content()
          : { file: file.path, size: file.size, sha256: file.sha256 }
      return {
        ...optionsFor(params, posix.join(base, file.relative.replaceAll('\\', '/')), content, file.mode, undefined),
        makeParents: true,
      }
    }),
  )
  const [top, ...places] = await Promise.all([
    host.stat(params.dest, { follow: true }),
    ...ones.map(async (options) => ({ options, place: await lookAtPlace(host, options, controller.checking) })),
  ])
  if (top && top.type !== 'directory')
    return { ones: [], failed: `${params.dest} is not a folder, and a folder cannot be copied onto it.` }
  return { ones: places, many: true }
}

/** Bytes of the host's own files never travel: their digests are compared, and the host copies. */
async function probeRemote(host: Host, params: Params, checking: boolean): Promise<State> {
  const src = params.src!.length > 1 ? params.src!.replace(/\/+$/, '') : params.src!
  const [source, sha256, sha1] = await Promise.all([
    host.stat(src, { follow: true }),
    host.digest(src),
    host.digest(src, 'sha1'),
  ])
  if (!source) return { ones: [], failed: `Source ${params.src} does not exist on the host.` }
  if (source.type === 'directory') return probeRemoteFolder(host, params, src, source, checking)
  const content = { file: src, size: source.size, sha256: sha256 ?? '' }
  const options = { ...optionsFor(params, params.dest, content, source.mode, posix.basename(src)), fromHost: src }
  return { ones: [{ options, place: await lookAtPlace(host, options, checking) }], ...(sha1 === null ? {} : { sha1 }) }
}

async function probeRemoteFolder(
  host: Host,
  params: Params,
  src: string,
  source: Stat,
  checking: boolean,
): Promise<State> {
  const dest = params.dest.length > 1 ? params.dest.replace(/\/+$/, '') : params.dest
  const base = params.src!.endsWith('/') ? dest : posix.join(dest, posix.basename(src))
  const entries = nameable(src, (await host.read(tree, { path: src, digests: true })) ?? [])
  const wanted = (mode: string): WantedAttributes => ({
    owner: params.owner,
    group: params.group,
    mode: params.directory_mode ?? (params.mode === undefined || params.mode === 'preserve' ? mode : undefined),
  })
  const folders = [
    ...ancestors(posix.dirname(base)).map((path) => ({ path, attributes: {} })),
    { path: base, attributes: wanted(source.mode) },
    ...entries
      .filter((entry) => entry.type === 'directory')
      .map((entry) => ({ path: posix.join(base, entry.relative), attributes: wanted(entry.mode) })),
  ]
  const links = entries.filter((entry) => entry.type === 'link')
  const ones = entries
    .filter((entry) => entry.type === 'file')
    .map((entry) => {
      const from = posix.join(src, entry.relative)
      const content = { file: from, size: entry.size, sha256: entry.sha256 ?? '' }
      return {
        ...optionsFor(params, posix.join(base, entry.relative), content, entry.mode, undefined),
        makeParents: true,
        fromHost: from,
        sourceMode: entry.mode,
      }
    })
  const [me, folderStats, linkStats, places] = await Promise.all([
    host.read(identity, ''),
    Promise.all(folders.map((folder) => host.stat(folder.path, { follow: true }))),
    Promise.all(links.map((link) => host.stat(posix.join(base, link.relative)))),
    Promise.all(
      ones.map(async ({ sourceMode, ...options }) => {
        const place = await lookAtPlace(host, options, checking)
        // What is new has the mode of what it is a copy of.
        return { options: place.own ? options : { ...options, mode: options.mode ?? sourceMode }, place }
      }),
    ),
  ])
  const blocked = folders.find((_, index) => folderStats[index] && folderStats[index]!.type !== 'directory')
  if (blocked) return { ones: [], failed: `${blocked.path} is not a folder, and a folder cannot be copied onto it.` }
  return {
    many: true,
    // The folders are made below, with their own modes.
    ones: places.map((one) => ({ ...one, place: { ...one.place, missing: [] } })),
    skeleton: {
      me,
      folders: folders.map((folder, index) => ({ ...folder, there: folderStats[index]! })),
      links: links.map((link, index) => ({
        path: posix.join(base, link.relative),
        target: link.target ?? '',
        there: linkStats[index]?.target,
      })),
    },
  }
}

function planSkeleton({ folders, links, me }: Skeleton): { changes: Change[]; steps: Step[] } {
  const changes: Change[] = []
  const steps: Step[] = []
  for (const { path, attributes, there } of folders) {
    if (!there) {
      steps.push(makeOwnDirectory(me, path, newAttributes(attributes, true)))
      changes.push({ path, after: 'folder' })
    }
  }
  for (const { path, target, there } of links.filter((link) => link.target !== link.there)) {
    steps.push(makeLink(path, target))
    changes.push({ path, before: there === undefined ? undefined : `link to ${there}`, after: `link to ${target}` })
  }
  return { changes, steps }
}
