import { posix } from 'node:path'
import {
  adviceOn,
  attributeParams,
  attributeResult,
  backupName,
  type DigestAlgorithm,
  defineModule,
  differingAttributes,
  digest,
  digestAlgorithms,
  download,
  type HttpAccess,
  httpParams,
  type Identity,
  identity,
  isUnknown,
  Misgiven,
  makeFirst,
  newAttributes,
  type Plan,
  Problem,
  readChecksum,
  type Stat,
  setAttributes,
  shownUrl,
  unknownAccount,
  urlBasename,
  type WantedAttributes,
} from 'tsplay'

interface Params extends HttpAccess, WantedAttributes {
  url: string[]
  mirrors: string[]
  dest: string
  checksum?: string | undefined
  force: boolean
  backup: boolean
  retries: number
  tmp_dest?: string | undefined
}

interface State {
  path: string
  there: Stat | null
  folder: boolean
  wanted: Wanted
  /** Hex of what is there, in the checksum's algorithm; why nobody can know it, in a dry run. */
  has: string | null
  /** Of what is there. */
  sha1: string | null
  unsure?: string
  me: Identity
  backup?: string
  failed?: string
  warnings: string[]
}

interface Wanted {
  algorithm: DigestAlgorithm
  hex?: string
  url?: string
}

