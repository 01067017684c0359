import { type KeyObject, randomBytes, sign as signWith } from 'node:crypto'
import { promisify } from 'node:util'
import { Problem } from '../base/problem.ts'
import { alternativeNames } from './alternative-name.ts'
import { bits, type Der, decode, encode, integer, nothing, oid, sequence, tagged, time } from './der.ts'
import { encodeExtensions, keyId } from './extension.ts'
import { inspect } from './inspect.ts'
import { fits, generateKey, keyPem, kindOfKey, loadKey, publicOf, readCertificate, sayKind } from './key.ts'
import { defaultProfile, type Profile } from './profiles.ts'
import { AUTHORITY_EXPIRY, type CertificateRequest } from './request.ts'
import { encodeName, sayName, subjectOf } from './subject.ts'

export interface Authority {
  readonly certPem: string
  readonly keyPem: string
}

export interface Issued {
  readonly certPem: string
  /** A secret: mask it, keep it out of results and diffs. */
  readonly keyPem: string
}

export interface IssueOptions {
  readonly request: CertificateRequest
  /** Who signs; without one, the certificate signs itself and is an authority (cfssl's `-initca`). */
  readonly ca?: Authority
  /** How; for an authority's own certificate it comes out of the request's `ca` section. */
  readonly profile?: Profile
  /** An existing private key to go on with; without one a new key is made. */
  readonly keyPem?: string
  readonly now?: Date
}

const sign = promisify(signWith)
const SIGNATURES = {
  rsa: { sha256: '1.2.840.113549.1.1.11', sha384: '1.2.840.113549.1.1.12', sha512: '1.2.840.113549.1.1.13' },
  ecdsa: { sha256: '1.2.840.10045.4.3.2', sha384: '1.2.840.10045.4.3.3', sha512: '1.2.840.10045.4.3.4' },
} as const

/**
 * Issues a certificate with the facts that cfssl gives it: RFC 5280 as Go's crypto/x509 writes it.
 * Throws a Problem 'pki' when the request, the profile and the authority do not go together.
 */
export async function issue(options: IssueOptions): Promise<Issued> {
  const { request } = options
  const profile = options.ca ? (options.profile ?? defaultProfile) : authorityProfile(request)
  if (options.ca && request.ca) {
    throw new Problem(
      'pki',
      `The request for ${nameOf(request)} has a "ca" section, which is for self-signed authorities only`,
      {
        hint: 'Leave the section out; for an authority below another, use a profile with ca_constraint.is_ca.',
      },
    )
  }
  checkNames(request, profile)
  const issuer = options.ca ? readAuthority(options.ca, options.now ?? new Date()) : undefined
  if (issuer?.pathlen === 0 && profile.isCa) {
    throw new Problem('pki', `The authority ${issuer.text} allows no authority below it (path length 0)`, {
      hint: 'Sign with a profile without ca_constraint.is_ca, or make the authority with a larger pathlen.',
    })
  }
  const key =
    options.keyPem === undefined
      ? await generateKey(request.key)
      : loadKey(options.keyPem, `the private key of ${nameOf(request)}`)
  if (sayKind(kindOfKey(key)) !== sayKind(request.key)) {
    const kinds = `of the kind ${sayKind(kindOfKey(key))}, asked for is ${sayKind(request.key)}`
    throw new Problem('pki', `The private key given for ${nameOf(request)} is ${kinds}`, {
      hint: 'Ask for what the key is, or leave the key out to have a new one made.',
    })
  }
  const names = subjectOf(request)
  const subject = encodeName(names)
  const subjectKeyId = keyId(key)
  const signer = issuer?.key ?? key
  const { hash, algorithm } = signatureOf(signer)
  const selfNamed = !issuer || encode(issuer.name).equals(encode(subject))
  const extensions = encodeExtensions({
    profile,
    names: alternativeNames(request.hosts, profile.isCa),
    subjectIsEmpty: names.length === 0,
    subjectKeyId,
    // Go leaves the authority's identifier out where issuer and subject have one name.
    authorityKeyId: selfNamed ? undefined : issuer.subjectKeyId,
  })
  const toBeSigned = sequence(
    tagged(0, [integer(2)]),
    integer(serialNumber()),
    algorithm,
    issuer?.name ?? subject,
    validity(profile, options.now ?? new Date()),
    subject,
    decode(publicOf(key).export({ format: 'der', type: 'spki' })),
    tagged(3, [extensions]),
  )
  const signature = await sign(hash, encode(toBeSigned), signer)
  const der = encode(sequence(toBeSigned, algorithm, bits(signature)))
  return { certPem: certificatePem(der), keyPem: options.keyPem ?? keyPem(key) }
}

/** The profile of an authority that signs itself: what cfssl's `-initca` does with the request's `ca` section. */
export function authorityProfile(request: CertificateRequest): Profile {
  if (request.CN === '' && (request.names.length === 0 || request.names.some(isBlank))) {
    throw new Problem('pki', 'The request for an authority has no subject', {
      hint: 'Give it a CN, or names with C, ST, L, O or OU.',
    })
  }
  return {
    ...defaultProfile,
    name: 'initca',
    usages: ['cert sign', 'crl sign'],
    expiry: request.ca?.expiry ?? AUTHORITY_EXPIRY,
    isCa: true,
    pathlen: request.ca?.pathlen,
  }
}

