import { posix } from 'node:path'
import {
  type ArchiveMember,
  adviceOn,
  attributeParams,
  type Content,
  type Controller,
  defineModule,
  differingAttributes,
  digest,
  digestUrl,
  type Extraction,
  exec,
  extract,
  extraction,
  extractionId,
  type Host,
  type HttpAccess,
  isUnknown,
  listedMode,
  Misgiven,
  type Plan,
  Problem,
  plainly,
  quote,
  readUrl,
  resolveMode,
  type Stat,
  setAttributes,
  shownUrl,
  urlBasename,
  type WantedAttributes,
} from 'tsplay'

interface Params extends WantedAttributes {
  src: string
  dest: string
  remote_src: boolean
  copy: boolean
  decrypt: boolean
  io_buffer_size: number
  keep_newer: boolean
  validate_certs: boolean
  creates?: string | undefined
  include: string[]
  exclude: string[]
  strip_components: number
  extra_opts: string[]
  checksum?: string | undefined
  list_files: boolean
}

interface State {
  strip: number
  keepOwner: boolean
  created?: boolean
  folder: Stat | null
  archive: Stat | null
  content?: Content
  known: Extraction | null
  /** Nothing is in dest (asked for keep_newer). */
  empty: boolean
  /** Why all must be extracted; undefined when it is there. */
  reason?: string
  unsure?: string
  members?: ArchiveMember[]
  failed?: string
}

