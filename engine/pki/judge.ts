import type { X509Certificate } from 'node:crypto'
import { alternativeNames, sayAlternative } from './alternative-name.ts'
import { authorityProfile } from './certificate.ts'
import { encode } from './der.ts'
import { sayDuration } from './duration.ts'
import { type CertificateFacts, inspect } from './inspect.ts'
import { fits, loadKey, readCertificate, sayKind } from './key.ts'
import type { Profile } from './profiles.ts'
import type { CertificateRequest } from './request.ts'
import { encodeName, sayName, subjectOf } from './subject.ts'

export interface Judged {
  /** null: there is none. */
  readonly certPem: string | null
  /** null: there is none. Leave it out when the key is elsewhere and cannot be read. */
  readonly keyPem?: string | null
  readonly request: CertificateRequest
  /** Leave out, with `caCertPem`, for an authority that signs itself. */
  readonly profile?: Profile
  readonly caCertPem?: string
  /** Milliseconds before the end from which on to reissue. */
  readonly renewBefore: number
  readonly now?: Date
}

/** Why a certificate must be issued again, in words; empty: keep it. Never quotes a key. */
export function reasonsToReissue(given: Judged): string[] {
  if (given.certPem === null) return ['the certificate is missing']
  const reasons: string[] = []
  if (given.keyPem === null) reasons.push('the private key is missing')
  let x509: X509Certificate
  let facts: CertificateFacts
  try {
    x509 = readCertificate(given.certPem)
    facts = inspect(x509)
  } catch {
    return [...reasons, 'the certificate is unreadable']
  }
  reasons.push(...expiry(facts, given.renewBefore, given.now ?? new Date()), ...content(facts, given))
  if (given.caCertPem !== undefined) reasons.push(...signedBy(x509, facts, given.caCertPem))
  if (typeof given.keyPem === 'string') {
    try {
      if (!fits(loadKey(given.keyPem), x509)) reasons.push('the private key does not fit the certificate')
    } catch {
      reasons.push('the private key is unreadable')
    }
  }
  return reasons
}

function expiry(facts: CertificateFacts, renewBefore: number, now: Date): string[] {
  const left = facts.notAfter.getTime() - now.getTime()
  if (left <= 0) return [`it expired ${sayDuration(-left)} ago`]
  if (left > renewBefore) return []
  return [`it expires in ${sayDuration(left)}, which is within renew_before (${sayDuration(renewBefore)})`]
}

function content(facts: CertificateFacts, { request, profile: given }: Judged): string[] {
  const profile = given ?? authorityProfile(request)
  const reasons: string[] = []
  const subject = subjectOf(request)
  if (!encode(encodeName(subject)).equals(facts.subjectDer)) {
    reasons.push(
      `the subject differs: it is ${facts.subjectText || 'empty'}, asked for is ${sayName(subject) || 'an empty one'}`,
    )
  }
  const names = alternativeNames(request.hosts, profile.isCa).map(sayAlternative)
  reasons.push(...difference('SANs', facts.sans, names), ...difference('usages', facts.usages, profile.usages))
  const kind = { algo: facts.keyType, size: facts.keySize }
  if (sayKind(kind) !== sayKind(request.key)) {
    reasons.push(`the key type differs: it is ${sayKind(kind)}, asked for is ${sayKind(request.key)}`)
  }
  const role = (isCa: boolean, pathlen: number | undefined): string =>
    isCa ? `an authority${pathlen === undefined ? '' : ` with path length ${pathlen}`}` : 'no authority'
  const [is, asked] = [role(facts.isCa, facts.pathlen), role(profile.isCa, profile.pathlen)]
  if (is !== asked) reasons.push(`it is ${is}, asked for is ${asked}`)
  return reasons
}

function difference(what: string, are: readonly string[], asked: readonly string[]): string[] {
  const added = [...new Set(asked)].filter((one) => !are.includes(one))
  const gone = [...new Set(are)].filter((one) => !asked.includes(one))
  if (added.length + gone.length === 0) return []
  const parts = [
    ...(added.length > 0 ? [`added ${added.join(', ')}`] : []),
    ...(gone.length > 0 ? [`gone ${gone.join(', ')}`] : []),
  ]
  return [`the ${what} differ: ${parts.join('; ')}`]
}

function signedBy(x509: X509Certificate, facts: CertificateFacts, caCertPem: string): string[] {
  const ca = readCertificate(caCertPem, "the authority's certificate")
  const issuer = inspect(ca)
  if (facts.issuerDer.equals(issuer.subjectDer) && x509.verify(ca.publicKey)) return []
  const signer =
    facts.issuerText === issuer.subjectText
      ? `another key named ${facts.issuerText} signed it`
      : `${facts.issuerText} signed it, not ${issuer.subjectText}`
  return [`it is not signed by the given authority: ${signer}`]
}
