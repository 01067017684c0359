import type { X509Certificate } from 'node:crypto'
import { Problem } from '../base/problem.ts'
import { decodeNames } from './alternative-name.ts'
import { content, type Der, decode, dotted, encode, isTag, isType, parts } from './der.ts'
import { extensionIds } from './extension.ts'
import { kindOfKey, readCertificate } from './key.ts'
import { type Attribute, decodeName, sayName } from './subject.ts'
import { extendedUsages, keyUsages } from './usage.ts'

export interface CertificateFacts {
  /** Set by set, in the certificate's order. */
  readonly subject: readonly (readonly Attribute[])[]
  readonly subjectText: string
  /** The encoded subject, for exact comparison. */
  readonly subjectDer: Buffer
  readonly issuer: readonly (readonly Attribute[])[]
  readonly issuerText: string
  readonly issuerDer: Buffer
  /** `DNS:localhost`, `IP:127.0.0.1`, `email:a@b.c`, `URI:spiffe://a/b`. */
  readonly sans: readonly string[]
  /** cfssl's names, key usages first; an extended usage without a name is its object identifier. */
  readonly usages: readonly string[]
  readonly notBefore: Date
  readonly notAfter: Date
  readonly keyType: string
  /** Bits. */
  readonly keySize: number
  readonly isCa: boolean
  readonly pathlen: number | undefined
  /** Hexadecimal, upper case. */
  readonly serial: string
  /** SHA-256 of the certificate, upper case with colons, as `openssl x509 -fingerprint -sha256` shows it. */
  readonly fingerprint: string
  readonly subjectKeyId: string | undefined
  readonly authorityKeyId: string | undefined
}

/** What a certificate says, of any key type. Throws a Problem 'pki' when it cannot be read; `what` names it. */
export function inspect(certificate: string | X509Certificate, what = 'the certificate'): CertificateFacts {
  const x509 = readCertificate(certificate, what)
  try {
    return factsOf(x509)
  } catch (cause) {
    throw new Problem('pki', `What ${what} says cannot be read`, {
      hint: 'It is not well-formed; issue it again.',
      cause,
    })
  }
}

function factsOf(x509: X509Certificate): CertificateFacts {
  const fields = parts(parts(decode(x509.raw))[0])
  // The version comes first and may be left out (version 1).
  const [, , issuer, , subject] = isTag(fields[0], 0) ? fields.slice(1) : fields
  const extensions = readExtensions(fields.find((field) => isTag(field, 3)))
  const constraints = parts(extensions.get(extensionIds.basicConstraints) ?? ({ value: [] } as unknown as Der))
  const isCa = isType(constraints[0], 'BOOLEAN') && content(constraints[0])[0] !== 0
  const length = constraints.find((part) => isType(part, 'INTEGER'))
  const kind = kindOfKey(x509.publicKey)
  const names = extensions.get(extensionIds.alternativeNames)
  const own = extensions.get(extensionIds.subjectKeyId)
  const authority = extensions.get(extensionIds.authorityKeyId)
  const authorityId = authority && parts(authority).find((part) => isTag(part, 0))
  return {
    subject: decodeName(subject!),
    subjectText: sayName(decodeName(subject!)),
    subjectDer: encode(subject!),
    issuer: decodeName(issuer!),
    issuerText: sayName(decodeName(issuer!)),
    issuerDer: encode(issuer!),
    sans: names ? decodeNames(parts(names)) : [],
    usages: [
      ...usagesIn(extensions.get(extensionIds.keyUsage)),
      ...purposesIn(extensions.get(extensionIds.extendedUsage)),
    ],
    notBefore: new Date(x509.validFrom),
    notAfter: new Date(x509.validTo),
    keyType: kind.algo,
    keySize: kind.size,
    isCa,
    pathlen: isCa && length ? content(length).readUIntBE(0, Math.min(6, content(length).length)) : undefined,
    serial: x509.serialNumber,
    fingerprint: x509.fingerprint256,
    subjectKeyId: own && colons(content(own)),
    authorityKeyId: authorityId && colons(content(authorityId)),
  }
}

/** Extension values, decoded, by object identifier. */
function readExtensions(field: Der | undefined): Map<string, Der> {
  const found = new Map<string, Der>()
  if (!field) return found
  for (const extension of parts(parts(field)[0])) {
    const [id, ...rest] = parts(extension)
    found.set(dotted(id), decode(content(rest.at(-1))))
  }
  return found
}

function usagesIn(value: Der | undefined): string[] {
  if (!value) return []
  const bytes = content(value).subarray(1)
  return Object.entries(keyUsages).flatMap(([name, bit]) =>
    (bytes[bit >> 3] ?? 0) & (0x80 >> (bit & 7)) ? [name] : [],
  )
}

function purposesIn(value: Der | undefined): string[] {
  if (!value) return []
  const names = new Map(Object.entries(extendedUsages).map(([name, id]) => [id, name]))
  return parts(value).map((part) => names.get(dotted(part)) ?? dotted(part))
}

const colons = (bytes: Buffer): string =>
  bytes
    .toString('hex')
    .toUpperCase()
    .replace(/(..)(?!$)/g, '$1:')
