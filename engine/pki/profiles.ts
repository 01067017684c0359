import { Problem } from '../base/problem.ts'
import { hintOfChoice } from './choice.ts'
import { parseDuration } from './duration.ts'
import { fieldsOf, flagOf, numberOf, readJson, textOf, textsOf } from './fields.ts'
import { type Policy, parsePolicies } from './policy.ts'
import { pathLength } from './request.ts'
import { usageNamed } from './usage.ts'

/**
 * How certificates of one kind are signed: a profile of cfssl's signing configuration, with the default's values
 * filled in.
 */
export interface Profile {
  readonly name: string
  /** Each under its one name (`digital signature`, never `signing`), in the order given. */
  readonly usages: readonly string[]
  /** Milliseconds from notBefore to notAfter. */
  readonly expiry: number
  /** Milliseconds by which notBefore lies before now. */
  readonly backdate: number
  readonly notBefore?: Date
  readonly notAfter?: Date
  readonly isCa: boolean
  readonly pathlen: number | undefined
  readonly issuerUrls: readonly string[]
  readonly ocspUrl: string
  readonly crlUrl: string
  readonly ocspNoCheck: boolean
  readonly policies: readonly Policy[]
  readonly nameWhitelist?: RegExp
}

export interface SigningConfig {
  readonly default: Profile
  readonly profiles: ReadonlyMap<string, Profile>
}

const BACKDATE = 5 * 60_000
const FIELDS = [
  'expiry',
  'usages',
  'ca_constraint',
  'backdate',
  'not_before',
  'not_after',
  'issuer_urls',
  'ocsp_url',
  'crl_url',
  'ocsp_no_check',
  'policies',
  'name_whitelist',
  'auth_key',
  'allowed_extensions',
  'cert_store',
  'remote',
  'auth_remote',
  'ct_log_servers',
  'copy_extensions',
  'lint_error_level',
  'ignored_lints',
  'ignored_lint_sources',
  'csrwhitelist',
  'clientprovidesserialnumbers',
] as const

/** What cfssl signs with when no configuration is given, or one without a default: a year, for servers and clients. */
export const defaultProfile: Profile = {
  ...bare('default'),
  usages: ['digital signature', 'key encipherment', 'server auth', 'client auth'],
  expiry: 8760 * 3_600_000,
}

/** Reads cfssl's signing configuration, as JSON text or as the map it stands for. Mistakes are a Problem 'pki'. */
export function parseSigningConfig(input: unknown, what = 'the signing configuration'): SigningConfig {
  const whole = fieldsOf(readJson(input, what), what, ['signing', 'auth_keys', 'remotes', 'ocsp'])
  if (whole.signing === undefined) {
    throw new Problem('pki', `${what} has no "signing" section`, {
      hint: 'Write {"signing": {"default": …, "profiles": {…}}}.',
    })
  }
  const signing = fieldsOf(whole.signing, `signing of ${what}`, ['default', 'profiles'])
  const base =
    signing.default === undefined
      ? defaultProfile
      : parseProfile('default', signing.default, `the default profile of ${what}`)
  const profiles = new Map<string, Profile>()
  const given = signing.profiles ?? {}
  if (typeof given !== 'object' || Array.isArray(given)) throw new Problem('pki', `profiles of ${what} is not a map`)
  for (const [name, body] of Object.entries(given)) {
    const profile = parseProfile(name, body, `the profile "${name}" of ${what}`)
    if (profile.usages.length === 0) {
      throw new Problem('pki', `the profile "${name}" of ${what} has no usages`, {
        hint: 'Such as ["signing", "key encipherment", "server auth"].',
      })
    }
    profiles.set(name, {
      ...profile,
      issuerUrls: profile.issuerUrls.length > 0 ? profile.issuerUrls : base.issuerUrls,
      ocspUrl: profile.ocspUrl || base.ocspUrl,
      crlUrl: profile.crlUrl || base.crlUrl,
    })
  }
  return { default: base, profiles }
}

/**
 * The profile of a name; without one, the default, which must then have usages. cfssl takes the default for any
 * unknown name.
 */
