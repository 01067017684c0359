import { Problem } from '../base/problem.ts'
import { type Der, dotted, ia5, oid, parts, printable, sequence, set, text, utf8 } from './der.ts'
import type { CertificateRequest } from './request.ts'

/** One attribute of a subject or issuer: `O=Kubernetes`. */
export interface Attribute {
  readonly type: string
  readonly value: string
}

const TYPES: readonly (readonly [type: string, id: string])[] = [
  ['C', '2.5.4.6'],
  ['ST', '2.5.4.8'],
  ['L', '2.5.4.7'],
  ['street', '2.5.4.9'],
  ['postalCode', '2.5.4.17'],
  ['O', '2.5.4.10'],
  ['OU', '2.5.4.11'],
  ['CN', '2.5.4.3'],
  ['serialNumber', '2.5.4.5'],
  ['E', '1.2.840.113549.1.9.1'],
]
const ids = new Map(TYPES)
const types = new Map(TYPES.map(([type, id]) => [id, type]))

/** A request's subject, grouped as Go groups it: one set for all countries, one for all provinces, and so on. */
export function subjectOf(request: CertificateRequest): Attribute[][] {
  const group = (type: 'C' | 'ST' | 'L' | 'O' | 'OU'): Attribute[] =>
    request.names.flatMap((name) => (name[type] ? [{ type, value: name[type] }] : []))
  return [
    ...(['C', 'ST', 'L', 'O', 'OU'] as const).map(group),
    request.CN ? [{ type: 'CN', value: request.CN }] : [],
    request.serialNumber ? [{ type: 'serialNumber', value: request.serialNumber }] : [],
    ...request.names.flatMap((name) => (name.E ? [[{ type: 'E', value: name.E }]] : [])),
  ].filter((attributes) => attributes.length > 0)
}

/** PrintableString for what its alphabet can say, else UTF8String; Go counts neither `*` nor `&` to it. */
export function encodeName(groups: readonly (readonly Attribute[])[]): Der {
  const value = (attribute: Attribute): Der => {
    if (attribute.type === 'E') return ia5(asciiOf(attribute.value))
    return /^[A-Za-z0-9 '()+,\-./:=?]*$/.test(attribute.value) ? printable(attribute.value) : utf8(attribute.value)
  }
  return sequence(
    ...groups.map((attributes) => set(...attributes.map((one) => sequence(oid(ids.get(one.type)!), value(one))))),
  )
}

/** The attributes of an encoded name, set by set; a type without a short name is its object identifier. */
export function decodeName(name: Der): Attribute[][] {
  return parts(name).map((group) =>
    parts(group).map((attribute) => {
      const [type, value] = parts(attribute)
      const id = dotted(type)
      return { type: types.get(id) ?? id, value: text(value!) }
    }),
  )
}

/** `C=CN, O=Kubernetes, CN=kubernetes`; a `+` joins the attributes of one set, in an order of their own. */
export function sayName(groups: readonly (readonly Attribute[])[]): string {
  const guarded = (value: string): string => value.replace(/([\\,+"])/g, '\\$1')
  return groups
    .map((attributes) =>
      attributes
        .map(({ type, value }) => `${type}=${guarded(value)}`)
        .sort()
        .join(' + '),
    )
    .join(', ')
}

function asciiOf(value: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the whole of ASCII is meant
  if (/^[\x00-\x7f]*$/.test(value)) return value
  throw new Problem('pki', `The e-mail address "${value}" has letters that a certificate cannot hold`, {
    hint: 'Write the domain in its ASCII form (xn--…).',
  })
}