export default defineModule({
  summary: 'Extract an archive: tar (gz, bz2, xz, zst) or zip.',
  description:
    'Names and links that lead out of dest are refused before anything is written; files take their names by a rename. ' +
    'The host keeps a record of what was extracted (/var/lib/tsplay/unarchive), so that a run which changes nothing compares ' +
    'times and sizes only, and digests where those differ. Without a record, it extracts.',
  params: {
    type: 'object',
    properties: {
      src: {
        type: 'string',
        description:
          'The archive on the controller. With remote_src: on the host, or an address that the host downloads from.',
      },
      dest: { type: 'string', format: 'path', description: 'The folder to extract to; it must be there.' },
      remote_src: { type: 'boolean', default: false, description: 'src is on the host.' },
      copy: { type: 'boolean', default: true, description: 'The older word: false is remote_src.' },
      decrypt: { type: 'boolean', default: true, description: 'An archive that is sealed with vault is opened.' },
      io_buffer_size: {
        type: 'integer',
        default: 65_536,
        description: "Accepted for Ansible playbooks; archives stream by what the host's own tools take at once.",
      },
      creates: { type: 'string', format: 'path', description: 'Do nothing when this exists.' },
      include: {
        type: 'array',
        items: { type: 'string' },
        default: [],
        description: 'Only these files and folders of the archive, with their names in it.',
      },
      exclude: { type: 'array', items: { type: 'string' }, default: [], description: 'Not these: patterns.' },
      strip_components: {
        type: 'integer',
        minimum: 0,
        default: 0,
        description: 'Leave out that many folders at the start of each name.',
      },
      extra_opts: {
        type: 'array',
        items: { type: 'string' },
        default: [],
        description: '--strip-components=N and --no-same-owner are understood.',
      },
      keep_newer: {
        type: 'boolean',
        default: false,
        description: 'Files that are there and not older than in the archive stay.',
      },
      validate_certs: {
        type: 'boolean',
        default: true,
        description: 'Check the certificate of the server that it is downloaded from.',
      },
      checksum: {
        type: 'string',
        pattern: '^sha256:[0-9a-fA-F]{64}$',
        description:
          'sha256:HEX that the archive must have. Without it, an address is asked in every run for all of the archive.',
      },
      list_files: { type: 'boolean', default: false, description: 'Return the names of what was extracted.' },
      ...attributeParams,
    },
    required: ['src', 'dest'],
    additionalProperties: false,
  },
  returns: {
    dest: 'the folder',
    src: 'the archive',
    handler: "by what it is taken apart, in Ansible's words: TgzArchive, ZipArchive, …",
    files: 'what was extracted (list_files)',
    uid: 'of the folder',
    gid: 'of the folder',
    owner: 'of the folder',
    group: 'of the folder',
    mode: 'of the folder',
    size: 'of the folder',
    state: 'directory',
  },
  examples: [
    {
      title: 'One program out of a release',
      given: `- shell: mkdir -p /tmp/tsplay-r/bin && echo hello >/tmp/tsplay-r/bin/tool && tar -czf /tmp/tsplay-r.tar.gz -C /tmp tsplay-r\n  args: {creates: /tmp/tsplay-r.tar.gz}\n- file: {path: /tmp/tsplay-out, state: directory}`,
      yaml: `- unarchive:\n    src: /tmp/tsplay-r.tar.gz\n    remote_src: true\n    dest: /tmp/tsplay-out\n    include: [tsplay-r/bin/tool]\n    strip_components: 2\n    mode: "0755"`,
    },
  ],
  check: (given) => void optionsOf(given as unknown as Params),
  async probe(host, given, controller): Promise<State> {
    const params = paramsOf(given)
    const options = optionsOf(params)
    const id = extractionId(params.src, params.dest, params.include, params.exclude, options.strip)
    const [created, dest, archive, known, names] = await Promise.all([
      params.creates === undefined ? undefined : host.stat(params.creates, { follow: true }),
      host.stat(params.dest, { follow: true }),
      onHost(params) ? host.stat(params.src, { follow: true }) : null,
      host.maybe(extraction, {
        dest: params.dest.replace(/(.)\/+$/, '$1'),
        id,
        ...(onHost(params) ? { archive: params.src } : {}),
      }),
      params.keep_newer ? host.list(params.dest) : null,
    ])
    const base = {
      ...options,
      folder: dest?.type === 'directory' ? dest : null,
      archive,
      known: isUnknown(known) ? null : known,
      empty: names?.length === 0,
    }
    if (created) return { ...base, created: true }
    if (!base.folder)
      return {
        ...base,
        failed: dest
          ? `dest ${params.dest} is a ${dest.type}, not a folder.`
          : `dest ${params.dest} must be a folder that exists.`,
      }
    if (onHost(params) && archive?.type !== 'file')
      return {
        ...base,
        failed: archive
          ? `${params.src} is a ${archive.type}, not an archive.`
          : `Could not find the archive ${params.src} on the host.`,
      }
    const file = params.remote_src ? undefined : await controller.file(params.src, 'files', { decrypt: params.decrypt })
    const content: Content | undefined =
      file && (file.sealed ? await file.content() : { file: file.path, size: file.size, sha256: file.sha256 })
    const state: State = {
      ...base,
      ...(content ? { content } : {}),
      ...(isUnknown(known) ? { unsure: known.reason } : {}),
    }
    if (isAddress(params)) return { ...state, ...(await ofAddress(host, params, state, controller)) }
    const unmoved = base.known?.archive.same
    const sha256 = file
      ? file.sha256
      : unmoved && params.checksum === undefined
        ? base.known!.archive.sha256
        : await host.maybe(digest, { path: params.src, algorithm: 'sha256' })
    if (isUnknown(sha256)) return { ...state, unsure: sha256.reason, reason: base.known ? sha256.reason : NOT_YET }
    const expected = checksumOf(params)
    if (expected !== undefined && sha256 !== expected)
      return {
        ...state,
        failed: `The sha256 checksum of ${params.src} is ${sha256}, expected ${expected}; nothing was extracted.`,
      }
    const reason = (base.known && state.unsure) ?? (await missing(host, params, base.known, sha256))
    if (reason === undefined) return state
    const listed = onHost(params) && archive ? await membersOf(host, params, options.strip) : undefined
    if (listed instanceof Problem) {
      if (!controller.checking) throw listed
      return { ...state, reason, unsure: state.unsure ?? listed.message }
    }
    return { ...state, reason, ...(listed ? { members: listed } : {}) }
  },
  plan(state, given): Plan {
    const params = paramsOf(given)
    const dest = params.dest.replace(/(.)\/+$/, '$1')
    const kind = /\.(zip|jar|war|apk)$/i.test(nameOf(params)) ? ('zip' as const) : ('tar' as const)
    const result = {
      dest,
      src: isAddress(params) ? shownUrl(params.src) : params.src,
      handler: handlerOf(nameOf(params)),
      ...(state.folder ? folderResult(state.folder) : {}),
      ...(params.list_files ? { files: state.known?.files.map((file) => file.relative) ?? [] } : {}),
    }
    if (state.created) return { skipped: `skipped, since ${params.creates} exists` }
    if (state.failed !== undefined) return { failed: state.failed, result }
    if (state.reason !== undefined) {
      const step = extract({
        kind,
        name: nameOf(params),
        dest,
        strip: state.strip,
        keepOwner: state.keepOwner,
        include: params.include,
        exclude: params.exclude,
        archive: onHost(params) ? params.src : undefined,
        send: state.content,
        ...(isAddress(params) ? { fetch: readUrl(params.src, accessOf(params)), sha256: checksumOf(params) } : {}),
        keepNewer: params.keep_newer,
        id: extractionId(params.src, params.dest, params.include, params.exclude, state.strip),
        mode: params.mode,
        owner: params.owner,
        group: params.group,
        members: state.members?.map((member) =>
          params.mode === undefined
            ? member
            : { ...member, mode: resolveMode(params.mode, member.mode, member.type === 'directory') },
        ),
      })
      return {
        steps: [step],
        changes: [{ path: dest, before: state.reason, after: `the files of ${nameOf(params)}` }],
        result,
        ...(state.unsure !== undefined && state.known ? { mayChange: state.unsure } : {}),
        ...(params.keep_newer && !state.empty ? { mayChange: 'which files are newer shows when it is extracted' } : {}),
      }
    }
    const wrong = (state.known?.files ?? []).map((file) => {
      const path = posix.join(dest, file.relative)
      return {
        path,
        ...differingAttributes(
          path,
          { ...file.now!, mtime: 0, atime: 0, ctime: 0, inode: 0, device: 0, links: 1 },
          params,
        ),
      }
    })
    const steps = wrong.flatMap(({ path, set }) => (set ? [setAttributes(path, set)] : []))
    const changes = wrong.flatMap((one) => one.changes)
    if (steps.length < 2) return { steps, changes, result }
    const script = steps.map((step) => step.script).join('\n')
    return {
      steps: [
        exec({
          show: `set mode and owner of ${steps.length} files in ${dest}`,
          script,
          effects: steps.flatMap((step) => step.effects),
        }),
      ],
      changes,
      result,
    }
  },
  async after(host, plan, replies, given) {
    const params = paramsOf(given)
    if (plan.steps?.[0]?.name !== 'extract') return {}
    const folder = await host.stat(params.dest, { follow: true })
    const [files, kept] = lists(replies[0]!.stdout.toString('utf8'))
    return {
      ...(folder ? folderResult(folder) : {}),
      ...(params.list_files ? { files } : {}),
      ...(files.length > 0 && kept.length === files.length ? { changed: false } : {}),
    }
  },
})

