import type { X509Certificate } from 'node:crypto'
import { posix } from 'node:path'
import {
  content,
  defineModule,
  globPattern,
  type Host,
  isUnknown,
  isWild,
  Problem,
  pathsLike,
  pki,
  tree,
  Unknown,
} from 'tsplay'

interface Params {
  paths: string[]
  patterns: string[]
  recurse: boolean
  ca_path?: string[]
  warn_before: string
  fail_before?: string
}

type Validity = 'valid' | 'expiring' | 'expired' | 'not yet valid'

/** One certificate; what a dry run cannot know yet is unknown. */
interface Facts {
  path: string
  /** `user admin`, `cluster kubernetes` in a kubeconfig. */
  within: string | null
  subject: string | Unknown
  issuer: string | Unknown
  sans: readonly string[] | Unknown
  is_ca: boolean | Unknown
  not_before: string | Unknown
  not_after: string | Unknown
  /** Whole days, rounded down: -1 on the day after its end. */
  days_left: number | Unknown
  validity: Validity | Unknown
  serial_number: string | Unknown
  /** SHA-256, upper case with colons. */
  fingerprint: string | Unknown
  chain_ok: boolean | null | Unknown
  chain_error: string | null | Unknown
}

interface State {
  certificates: Facts[]
  /** What was named and holds no certificate, or cannot be read. */
  missing: string[]
  /** What was found in folders or by patterns, and cannot be read. */
  unreadable: { path: string; why: string }[]
  /** Those that end so soon that it is a failure. */
  failing: Facts[]
}

const DAY = 86_400_000

export default defineModule({
  summary: 'Tell when the certificates of a host end, and whether they are what they should be.',
  description:
    'Reads PEM and DER files, chains and bundles, and what kubeconfigs hold; private keys beside them are not looked at. Changes nothing. ' +
    'Files that are named must hold a certificate; of those found in a folder or by a wildcard, others are passed over.',
  groups: ['certificates'],
  params: {
    type: 'object',
    properties: {
      paths: {
        type: 'array',
        items: { type: 'string', format: 'path' },
        minItems: 1,
        aliases: ['path'],
        description: 'Files, folders, and wildcards such as /etc/kubernetes/*.conf.',
      },
      patterns: {
        type: 'array',
        items: { type: 'string' },
        default: ['*.crt', '*.cer', '*.pem', '*.conf', '*.kubeconfig'],
        aliases: ['pattern'],
        description: 'Which files of a folder are looked at.',
      },
      recurse: { type: 'boolean', default: false, description: 'Look in folders below too.' },
      ca_path: {
        type: 'array',
        items: { type: 'string', format: 'path' },
        description: 'Files of the host with the authorities that every certificate must lead to, one of them.',
      },
      warn_before: { type: 'string', default: '30d', description: 'Warn when less than this is left: 30d, 720h.' },
      fail_before: {
        type: 'string',
        description: 'Fail when less than this is left; 0 for those that have ended. Without it, nothing fails.',
      },
    },
    required: ['paths'],
    additionalProperties: false,
  },
  returns: {
    certificates:
      'path, within (such as "user admin", in a kubeconfig), subject, issuer, sans, is_ca, not_before, not_after (ISO 8601 in UTC), days_left, ' +
      'validity (valid, expiring, expired, not yet valid), serial_number (hex), fingerprint (SHA-256), chain_ok, chain_error; the first to end comes first',
    examined: 'how many certificates there are',
    days_left: 'of the first to end; null when there is none',
    unreadable: 'path and why, of files found that should hold a certificate',
    table: 'the same for people, a list of lines',
  },
  examples: [
    {
      title: 'When do the certificates of this host end?',
      given: `- file: {path: /etc/example, state: directory}\n- cert:\n    authority: example\n    csr: {CN: Example CA, key: {algo: ecdsa, size: 256}, ca: {expiry: 87600h}}\n    path: /etc/example/ca.crt\n- cert:\n    ca: example\n    csr: {CN: example, hosts: [localhost], key: {algo: ecdsa, size: 256}}\n    path: /etc/example/server.crt\n    key_path: /etc/example/server.key`,
      yaml: `- cert-facts:\n    paths: [/etc/example]\n    ca_path: /etc/example/ca.crt\n    fail_before: 7d\n  register: certificates\n- debug: {var: certificates.table}`,
    },
    {
      title: 'Those of a Kubernetes master, the kubeconfigs too',
      given: '- file: {path: /etc/kubernetes/pki, state: directory}',
      yaml: `- cert-facts:\n    paths: [/etc/kubernetes/pki, /etc/kubernetes/*.conf]\n    recurse: true\n    warn_before: 60d`,
    },
  ],
  async probe(host, given): Promise<State> {
    const params = given as Params
    const { parseDuration } = await pki()
    const soon = parseDuration(params.warn_before, 'warn_before', { days: true })
    const most =
      params.fail_before === undefined ? undefined : parseDuration(params.fail_before, 'fail_before', { days: true })
    const [sources, authorities] = await Promise.all([sourcesOf(host, params), authoritiesOf(host, params)])
    return survey(host, sources, authorities, { soon, most, now: new Date() })
  },
  plan({ certificates, missing, unreadable, failing }) {
    const result = {
      certificates,
      examined: certificates.length,
      days_left: certificates[0]?.days_left ?? null,
      unreadable,
      table: tableOf(certificates),
    }
    const warnings = [...unreadable.map(({ why }) => why), ...certificates.flatMap(complaints)]
    if (missing.length > 0)
      return { failed: missing.join('; '), hint: 'The task may need "become: true"; is the path right?', result }
    if (failing.length === 0) return { result, warnings }
    return {
      failed: failing.map((facts) => `${placeOf(facts)} ${endOf(facts)}`).join('; '),
      hint: 'Issue them again; see the module cert.',
      warnings: warnings.filter((_, index) => index < unreadable.length),
      result,
    }
  },
})

