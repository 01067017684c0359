import { Problem } from '../base/problem.ts'
import { hintOfChoice } from './choice.ts'
import { parseDuration } from './duration.ts'
import { fieldsOf, flagOf, numberOf, readJson, textOf, textsOf } from './fields.ts'

export type KeyAlgorithm = 'rsa' | 'ecdsa' | 'ed25519'

export interface KeyRequest {
  readonly algo: KeyAlgorithm
  /** Bits: 2048 to 8192 for rsa; 256, 384 or 521 for ecdsa; 256 for ed25519. */
  readonly size: number
}

/** Part of a subject; several make multi-valued names, as in cfssl. */
export interface NameParts {
  readonly C?: string
  readonly ST?: string
  readonly L?: string
  readonly O?: string
  readonly OU?: string
  /** An e-mail address. cfssl knows it since 1.6. */
  readonly E?: string
}

/** What the `ca` section of a request asks of a self-signed authority. */
export interface AuthorityRequest {
  /** Milliseconds. */
  readonly expiry: number
  /** How many further authorities may follow below; undefined: any number. */
  readonly pathlen: number | undefined
}

/** cfssl's CSR JSON, read and checked. */
export interface CertificateRequest {
  readonly CN: string
  readonly hosts: readonly string[]
  readonly key: KeyRequest
  readonly names: readonly NameParts[]
  readonly serialNumber: string
  /** What of it has no effect, as sentences: cfssl reads some fields and leaves them out of the certificate. */
  readonly notes: readonly string[]
  readonly ca?: AuthorityRequest
}

const NAME_FIELDS = ['C', 'ST', 'L', 'O', 'OU', 'E', 'SerialNumber'] as const
const ALGORITHMS: readonly KeyAlgorithm[] = ['rsa', 'ecdsa', 'ed25519']
/** What cfssl gives an authority that asks for nothing: five years. */
export const AUTHORITY_EXPIRY = 43_800 * 3_600_000

/**
 * Reads cfssl's CSR JSON, as text or as the map it stands for. `what` names it in errors.
 * Unknown fields, wrong types, key algorithms and sizes are a Problem 'pki'.
 */
export function parseRequest(input: unknown, what = 'the certificate request'): CertificateRequest {
  const fields = fieldsOf(readJson(input, what), what, ['CN', 'hosts', 'key', 'names', 'ca', 'serialnumber'])
  const names = fields.names ?? []
  if (!Array.isArray(names))
    throw new Problem('pki', `names of ${what} is not a list`, { hint: 'Write names: [{C: …, O: …}].' })
  const hosts = textsOf(fields.hosts, `hosts of ${what}`)
  const empty = hosts.indexOf('')
  if (empty >= 0) {
    throw new Problem('pki', `hosts[${empty}] of ${what} is empty`, {
      hint: 'Leave it out: a certificate for a client needs no hosts.',
    })
  }
  const parsed = names.map((part, index) => parseName(part, `names[${index}] of ${what}`))
  return {
    CN: textOf(fields.CN, `CN of ${what}`),
    hosts,
    key: parseKey(fields.key, `key of ${what}`),
    names: parsed.map(({ name }) => name),
    serialNumber: textOf(fields.serialnumber, `serialnumber of ${what}`),
    notes: parsed.flatMap(({ note }) => note ?? []),
    ...(fields.ca === undefined ? {} : { ca: parseAuthority(fields.ca, `ca of ${what}`) }),
  }
}

function parseName(input: unknown, what: string): { name: NameParts; note: string | undefined } {
  const fields = fieldsOf(input, what, NAME_FIELDS)
  const name: Record<string, string> = {}
  for (const field of ['C', 'ST', 'L', 'O', 'OU', 'E'] as const) {
    const value = textOf(fields[field], `${field} of ${what}`)
    if (value !== '') name[field] = value
  }
  const serial = textOf(fields.SerialNumber, `SerialNumber of ${what}`)
  const note = `SerialNumber in ${what} has no effect: only "serialnumber" beside "CN" becomes part of the subject.`
  return { name, note: serial === '' ? undefined : note }
}

function parseKey(input: unknown, what: string): KeyRequest {
  if (input === undefined) return { algo: 'ecdsa', size: 256 }
  const fields = fieldsOf(input, what, ['algo', 'size'])
  const algo = fields.algo ?? 'ecdsa'
  if (!ALGORITHMS.includes(algo as KeyAlgorithm)) {
    throw new Problem('pki', `${what} has the algorithm ${JSON.stringify(algo)}, which does not exist`, {
      hint: hintOfChoice(algo, ALGORITHMS, 'Algorithms'),
    })
  }
  // Without a size, cfssl takes 256 for every algorithm and then refuses it for rsa.
  const size = numberOf(fields.size, `size of ${what}`) || (algo === 'rsa' ? 0 : 256)
  const allowed = {
    rsa: { fits: size >= 2048 && size <= 8192, sizes: '2048 to 8192' },
    ecdsa: { fits: [256, 384, 521].includes(size), sizes: '256, 384 or 521' },
    ed25519: { fits: size === 256, sizes: '256, or leave it out' },
  }[algo as KeyAlgorithm]
  if (!allowed.fits) {
    throw new Problem(
      'pki',
      `${what} has ${size === 0 ? 'no size' : `the size ${size}`}, which does not do for ${algo}`,
      {
        hint: `Sizes for ${algo} are: ${allowed.sizes}.`,
      },
    )
  }
  return { algo: algo as KeyAlgorithm, size }
}

function parseAuthority(input: unknown, what: string): AuthorityRequest {
  const fields = fieldsOf(input, what, ['expiry', 'pathlen', 'pathlenzero', 'backdate'])
  if (fields.backdate !== undefined) {
    throw new Problem('pki', `${what} has a backdate, which is not supported for an authority`, {
      hint: 'Leave it out: five minutes.',
    })
  }
  const expiry =
    fields.expiry === undefined || fields.expiry === ''
      ? AUTHORITY_EXPIRY
      : parseDuration(fields.expiry, `expiry of ${what}`)
  if (expiry <= 0)
    throw new Problem('pki', `expiry of ${what} is not positive`, { hint: 'Write "87600h" for ten years.' })
  const length = numberOf(fields.pathlen, `pathlen of ${what}`)
  if (length < -1)
    throw new Problem('pki', `pathlen of ${what} is ${length}`, { hint: 'Write 1 or more, or pathlenzero: true.' })
  const zero = flagOf(fields.pathlenzero, `pathlenzero of ${what}`)
  return { expiry, pathlen: pathLength(length, zero) }
}

/** cfssl's pair of fields as one: 0 counts only when it is said to be meant; a number beats pathlenzero. */
export function pathLength(length: number, zero: boolean): number | undefined {
  if (length > 0) return length
  return length === 0 && zero ? 0 : undefined
}