export default defineModule({
  summary: 'Download a file, on the host.',
  description:
    'With curl or wget. What broke off is continued; the checksum is compared before the file takes its place. ' +
    'With a checksum that what is there has, nothing is asked of the network; without a checksum, a file that is there stays, unless force.',
  params: {
    type: 'object',
    properties: {
      url: {
        type: 'array',
        items: { type: 'string', pattern: '^(https?|ftp|file)://' },
        minItems: 1,
        description: 'Where from; several are tried in order.',
      },
      mirrors: {
        type: 'array',
        items: { type: 'string' },
        default: [],
        description: 'Further addresses of the same file.',
      },
      dest: {
        type: 'string',
        format: 'path',
        description: 'Where to: a file, or a folder that takes it under its own name.',
      },
      checksum: {
        type: 'string',
        pattern: `^(${digestAlgorithms.join('|')}):`,
        description: 'sha256:HEX, or sha256:URL of a checksum file (lines "hex  name", or the digest alone).',
      },
      force: { type: 'boolean', default: false, description: 'Download even when a file is there.' },
      backup: { type: 'boolean', default: false, description: 'Keep the old file beside the new one.' },
      retries: {
        type: 'integer',
        minimum: 0,
        default: 3,
        description: 'Further tries of each address when a transfer breaks off.',
      },
      tmp_dest: {
        type: 'string',
        format: 'path',
        description: 'Folder for what is not all there yet. Default: beside dest.',
      },
      headers: { type: 'object', additionalProperties: { type: 'string' }, description: 'Headers to send.' },
      ...httpParams,
      ...attributeParams,
    },
    required: ['url', 'dest'],
    additionalProperties: false,
  },
  returns: {
    dest: 'where it is',
    url: 'where it came from',
    checksum_dest: 'SHA-1 of what was there before',
    checksum_src: 'SHA-1 of what was downloaded',
    md5sum: 'MD5 of what was downloaded',
    elapsed: 'seconds',
    size: 'bytes',
    mode: 'as it is now',
    owner: 'as it is now',
    group: 'as it is now',
    uid: 'as it is now',
    gid: 'as it is now',
    state: 'file',
    msg: 'OK and how many bytes, or that the file was there',
    status_code: "the server's answer",
    backup_file: 'where the old file was kept',
  },
  examples: [
    {
      title: 'A release, checked',
      yaml: `- get_url:\n    url: https://example.org/etcd-v3.4.14-linux-amd64.tar.gz\n    dest: /var/cache/etcd.tar.gz\n    checksum: sha256:https://example.org/SHA256SUMS`,
      cannotRun: 'needs the network',
    },
    {
      title: 'A file of the host itself',
      given: `- package: {name: curl}\n- copy: {dest: /tmp/tsplay-source, content: "hello\\n"}`,
      yaml: `- get_url:\n    url: file:///tmp/tsplay-source\n    dest: /tmp/tsplay-downloaded\n    checksum: sha256:5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03`,
    },
  ],
  check: (given) => void wantedOf(given as Params),
  async probe(host, given, controller): Promise<State> {
    const params = given as Params
    const wanted = wantedOf(params)
    const plain = params.dest.length > 1 ? params.dest.replace(/\/+$/, '') : params.dest
    const inside = posix.join(plain, urlBasename(params.url[0]!))
    const parent = posix.dirname(plain)
    const ask = (path: string) =>
      wanted ? host.maybe(digest, { path, algorithm: wanted.algorithm }) : Promise.resolve(null)
    const [me, temporary, own, within, ownDigest, withinDigest, above] = await Promise.all([
      host.read(identity, ''),
      params.tmp_dest === undefined ? undefined : host.stat(params.tmp_dest, { follow: true }),
      host.stat(plain, { follow: true }),
      host.stat(inside, { follow: true }),
      ask(plain),
      ask(inside),
      host.type(parent),
    ])
    const into = own?.type === 'directory'
    const there = into ? within : own
    const has = into ? withinDigest : ownDigest
    const base = {
      sha1: null,
      path: into ? inside : plain,
      there,
      folder: into || above === 'directory',
      wanted: wanted ?? { algorithm: 'sha256' as const },
      me,
      warnings: [] as string[],
    }
    if (temporary !== undefined && temporary?.type !== 'directory')
      return {
        ...base,
        has: null,
        failed: `tmp_dest ${params.tmp_dest} is ${temporary ? `a ${temporary.type}` : 'not there'}; it must be a folder.`,
      }
    if (params.dest.endsWith('/') && !into) return { ...base, has: null, failed: `The folder ${plain} does not exist.` }
    if (isUnknown(has)) return { ...base, has: null, unsure: has.reason }
    const state: State = { ...base, has }
    if (wanted?.url !== undefined && there) {
      const reply = await host.query(readChecksum(wanted.url, urlBasename(params.url[0]!), params), { volatile: true })
      const hex = reply.stdout.toString('latin1').trim().toLowerCase()
      if (reply.status === 0) state.wanted = { ...wanted, hex }
      else if (controller.checking) state.unsure = `the checksum file ${shownUrl(wanted.url)} cannot be read now`
      else
        throw new Problem(
          'download',
          `Cannot read the checksum file ${shownUrl(wanted.url)}: ${reply.stderr.toString('utf8').trim()}`,
        )
    }
    const differs = there ? differingAttributes(base.path, there, params).set : params
    const account = differs ? await unknownAccount(host, differs) : undefined
    if (account !== undefined && controller.checking) state.warnings.push(`${account} It must exist by then.`)
    else if (account !== undefined) state.failed = account
    if (params.backup && there) state.backup = backupName(base.path, new Date(), process.pid)
    if (!there || isRight(state, params) || controller.checking) return state
    // Told as Ansible does, once it is sure that the file goes.
    return { ...state, sha1: await host.digest(state.path, 'sha1') }
  },
  plan(state, given): Plan {
    const params = given as Params
    const { path, there, wanted, me } = state
    if (state.failed !== undefined) return { failed: state.failed }
    if (!state.folder)
      return {
        failed: `Destination folder ${posix.dirname(path)} does not exist.`,
        hint: makeFirst(posix.dirname(path)),
      }
    if (there && there.type !== 'file') return { failed: `${path} is a ${there.type}; a file cannot take its place.` }
    const urls = [...params.url, ...params.mirrors]
    const common = { url: shownUrl(urls[0]!), dest: path, state: 'file', elapsed: 0, warnings: undefined }
    if (there && isRight(state, params)) {
      const { set, changes } = differingAttributes(path, there, params)
      return {
        changes,
        steps: set ? [setAttributes(path, set)] : [],
        warnings: state.warnings,
        result: {
          ...common,
          ...attributeResult(there),
          ...set,
          msg: 'file already exists',
          checksum_dest: state.sha1,
        },
      }
    }
    const fresh = newAttributes(params, false)
    const differing = there ? differingAttributes(path, there, params).set : undefined
    const effect = {
      mode: there ? (differing?.mode ?? there.mode) : (fresh.mode ?? '0644'),
      owner: params.owner ?? (there ? there.owner : me.user),
      group: params.group ?? (there ? there.group : me.group),
    }
    const keep = there && (there.owner !== me.user || there.group !== me.group)
    const step = download({
      urls,
      dest: path,
      access: params.force ? { ...params, headers: { 'cache-control': 'no-cache', ...params.headers } } : params,
      temporary: params.tmp_dest,
      unsafe: params.unsafe_writes,
      algorithm: wanted.algorithm,
      checksum: wanted.hex,
      checksumUrl: wanted.url,
      retries: params.retries,
      backup: state.backup,
      effect,
      owner: params.owner ?? (keep ? String(there.uid) : undefined),
      group: params.group ?? (keep ? String(there.gid) : undefined),
    })
    const blind = there !== null && wanted.hex === undefined
    const unsure = state.unsure ?? (blind ? 'only the download shows whether the file is another one' : undefined)
    return {
      steps: [step],
      changes: [
        {
          path,
          before: there
            ? `(${there.size} bytes${state.has === null ? '' : `, ${wanted.algorithm} ${state.has}`})`
            : undefined,
          after: `(${shownUrl(urls[0]!)}${wanted.hex === undefined ? '' : `, ${wanted.algorithm} ${wanted.hex}`})`,
        },
      ],
      warnings: state.warnings,
      result: {
        ...common,
        ...effect,
        checksum_dest: state.sha1,
        ...(state.backup === undefined ? {} : { backup_file: state.backup }),
      },
      ...(blind ? { repeats: true } : {}),
      ...(unsure === undefined ? {} : { mayChange: unsure }),
    }
  },
  async after(host, plan, replies) {
    if (plan.steps?.[0]?.name !== 'download') return {}
    const [said, ...lines] = replies[0]!.stdout.toString('utf8').split('\n')
    if (said !== 'ok') {
      const why = lines.join('\n').trim() || replies[0]!.stderr.toString('utf8').trim()
      throw new Problem('download', `${why.charAt(0).toUpperCase()}${why.slice(1)}`, { hint: hintFor(why) })
    }
    const [url, code, , size, same, elapsed] = lines
    const path = String(plan.result!['dest'])
    const [there, md5, sha1] = await Promise.all([
      host.stat(path, { follow: true }),
      host.digest(path, 'md5'),
      host.digest(path, 'sha1'),
    ])
    return {
      url: url!,
      checksum_src: sha1,
      ...(there ? attributeResult(there) : {}),
      md5sum: md5,
      elapsed: Number(elapsed),
      size: Number(size),
      msg: `OK (${Number(size)} bytes)`,
      ...(code ? { status_code: Number(code) } : {}),
      ...(same === '1' ? { changed: false } : {}),
    }
  },
})

