import { Problem } from '../base/problem.ts'
import { type Der, ia5, oid, sequence, utf8 } from './der.ts'
import { fieldsOf, textOf } from './fields.ts'

/** A certificate policy (RFC 5280, 4.2.1.4) as a signing profile names it. */
export interface Policy {
  readonly id: string
  readonly qualifiers: readonly { readonly type: 'id-qt-cps' | 'id-qt-unotice'; readonly value: string }[]
}

const QUALIFIERS = { 'id-qt-cps': '1.3.6.1.5.5.7.2.1', 'id-qt-unotice': '1.3.6.1.5.5.7.2.2' } as const

export function parsePolicies(input: unknown, what: string): Policy[] {
  if (!Array.isArray(input)) throw new Problem('pki', `${what} is not a list`)
  return input.map((part, index) => {
    const fields = fieldsOf(part, `${what}[${index}]`, ['id', 'qualifiers'])
    const id = textOf(fields.id, `id of ${what}[${index}]`)
    if (!/^[0-2](\.\d+)+$/.test(id)) {
      throw new Problem('pki', `id of ${what}[${index}] is ${JSON.stringify(id)}, which is not an object identifier`, {
        hint: 'Write numbers with dots, such as "1.3.6.1.4.1.11129".',
      })
    }
    const qualifiers = fields.qualifiers ?? []
    if (!Array.isArray(qualifiers)) throw new Problem('pki', `qualifiers of ${what}[${index}] is not a list`)
    return { id, qualifiers: qualifiers.map((one) => parseQualifier(one, `${what}[${index}]`)) }
  })
}

function parseQualifier(input: unknown, what: string): Policy['qualifiers'][number] {
  const fields = fieldsOf(input, `a qualifier of ${what}`, ['type', 'value'])
  const type = textOf(fields.type, `type of a qualifier of ${what}`)
  if (type !== 'id-qt-cps' && type !== 'id-qt-unotice') {
    throw new Problem('pki', `a qualifier of ${what} has the type ${JSON.stringify(type)}`, {
      hint: 'Types are: id-qt-cps, id-qt-unotice.',
    })
  }
  return { type, value: textOf(fields.value, `value of a qualifier of ${what}`) }
}

/** The value of the CertificatePolicies extension. */
export function encodePolicies(policies: readonly Policy[]): Der {
  return sequence(
    ...policies.map(({ id, qualifiers }) =>
      sequence(
        oid(id),
        ...(qualifiers.length === 0
          ? []
          : [
              sequence(
                ...qualifiers.map(({ type, value }) =>
                  sequence(oid(QUALIFIERS[type]), type === 'id-qt-cps' ? ia5(value) : sequence(utf8(value))),
                ),
              ),
            ]),
      ),
    ),
  )
}
