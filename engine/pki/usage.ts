import { Problem } from '../base/problem.ts'
import { hintOfChoice } from './choice.ts'

/** Bits of the KeyUsage extension (RFC 5280, 4.2.1.3), counted from the first, under cfssl's names. */
export const keyUsages: Readonly<Record<string, number>> = {
  'digital signature': 0,
  'content commitment': 1,
  'key encipherment': 2,
  'data encipherment': 3,
  'key agreement': 4,
  'cert sign': 5,
  'crl sign': 6,
  'encipher only': 7,
  'decipher only': 8,
}

/** Object identifiers of the ExtendedKeyUsage extension, under cfssl's names. */
export const extendedUsages: Readonly<Record<string, string>> = {
  any: '2.5.29.37.0',
  'server auth': '1.3.6.1.5.5.7.3.1',
  'client auth': '1.3.6.1.5.5.7.3.2',
  'code signing': '1.3.6.1.5.5.7.3.3',
  'email protection': '1.3.6.1.5.5.7.3.4',
  'ipsec end system': '1.3.6.1.5.5.7.3.5',
  'ipsec tunnel': '1.3.6.1.5.5.7.3.6',
  'ipsec user': '1.3.6.1.5.5.7.3.7',
  timestamping: '1.3.6.1.5.5.7.3.8',
  'ocsp signing': '1.3.6.1.5.5.7.3.9',
  'microsoft sgc': '1.3.6.1.4.1.311.10.3.3',
  'netscape sgc': '2.16.840.1.113730.4.1',
}

/** Second names. cfssl of 2016, Debian's, knows content commitment only with its slip of the pen. */
const aliases: Readonly<Record<string, string>> = {
  signing: 'digital signature',
  'content committment': 'content commitment',
  's/mime': 'email protection',
}

export const knownUsages: readonly string[] = [
  ...Object.keys(keyUsages),
  ...Object.keys(extendedUsages),
  ...Object.keys(aliases),
].sort()

/**
 * The one name of a usage, `digital signature` for `signing`. An unknown one is a Problem 'pki'; `where` is for
 * people.
 */
export function usageNamed(name: unknown, where: string): string {
  if (typeof name === 'string') {
    const one = Object.hasOwn(aliases, name) ? aliases[name]! : name
    if (Object.hasOwn(keyUsages, one) || Object.hasOwn(extendedUsages, one)) return one
  }
  throw new Problem('pki', `${where} has the usage ${JSON.stringify(name)}, which does not exist`, {
    hint: hintOfChoice(name, knownUsages, 'Usages'),
  })
}