/** Whether nothing needs to be asked for. */
function isRight({ there, unsure, wanted, has }: State, { force }: Params): boolean {
  if (!there || unsure !== undefined) return false
  return wanted.hex === undefined ? wanted.url === undefined && !force : wanted.hex === has
}

function wantedOf(params: Pick<Params, 'checksum'>): Wanted | undefined {
  if (params.checksum === undefined) return undefined
  const at = params.checksum.indexOf(':')
  const algorithm = params.checksum.slice(0, at) as DigestAlgorithm
  const value = params.checksum.slice(at + 1)
  if (/^[a-z]+:\/\//i.test(value)) return { algorithm, url: value }
  const digits = { md5: 32, sha1: 40, sha224: 56, sha256: 64, sha384: 96, sha512: 128 }[algorithm]
  if (!new RegExp(`^[0-9a-fA-F]{${digits}}$`).test(value)) {
    throw new Misgiven(
      'checksum',
      `"${params.checksum}" is no checksum: ${algorithm} has ${digits} hexadecimal digits.`,
      { hint: 'Write ALGORITHM:DIGITS, or ALGORITHM:ADDRESS of a file with checksums.' },
    )
  }
  return { algorithm, hex: value.toLowerCase() }
}

function hintFor(why: string): string | undefined {
  if (/checksum/.test(why))
    return 'The file or the checksum is of another version, or the mirror is damaged: compare both with the publisher.'
  if (/resolve|connect/i.test(why)) return 'Look whether the host reaches that server (name, route, proxy).'
  return adviceOn(why)
}
