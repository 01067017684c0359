import { createPublicKey, type KeyObject } from 'node:crypto'

/** `ssh-ed25519 AAAA…` of a key, without a comment; undefined for kinds that SSH has no name for. */
export function sshPublicLine(key: KeyObject): string | undefined {
  const jwk = (key.type === 'private' ? createPublicKey(key) : key).export({ format: 'jwk' })
  const bytes = (field: string | undefined) => Buffer.from(field ?? '', 'base64url')
  if (jwk.kty === 'RSA') return line('ssh-rsa', number(bytes(jwk.e)), number(bytes(jwk.n)))
  if (jwk.kty === 'OKP' && jwk.crv === 'Ed25519') return line('ssh-ed25519', bytes(jwk.x))
  const size = /^P-(256|384|521)$/.exec(jwk.crv ?? '')?.[1]
  if (jwk.kty !== 'EC' || size === undefined) return undefined
  const point = Buffer.concat([Buffer.of(4), bytes(jwk.x), bytes(jwk.y)])
  return line(`ecdsa-sha2-nistp${size}`, Buffer.from(`nistp${size}`), point)
}

function line(algorithm: string, ...fields: readonly Buffer[]): string {
  const body = [Buffer.from(algorithm), ...fields].flatMap((field) => {
    const length = Buffer.alloc(4)
    length.writeUInt32BE(field.length)
    return [length, field]
  })
  return `${algorithm} ${Buffer.concat(body).toString('base64')}`
}

/** A high bit at the front would make it negative. */
const number = (bytes: Buffer): Buffer => (bytes[0]! >= 0x80 ? Buffer.concat([Buffer.of(0), bytes]) : bytes)