function lists(said: string): [files: string[], kept: string[]] {
  const [files = [], kept = []] = said.split('\0').map((part) => part.split('\n').filter(Boolean))
  return [files, kept]
}

/** In Ansible's words. */
function handlerOf(name: string): string {
  const kinds: readonly (readonly [RegExp, string])[] = [
    [/\.(zip|jar|war|apk)$/i, 'Zip'],
    [/\.(tgz|tar\.gz)$/i, 'Tgz'],
    [/\.(tbz2?|tar\.bz2)$/i, 'TarBzip'],
    [/\.(txz|tar\.xz)$/i, 'TarXz'],
    [/\.(tzst|tar\.zst)$/i, 'TarZstd'],
  ]
  return `${kinds.find(([pattern]) => pattern.test(name))?.[1] ?? 'Tar'}Archive`
}

const NOT_YET = 'not extracted yet'

function paramsOf(given: unknown): Params {
  const params = given as Params
  return params.copy ? params : { ...params, remote_src: true }
}

const folderResult = ({ uid, gid, owner, group, mode, size }: Stat) => ({
  ...{ uid, gid, owner, group, mode, size },
  state: 'directory',
})

const isAddress = (params: Params) => params.remote_src && /^[a-z]+:\/\//i.test(params.src)
const onHost = (params: Params) => params.remote_src && !isAddress(params)
const nameOf = (params: Params) => (isAddress(params) ? urlBasename(params.src) : posix.basename(params.src))
const checksumOf = (params: Params) => params.checksum?.slice('sha256:'.length).toLowerCase()
const accessOf = ({ validate_certs }: Params): HttpAccess => ({
  ...{ validate_certs, timeout: 10, use_proxy: true, http_agent: 'ansible-httpget' },
})

/** The server is asked for the digest only where there is something to compare it with. */
async function ofAddress(
  host: Host,
  params: Params,
  { known, unsure }: State,
  controller: Controller,
): Promise<Partial<State>> {
  const { password } = new URL(params.src)
  if (password !== '') for (const one of [password, decodeURIComponent(password)]) controller.secret(one)
  if (!known) return { reason: NOT_YET }
  if (unsure !== undefined) return { reason: unsure }
  let sha256 = checksumOf(params)
  if (sha256 === undefined) {
    const reply = await host.query(digestUrl(params.src, accessOf(params)), { volatile: true })
    sha256 = reply.stdout.toString('latin1').slice(0, 64)
    if (reply.status !== 0) {
      const said = reply.stderr.toString('utf8').trim().split('\n')[0]
      const why = `Cannot download ${shownUrl(params.src)}: ${said || `status ${reply.status}`}`
      if (!controller.checking) return { failed: why }
      return { unsure: why, reason: why }
    }
  }
  const reason = await missing(host, params, known, sha256)
  return reason === undefined ? {} : { reason }
}

