import type { X509Certificate } from 'node:crypto'
import { inspect } from './inspect.ts'

/**
 * Why a certificate does not lead to one of the authorities, in words; undefined: it does. `others` are certificates that may stand
 * between. Names, signatures, times and path lengths count; revocation is not looked at.
 */
export function brokenChain(
  certificate: X509Certificate,
  others: readonly X509Certificate[],
  authorities: readonly X509Certificate[],
  now: Date,
): string | undefined {
  const passed: X509Certificate[] = []
  let current = certificate
  for (;;) {
    if (authorities.some((authority) => authority.raw.equals(current.raw))) return undefined
    const root = issuerOf(current, authorities)
    if (root) return unfit(root, passed.length, now)
    const between = issuerOf(current, others)
    if (!between || between.raw.equals(current.raw) || passed.includes(between)) return unissued(current, authorities)
    const wrong = unfit(between, passed.length, now)
    if (wrong !== undefined) return wrong
    passed.push(between)
    current = between
  }
}

const issuerOf = (certificate: X509Certificate, candidates: readonly X509Certificate[]): X509Certificate | undefined =>
  candidates.find((candidate) => certificate.checkIssued(candidate) && certificate.verify(candidate.publicKey))

function unissued(certificate: X509Certificate, authorities: readonly X509Certificate[]): string {
  const { issuerText, issuerDer, subjectDer } = inspect(certificate)
  if (authorities.some((authority) => inspect(authority).subjectDer.equals(issuerDer)))
    return `it is not signed by the authority given, only by another one of the same name (${issuerText})`
  if (issuerDer.equals(subjectDer)) return 'it is signed by itself'
  return `it is signed by ${issuerText}, which is not the authority given`
}

/** Why an authority cannot vouch for what it signed, with so many authorities below it. */
function unfit(authority: X509Certificate, below: number, now: Date): string | undefined {
  const { subjectText, isCa, pathlen, notBefore, notAfter } = inspect(authority)
  if (!isCa) return `${subjectText}, which signed it, is no authority`
  if (pathlen !== undefined && below > pathlen) return `the authority ${subjectText} allows fewer authorities below it`
  if (notAfter <= now) return `the authority ${subjectText} has expired`
  return notBefore > now ? `the authority ${subjectText} is not yet valid` : undefined
}
