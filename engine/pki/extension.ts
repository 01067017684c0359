import { createHash, type KeyObject } from 'node:crypto'
import { type AlternativeName, encodeNames } from './alternative-name.ts'
import {
  bits,
  boolean,
  content,
  type Der,
  decode,
  encode,
  integer,
  nothing,
  octets,
  oid,
  parts,
  sequence,
  tagged,
} from './der.ts'
import { publicOf } from './key.ts'
import { encodePolicies } from './policy.ts'
import type { Profile } from './profiles.ts'
import { extendedUsages, keyUsages } from './usage.ts'

export const extensionIds = {
  subjectKeyId: '2.5.29.14',
  keyUsage: '2.5.29.15',
  alternativeNames: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  crlPoints: '2.5.29.31',
  policies: '2.5.29.32',
  authorityKeyId: '2.5.29.35',
  extendedUsage: '2.5.29.37',
  authorityInfo: '1.3.6.1.5.5.7.1.1',
  ocspNoCheck: '1.3.6.1.5.5.7.48.1.5',
} as const

export interface ExtensionParts {
  readonly profile: Profile
  readonly names: readonly AlternativeName[]
  /** Without a subject, the names are all there is, so they are critical (RFC 5280, 4.2.1.6). */
  readonly subjectIsEmpty: boolean
  readonly subjectKeyId: Buffer
  readonly authorityKeyId: Buffer | undefined
}

/** The extensions in the order in which Go, and with it cfssl, writes them. */
export function encodeExtensions(given: ExtensionParts): Der {
  const { profile, names } = given
  const usageBits = profile.usages.flatMap((usage) => keyUsages[usage] ?? [])
  const purposes = profile.usages.flatMap((usage) => extendedUsages[usage] ?? [])
  const all: Der[] = []
  const add = (id: string, critical: boolean, value: Der): void => {
    all.push(sequence(oid(id), ...(critical ? [boolean(true)] : []), octets(encode(value))))
  }
  if (usageBits.length > 0) add(extensionIds.keyUsage, true, flags(usageBits))
  if (purposes.length > 0) add(extensionIds.extendedUsage, false, sequence(...purposes.map(oid)))
  add(extensionIds.basicConstraints, true, constraints(profile))
  add(extensionIds.subjectKeyId, false, octets(given.subjectKeyId))
  if (given.authorityKeyId) add(extensionIds.authorityKeyId, false, sequence(tagged(0, given.authorityKeyId)))
  const access = [
    ...(profile.ocspUrl ? [sequence(oid('1.3.6.1.5.5.7.48.1'), tagged(6, Buffer.from(profile.ocspUrl)))] : []),
    ...profile.issuerUrls.map((url) => sequence(oid('1.3.6.1.5.5.7.48.2'), tagged(6, Buffer.from(url)))),
  ]
  if (access.length > 0) add(extensionIds.authorityInfo, false, sequence(...access))
  if (names.length > 0) add(extensionIds.alternativeNames, given.subjectIsEmpty, encodeNames(names))
  if (profile.crlUrl) {
    const point = tagged(0, [tagged(0, [tagged(6, Buffer.from(profile.crlUrl))])])
    add(extensionIds.crlPoints, false, sequence(sequence(point)))
  }
  if (profile.policies.length > 0) add(extensionIds.policies, false, encodePolicies(profile.policies))
  if (profile.ocspNoCheck) add(extensionIds.ocspNoCheck, false, nothing())
  return sequence(...all)
}

/** SHA-1 of the public key's bits: what cfssl and Go take for a subject key identifier. */
export function keyId(key: KeyObject): Buffer {
  const info = decode(publicOf(key).export({ format: 'der', type: 'spki' }))
  return createHash('sha1')
    .update(content(parts(info)[1]).subarray(1))
    .digest()
}

function constraints(profile: Profile): Der {
  if (!profile.isCa) return sequence()
  return sequence(boolean(true), ...(profile.pathlen === undefined ? [] : [integer(profile.pathlen)]))
}

/** A named bit list: the first bit is the highest of the first byte, and zeros at the end are left out. */
function flags(set: readonly number[]): Der {
  const last = Math.max(...set)
  const bytes = Buffer.alloc((last >> 3) + 1)
  for (const bit of set) bytes[bit >> 3]! |= 0x80 >> (bit & 7)
  return bits(bytes, 7 - (last & 7))
}