export function profileNamed(config: SigningConfig, name?: string): Profile {
  const known = [...config.profiles.keys()]
  const profile = name === undefined || name === '' ? config.default : config.profiles.get(name)
  if (!profile) {
    throw new Problem('pki', `There is no signing profile "${name}"`, {
      hint: hintOfChoice(name, known, 'Profiles'),
    })
  }
  if (profile.usages.length === 0) {
    throw new Problem('pki', 'The default signing profile has no usages, so it cannot sign', {
      hint: known.length > 0 ? `Name a profile: ${known.join(', ')}.` : 'Give it usages.',
    })
  }
  return profile
}

function parseProfile(name: string, input: unknown, what: string): Profile {
  const fields = fieldsOf(input, what, FIELDS)
  for (const field of [
    'remote',
    'auth_remote',
    'ct_log_servers',
    'csrwhitelist',
    'clientprovidesserialnumbers',
  ] as const) {
    if (fields[field] === undefined || (Array.isArray(fields[field]) && fields[field].length === 0)) continue
    throw new Problem('pki', `${what} has "${field}", which is for a signing service`, {
      hint: 'Certificates are signed here with the key of the authority; leave the field out.',
    })
  }
  const constraint = fieldsOf(fields.ca_constraint ?? {}, `ca_constraint of ${what}`, [
    'is_ca',
    'max_path_len',
    'max_path_len_zero',
  ])
  const isCa = flagOf(constraint.is_ca, `is_ca of ${what}`)
  const expiry = parseDuration(fields.expiry ?? '', `expiry of ${what}`)
  if (expiry <= 0) throw new Problem('pki', `expiry of ${what} is not positive`, { hint: 'Write "8760h" for a year.' })
  const notBefore = momentOf(fields.not_before, `not_before of ${what}`)
  const notAfter = momentOf(fields.not_after, `not_after of ${what}`)
  if (notBefore && notAfter && notAfter <= notBefore) {
    throw new Problem('pki', `${what} ends before it begins`, { hint: 'not_after must be later than not_before.' })
  }
  const whitelist = textOf(fields.name_whitelist, `name_whitelist of ${what}`)
  const backdate = fields.backdate ? parseDuration(fields.backdate, `backdate of ${what}`) : 0
  return {
    ...bare(name),
    usages: textsOf(fields.usages, `usages of ${what}`).map((usage) => usageNamed(usage, what)),
    expiry,
    backdate: backdate || BACKDATE,
    ...(notBefore ? { notBefore } : {}),
    ...(notAfter ? { notAfter } : {}),
    isCa,
    pathlen: isCa
      ? pathLength(
          numberOf(constraint.max_path_len, `max_path_len of ${what}`),
          flagOf(constraint.max_path_len_zero, `max_path_len_zero of ${what}`),
        )
      : undefined,
    issuerUrls: textsOf(fields.issuer_urls, `issuer_urls of ${what}`),
    ocspUrl: textOf(fields.ocsp_url, `ocsp_url of ${what}`),
    crlUrl: textOf(fields.crl_url, `crl_url of ${what}`),
    ocspNoCheck: flagOf(fields.ocsp_no_check, `ocsp_no_check of ${what}`),
    policies: parsePolicies(fields.policies ?? [], `policies of ${what}`),
    ...(whitelist === '' ? {} : { nameWhitelist: patternOf(whitelist, `name_whitelist of ${what}`) }),
  }
}

function bare(name: string): Profile {
  return {
    name,
    usages: [],
    expiry: 0,
    backdate: BACKDATE,
    isCa: false,
    pathlen: undefined,
    issuerUrls: [],
    ocspUrl: '',
    crlUrl: '',
    ocspNoCheck: false,
    policies: [],
  }
}

function momentOf(value: unknown, what: string): Date | undefined {
  if (value === undefined) return undefined
  const written = textOf(value, what)
  const date = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(written)
    ? new Date(written)
    : new Date(Number.NaN)
  if (Number.isNaN(date.getTime())) {
    throw new Problem('pki', `${what} is ${JSON.stringify(written)}, which is not a moment`, {
      hint: 'Write it as "2030-01-31T00:00:00Z".',
    })
  }
  return date
}

function patternOf(written: string, what: string): RegExp {
  try {
    return new RegExp(written, 'u')
  } catch {
    throw new Problem('pki', `${what} is not a regular expression: ${written}`)
  }
}