function certificatePem(der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? []
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`
}

/** How a request is called in errors. */
export const nameOf = (request: CertificateRequest): string =>
  request.CN || sayName(subjectOf(request)) || 'a nameless subject'

function isBlank(name: CertificateRequest['names'][number]): boolean {
  return [name.C, name.ST, name.L, name.O, name.OU].every((part) => (part ?? '').trim() === '')
}

function checkNames(request: CertificateRequest, profile: Profile): void {
  if (profile.usages.length === 0) {
    throw new Problem('pki', `The signing profile "${profile.name}" has no usages`, {
      hint: 'Such as ["signing", "key encipherment", "server auth"].',
    })
  }
  const { nameWhitelist } = profile
  if (!nameWhitelist) return
  const names = alternativeNames(request.hosts, profile.isCa).filter(({ kind }) => kind === 'DNS' || kind === 'email')
  for (const name of [...(request.CN ? [request.CN] : []), ...names.map(({ value }) => value)]) {
    if (nameWhitelist.test(name)) continue
    throw new Problem('pki', `The name "${name}" is not allowed by the signing profile "${profile.name}"`, {
      hint: `Its name_whitelist is ${nameWhitelist.source}.`,
    })
  }
}

interface Issuer {
  readonly key: KeyObject
  readonly name: Der
  readonly text: string
  readonly subjectKeyId: Buffer | undefined
  readonly pathlen: number | undefined
}

function readAuthority(ca: Authority, now: Date): Issuer {
  const certificate = readCertificate(ca.certPem, "the authority's certificate")
  const facts = inspect(certificate)
  const key = loadKey(ca.keyPem, `the private key of the authority ${facts.subjectText}`)
  if (!fits(key, certificate)) {
    throw new Problem('pki', `The private key does not fit the certificate of the authority ${facts.subjectText}`, {
      hint: 'Give the key that belongs to it; is it that of another authority?',
    })
  }
  if (!facts.isCa) {
    throw new Problem('pki', `${facts.subjectText} is not an authority: its certificate says CA:FALSE`, {
      hint: 'Sign with a certificate made with initca, or by a profile with ca_constraint.is_ca.',
    })
  }
  if (facts.notAfter <= now) {
    throw new Problem('pki', `The authority ${facts.subjectText} expired on ${facts.notAfter.toISOString()}`, {
      hint: 'Renew it first: what it signs now, nobody accepts.',
    })
  }
  return {
    key,
    name: decode(facts.subjectDer),
    text: facts.subjectText,
    subjectKeyId:
      facts.subjectKeyId === undefined ? undefined : Buffer.from(facts.subjectKeyId.replaceAll(':', ''), 'hex'),
    pathlen: facts.pathlen,
  }
}

/** The digest goes by the strength of the key that signs, in cfssl's steps. */
function signatureOf(key: KeyObject): { hash: string | null; algorithm: Der } {
  const kind = kindOfKey(key)
  if (kind.algo === 'ed25519') return { hash: null, algorithm: sequence(oid('1.3.101.112')) }
  if (kind.algo === 'rsa' && kind.size >= 2048) {
    const hash = kind.size >= 4096 ? 'sha512' : kind.size >= 3072 ? 'sha384' : 'sha256'
    return { hash, algorithm: sequence(oid(SIGNATURES.rsa[hash]), nothing()) }
  }
  const hash = ({ 256: 'sha256', 384: 'sha384', 521: 'sha512' } as const)[kind.size]
  if (
    kind.algo === 'ecdsa' &&
    hash &&
    ['prime256v1', 'secp384r1', 'secp521r1'].includes(key.asymmetricKeyDetails?.namedCurve ?? '')
  ) {
    return { hash, algorithm: sequence(oid(SIGNATURES.ecdsa[hash])) }
  }
  throw new Problem('pki', `A key of the kind ${sayKind(kind)} cannot sign certificates`, {
    hint: 'Use rsa with 2048 bits or more, ecdsa with 256, 384 or 521, or ed25519.',
  })
}

/**
 * From five minutes ago, by the minute, as cfssl does; not cut at the authority's own end, which cfssl does not
 * either.
 */
function validity(profile: Profile, now: Date): Der {
  const minute = 60_000
  const rounded = Math.floor((now.getTime() + minute / 2) / minute) * minute
  const from = profile.notBefore ?? new Date(rounded - profile.backdate)
  const to = profile.notAfter ?? new Date(from.getTime() + profile.expiry)
  if (to.getUTCFullYear() > 9999) {
    throw new Problem('pki', `The signing profile "${profile.name}" ends after the year 9999`, {
      hint: 'Choose a shorter expiry.',
    })
  }
  return sequence(time(from), time(to))
}

/** 159 random bits: positive, and the most that 20 bytes hold. */
function serialNumber(): Buffer {
  const bytes = randomBytes(20)
  bytes[0]! &= 0x7f
  return bytes
}