function optionsOf(params: Params): { strip: number; keepOwner: boolean } {
  let strip = params.strip_components
  let keepOwner = true
  for (const option of params.extra_opts.flatMap((option) => option.split(/\s+/)).filter(Boolean)) {
    const match = /^--strip(?:-components)?=(\d+)$/.exec(option)
    if (match) strip = Number(match[1])
    else if (option === '--no-same-owner') keepOwner = false
    else
      throw new Misgiven('extra_opts', `"extra_opts" of unarchive cannot be "${option}".`, {
        hint: 'It understands --strip-components=N and --no-same-owner; use include, exclude, owner and mode for the rest.',
      })
  }
  return { strip, keepOwner }
}

/** Why it must be extracted; undefined when all that was extracted is there as it was. */
async function missing(
  host: Host,
  params: Params,
  known: Extraction | null,
  sha256: string | null,
): Promise<string | undefined> {
  if (!known) return NOT_YET
  if (known.archive.sha256 !== sha256) return 'the files of another archive'
  const gone = known.files.find((file) => !file.now)
  if (gone) return `${gone.relative} is missing`
  const touched = known.files.filter((file) => file.now!.changed !== file.changed || file.now!.size !== file.size)
  const digests = await Promise.all(
    touched.map((file) => (file.sha256 === '-' ? null : host.digest(posix.join(params.dest, file.relative)))),
  )
  const changed = touched.find((file, index) => digests[index] !== file.sha256)
  return changed && `${changed.relative} was changed`
}

/** What an archive of the host holds of what is wanted, without its first folders. */
async function membersOf(host: Host, params: Params, strip: number): Promise<ArchiveMember[] | undefined | Problem> {
  if (/\.(zip|jar|war|apk)$/i.test(params.src)) return undefined
  const reply = await host.query(
    `q=; if tar --version 2>/dev/null | grep -q GNU; then q=--quoting-style=literal; ${busyboxFlag(params.src)}fi; tar $q -tvf ${quote(params.src)}`,
  )
  if (reply.status !== 0) {
    const said = plainly(reply.stderr.toString('utf8').trim().split('\n')[0] ?? '')
    const missing = said.startsWith('The host has no program')
    const hint = adviceOn(said)
    return new Problem(
      'task-failed',
      missing
        ? `${params.src} cannot be extracted. ${said}`
        : `${params.src} is not an archive that tar can read: ${said}`,
      hint === undefined ? {} : { hint },
    )
  }
  const wanted = params.include.map((name) => name.replace(/^\.\//, '').replace(/\/$/, ''))
  const members: ArchiveMember[] = []
  for (const line of reply.stdout.toString('utf8').split('\n')) {
    const match = /^([-dlh])([-rwxsStT]{9})\S* +\S+ +(\d+) +\S+ +\S+ (.*)$/.exec(line)
    if (!match) continue
    const name = match[4]!
      .replace(/ (?:->|link to) .*$/, '')
      .replace(/^(\.\/)+/, '')
      .replace(/\/$/, '')
    if (wanted.length > 0 && !wanted.some((each) => name === each || name.startsWith(`${each}/`))) continue
    if (
      params.exclude.some(
        (pattern) =>
          name === pattern ||
          name.startsWith(`${pattern}/`) ||
          posix.basename(name) === pattern ||
          /[*?[]/.test(pattern),
      )
    )
      continue
    const relative = name.split('/').slice(strip).join('/')
    if (relative === '' || relative.split('/').includes('..')) continue
    // A folder that was there already keeps its mode: nothing is said of folders but that they will be there.
    if (match[1] === 'd') continue
    members.push({
      relative,
      type: match[1] === 'l' ? 'link' : 'file',
      mode: listedMode(match[2]!),
      size: Number(match[3]),
    })
  }
  return members.filter(
    (member) =>
      member.type !== 'file' ||
      member.size > 0 ||
      !members.some((other) => other !== member && other.relative === member.relative),
  )
}

/** GNU tar finds the compression by itself; busybox must be told. */
function busyboxFlag(name: string): string {
  const flag = /\.(gz|tgz)$/.test(name)
    ? '-z'
    : /\.(bz2|tbz2?)$/.test(name)
      ? '-j'
      : /\.(xz|txz)$/.test(name)
        ? '-J'
        : undefined
  return flag === undefined ? '' : `else q=${flag}; `
}