/** A file to read, and whether it was named itself. */
interface Source {
  readonly path: string
  readonly named: boolean
}

async function sourcesOf(host: Host, params: Params): Promise<Source[]> {
  const found = (await Promise.all(params.paths.map((path) => sourcesAt(host, path, params)))).flat()
  const once = new Map<string, Source>()
  for (const source of found) if (source.named || !once.has(source.path)) once.set(source.path, source)
  return [...once.values()]
}

async function sourcesAt(host: Host, path: string, params: Params): Promise<Source[]> {
  const clean = posix.normalize(path).replace(/(?<=.)\/$/, '')
  const wild = isWild(clean)
  const places = wild ? await pathsLike(host, clean) : [clean]
  const kinds = await Promise.all(places.map((place) => host.stat(place, { follow: true })))
  const sources = await Promise.all(
    places.map(async (place, index) =>
      kinds[index]?.type === 'directory'
        ? (await filesBelow(host, place, params)).map((file) => ({ path: file, named: false }))
        : [{ path: place, named: !wild }],
    ),
  )
  return sources.flat()
}

async function filesBelow(host: Host, folder: string, { patterns, recurse }: Params): Promise<string[]> {
  const fits = patterns.map(globPattern)
  const all = (await host.read(tree, { path: folder })) ?? []
  return all
    .filter(({ relative, type }) => ['file', 'link'].includes(type) && (recurse || !relative.includes('/')))
    .filter(({ relative }) => fits.some((pattern) => pattern.test(posix.basename(relative))))
    .map(({ relative }) => posix.join(folder, relative))
}

/** The authorities given; undefined: none are, or (in a dry run) nobody knows them yet. */
async function authoritiesOf(host: Host, { ca_path }: Params): Promise<X509Certificate[] | Unknown | undefined> {
  if (!ca_path) return undefined
  const { bundlesIn } = await pki()
  const files = await Promise.all(ca_path.map((path) => host.maybe(content, path)))
  const unknown = files.find(isUnknown)
  if (unknown) return unknown
  return files.flatMap((file, index) => {
    const found = file && !isUnknown(file) ? bundlesIn(file, ca_path[index]!) : []
    if (found.length > 0) return found.flatMap(({ certificates }) => certificates)
    throw new Problem('task-failed', `${ca_path[index]} (ca_path) ${file ? 'holds no certificate' : 'does not exist'}.`)
  })
}

interface Circumstances {
  /** Milliseconds. */
  readonly soon: number
  readonly most: number | undefined
  readonly now: Date
}

