import { Problem } from '../base/problem.ts'
import { authorityProfile } from './certificate.ts'
import { parseDuration, sayDuration } from './duration.ts'
import { defaultProfile, type Profile, parseSigningConfig, profileNamed } from './profiles.ts'
import { type CertificateRequest, parseRequest } from './request.ts'

/** A certificate as a playbook asks for it: cfssl's documents as texts or maps, and the names people know them by. */
export interface OrderParts {
  readonly csr: unknown
  /** The file's name, for errors. */
  readonly csrName?: string | undefined
  /** Left out: cfssl's own default profile. */
  readonly config?: unknown
  readonly configName?: string | undefined
  readonly profile?: string | undefined
  /** `30d`, `720h`. */
  readonly renewBefore?: string | undefined
}

export interface Order {
  readonly request: CertificateRequest
  readonly profile: Profile
  /** Milliseconds. */
  readonly renewBefore: number
}

const DAY = 24 * 3_600_000

/** A certificate that an authority signs. Throws a Problem 'pki'. */
export function parseOrder(parts: OrderParts): Order {
  const request = parseRequest(parts.csr, parts.csrName)
  if (parts.config === undefined && parts.profile !== undefined) {
    throw new Problem('pki', `The profile "${parts.profile}" is in no signing configuration: none is given`, {
      hint: 'Give it as config (a map) or config_file, or leave the profile out.',
    })
  }
  const profile =
    parts.config === undefined
      ? defaultProfile
      : profileNamed(parseSigningConfig(parts.config, parts.configName), parts.profile)
  return { request, profile, renewBefore: renewBefore(parts.renewBefore, profile) }
}

/** An authority that signs itself. Throws a Problem 'pki'. */
export function parseAuthorityOrder(parts: Pick<OrderParts, 'csr' | 'csrName' | 'renewBefore'>): Order {
  const request = parseRequest(parts.csr, parts.csrName)
  const profile = authorityProfile(request)
  return { request, profile, renewBefore: renewBefore(parts.renewBefore, profile) }
}

/** What is asked for, or 30 days; for certificates of a shorter life, a third of it. */
function renewBefore(given: string | undefined, profile: Profile): number {
  if (given === undefined) return Math.min(30 * DAY, profile.expiry / 3)
  const before = parseDuration(given, 'renew_before', { days: true })
  // Such a certificate would be due again as soon as it is made.
  if (before >= profile.expiry && !profile.notAfter) {
    const life = `the ${sayDuration(profile.expiry)} that the profile "${profile.name}" gives`
    throw new Problem('pki', `renew_before (${sayDuration(before)}) is not shorter than ${life}`, {
      hint: 'Shorten renew_before, or lengthen the expiry of the profile.',
    })
  }
  return before
}
