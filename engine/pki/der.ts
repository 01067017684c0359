import asn1 from 'node-forge/lib/asn1.js'

/** A node of an ASN.1 tree, as node-forge keeps it. */
export type Der = ReturnType<typeof asn1.create>

const { UNIVERSAL, CONTEXT_SPECIFIC } = asn1.Class
const { Type } = asn1

const plain = (type: number, bytes: Buffer | string): Der =>
  asn1.create(UNIVERSAL, type, false, typeof bytes === 'string' ? bytes : bytes.toString('latin1'))

export const sequence = (...parts: Der[]): Der => asn1.create(UNIVERSAL, Type.SEQUENCE, true, parts)
export const oid = (dotted: string): Der => plain(Type.OID, asn1.oidToDer(dotted).getBytes())
export const boolean = (value: boolean): Der => plain(Type.BOOLEAN, value ? '\xff' : '\x00')
export const nothing = (): Der => plain(Type.NULL, '')
export const octets = (bytes: Buffer): Der => plain(Type.OCTETSTRING, bytes)
export const ia5 = (text: string): Der => plain(Type.IA5STRING, Buffer.from(text, 'latin1'))
export const utf8 = (text: string): Der => plain(Type.UTF8, Buffer.from(text, 'utf8'))
export const printable = (text: string): Der => plain(Type.PRINTABLESTRING, text)

/** A SET OF, in the order DER asks for: by the encoded bytes. */
export function set(...parts: Der[]): Der {
  const sorted = parts.map((part) => ({ part, bytes: encode(part) })).sort((a, b) => Buffer.compare(a.bytes, b.bytes))
  return asn1.create(
    UNIVERSAL,
    Type.SET,
    true,
    sorted.map(({ part }) => part),
  )
}

/** A positive INTEGER out of big-endian bytes. */
export function integer(bytes: Buffer | number): Der {
  if (typeof bytes === 'number') return plain(Type.INTEGER, asn1.integerToDer(bytes).getBytes())
  let start = 0
  while (start < bytes.length - 1 && bytes[start] === 0) start += 1
  const short = bytes.subarray(start)
  return plain(Type.INTEGER, short[0]! >= 0x80 ? Buffer.concat([Buffer.of(0), short]) : short)
}

/** A BIT STRING; `unused` is how many bits of the last byte do not count. */
export const bits = (bytes: Buffer, unused = 0): Der => plain(Type.BITSTRING, Buffer.concat([Buffer.of(unused), bytes]))

/** A context-specific tag around parts, or in place of the type of plain bytes. */
export const tagged = (tag: number, content: Der[] | Buffer): Der =>
  Array.isArray(content)
    ? asn1.create(CONTEXT_SPECIFIC, tag, true, content)
    : asn1.create(CONTEXT_SPECIFIC, tag, false, content.toString('latin1'))

/** UTCTime to the end of 2049, GeneralizedTime after it (RFC 5280, 4.1.2.5). Whole seconds. */
export function time(date: Date): Der {
  const digits = `${date.toISOString().slice(0, 19).replace(/[-:T]/g, '')}Z`
  const year = date.getUTCFullYear()
  return year >= 1950 && year < 2050 ? plain(Type.UTCTIME, digits.slice(2)) : plain(Type.GENERALIZEDTIME, digits)
}

export const encode = (node: Der): Buffer => Buffer.from(asn1.toDer(node).getBytes(), 'latin1')

/** Throws an Error of node-forge's when the bytes are not DER. */
export const decode = (bytes: Buffer): Der =>
  asn1.fromDer(bytes.toString('latin1'), { strict: true, decodeBitStrings: false } as never)

/** The parts of a constructed node; throws when it is a plain one. */
export function parts(node: Der | undefined): Der[] {
  if (!Array.isArray(node?.value)) throw new Error('a constructed ASN.1 value was expected')
  return node.value
}

/** The bytes of a plain node; throws when it is a constructed one. */
export function content(node: Der | undefined): Buffer {
  if (typeof node?.value !== 'string') throw new Error('a plain ASN.1 value was expected')
  return Buffer.from(node.value, 'latin1')
}

export const dotted = (node: Der | undefined): string => asn1.derToOid(content(node).toString('latin1'))
export const isTag = (node: Der | undefined, tag: number): boolean =>
  node !== undefined && node.tagClass === CONTEXT_SPECIFIC && (node.type as number) === tag

/** The text of a string type: UTF-8, BMP (two bytes a character), or one byte a character. */
export function text(node: Der): string {
  const bytes = content(node)
  if (node.type === Type.UTF8) return bytes.toString('utf8')
  if (node.type === Type.BMPSTRING) return Buffer.from(bytes).swap16().toString('utf16le')
  return bytes.toString('latin1')
}

export function isType(node: Der | undefined, name: 'BOOLEAN' | 'INTEGER' | 'SEQUENCE'): boolean {
  return node !== undefined && node.tagClass === UNIVERSAL && node.type === Type[name]
}