async function survey(
  host: Host,
  sources: readonly Source[],
  authorities: X509Certificate[] | Unknown | undefined,
  { soon, most, now }: Circumstances,
): Promise<State> {
  const state: State = { certificates: [], missing: [], unreadable: [], failing: [] }
  const read = await Promise.all(
    sources.map(({ path }) => host.maybe(content, path).catch((thrown: Error) => thrown as Error)),
  )
  const { bundlesIn } = await pki()
  for (const [index, { path, named }] of sources.entries()) {
    const file = read[index]!
    if (isUnknown(file)) {
      state.certificates.push(unknownFacts(path, new Unknown(file.reason)))
      continue
    }
    try {
      if (file instanceof Error) throw file
      const bundles = file ? bundlesIn(file, path) : []
      if (bundles.length === 0 && named)
        state.missing.push(file ? `${path} holds no certificate` : `${path} does not exist`)
      for (const { within, certificates } of bundles) {
        for (const certificate of certificates) {
          const facts = await factsOf(certificate, certificates, authorities, { soon, now })
          state.certificates.push({ path, within: within ?? null, ...facts })
        }
      }
    } catch (thrown) {
      const why = (thrown as Error).message
      if (named) state.missing.push(why)
      else state.unreadable.push({ path, why })
    }
  }
  state.certificates.sort((one, other) => endIn(one) - endIn(other))
  if (most !== undefined)
    state.failing = state.certificates.filter((facts) => endIn(facts) - now.getTime() < most || isExpired(facts))
  return state
}

async function factsOf(
  certificate: X509Certificate,
  others: readonly X509Certificate[],
  authorities: X509Certificate[] | Unknown | undefined,
  { soon, now }: { soon: number; now: Date },
): Promise<Omit<Facts, 'path' | 'within'>> {
  const { brokenChain, inspect } = await pki()
  const { subjectText, issuerText, sans, isCa, notBefore, notAfter, serial, fingerprint } = inspect(certificate)
  const left = notAfter.getTime() - now.getTime()
  const broken =
    authorities === undefined || isUnknown(authorities)
      ? authorities
      : (brokenChain(certificate, others, authorities, now) ?? null)
  return {
    subject: subjectText,
    issuer: issuerText,
    sans,
    is_ca: isCa,
    not_before: moment(notBefore),
    not_after: moment(notAfter),
    days_left: Math.floor(left / DAY),
    validity: left <= 0 ? 'expired' : notBefore > now ? 'not yet valid' : left < soon ? 'expiring' : 'valid',
    serial_number: serial,
    fingerprint,
    chain_ok: broken === undefined ? null : isUnknown(broken) ? broken : broken === null,
    chain_error: broken ?? null,
  }
}

function unknownFacts(path: string, why: Unknown): Facts {
  return {
    path,
    within: null,
    subject: why,
    issuer: why,
    sans: why,
    is_ca: why,
    not_before: why,
    not_after: why,
    days_left: why,
    validity: why,
    serial_number: why,
    fingerprint: why,
    chain_ok: why,
    chain_error: why,
  }
}

const moment = (date: Date): string => `${date.toISOString().slice(0, 19)}Z`
const isExpired = ({ validity }: Facts): boolean => validity === 'expired'
const endIn = ({ not_after }: Facts): number =>
  isUnknown(not_after) ? Number.POSITIVE_INFINITY : Date.parse(not_after)
const placeOf = ({ path, within }: Facts): string => (within === null ? path : `${path} (${within})`)

/** `ends in 12 days (2026-01-31T10:00:00Z)`, `ended 3 days ago (…)`. */
function endOf({ days_left, not_after }: Facts): string {
  const days = Number(days_left)
  const count = Math.abs(days < 0 ? days + 1 : days)
  const said = `${count} ${count === 1 ? 'day' : 'days'}`
  return days < 0 ? `ended ${said} ago (${not_after})` : `ends in ${said} (${not_after})`
}

function complaints(facts: Facts): string[] {
  const place = placeOf(facts)
  return [
    ...(facts.validity === 'expired' || facts.validity === 'expiring' ? [`${place} ${endOf(facts)}.`] : []),
    ...(facts.validity === 'not yet valid' ? [`${place} is not valid before ${facts.not_before}.`] : []),
    ...(facts.chain_ok === false ? [`${place}: ${facts.chain_error}.`] : []),
  ]
}

function tableOf(certificates: readonly Facts[]): string[] {
  const rows = certificates.map((facts) => {
    if (isUnknown(facts.not_after)) return [placeOf(facts), '', '', '', 'not known yet']
    const chain = facts.chain_ok === false ? ', wrong authority' : ''
    return [placeOf(facts), facts.subject, facts.not_after, facts.days_left, `${facts.validity}${chain}`].map(String)
  })
  const lines = [['certificate', 'subject', 'ends', 'days left', 'state'], ...rows]
  const widths = lines[0]!.map((_, column) => Math.max(...lines.map((cells) => cells[column]!.length)))
  return lines.map((cells) =>
    cells
      .map((cell, column) => (column === 3 ? cell.padStart(widths[3]!) : cell.padEnd(widths[column]!)))
      .join('  ')
      .trimEnd(),
  )
}
