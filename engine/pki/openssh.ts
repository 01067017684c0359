import { createHash } from 'node:crypto'
import { Problem } from '../base/problem.ts'
import { generateKey, kindOfKey, loadKey, sayKind } from './key.ts'
import type { KeyRequest } from './request.ts'
import { sshPublicLine } from './ssh-public.ts'

/** ssh: OpenSSH's own. pkcs1: the PEM of a kind of its own (SEC1 for ecdsa); ed25519 has none. pkcs8: one for all kinds. */
export type SshKeyFormat = 'ssh' | 'pkcs1' | 'pkcs8'
export type SshKeyType = 'ed25519' | 'rsa' | 'ecdsa'

export interface SshKeyRequest {
  readonly type: SshKeyType
  /** rsa: 2048 to 16384, 4096 when left out; ecdsa: 256, 384 or 521, 256 when left out; nothing for ed25519. */
  readonly bits?: number
  readonly comment?: string
  /** Encrypts the private key (ssh: aes256-ctr, bcrypt; else aes-256-cbc). A secret. */
  readonly passphrase?: string
  /** Default: ssh. */
  readonly format?: SshKeyFormat
}

export interface SshKeyFacts {
  /** `ssh-ed25519`, `ssh-rsa`, `ecdsa-sha2-nistp256`, … */
  readonly algorithm: string
  readonly type: SshKeyType
  readonly bits: number
  readonly comment: string
  /** `ssh-ed25519 AAAA… comment`, without a line end. */
  readonly publicLine: string
  /** `SHA256:…`, as `ssh-keygen -l` shows it. */
  readonly fingerprint: string
}

export interface SshKeyPair extends SshKeyFacts {
  /** `-----BEGIN OPENSSH PRIVATE KEY-----` or as the format has it, with a line end. A secret. */
  readonly privateKey: string
}

interface Pair {
  private: string
  public: string
}

/** Two lengths of four bytes, the name, and 32 bytes of key. */
const ED25519_BLOB = 4 + 'ssh-ed25519'.length + 4 + 32
const blobOf = (line: string): Buffer => Buffer.from(line.trim().split(/\s+/)[1] ?? '', 'base64')

/** ssh2 takes as long to load as the rest of us: only when a key is wanted. */
const ssh2 = async () => (await import('ssh2')).default.utils

/** A new key pair. A size or format that does not do is a Problem 'pki'. */
export async function generateSshKey(request: SshKeyRequest): Promise<SshKeyPair> {
  const bits = checkBits(request)
  const { comment = '', passphrase } = request
  if (/[\r\n\0]/.test(comment))
    throw new Problem('pki', 'The comment of an SSH key has a line break', { hint: 'Write it in one line.' })
  const { format = 'ssh' } = request
  if (format !== 'ssh') return inPem({ ...request, ...(bits === undefined ? {} : { bits }) }, format, comment)
  const { generateKeyPair } = await ssh2()
  const options = {
    ...(bits === undefined ? {} : { bits }),
    comment,
    ...(passphrase ? { passphrase, cipher: 'aes256-ctr' } : {}),
  }
  const make = () =>
    new Promise<Pair>((resolve, reject) =>
      generateKeyPair(request.type as 'rsa', options as { bits: number }, (error, made) =>
        error ? reject(error) : resolve(made),
      ),
    )
  let pair = await make()
  // ssh2 1.17 cuts leading zero bytes off an Ed25519 public key, one of 256 keys: ssh then cannot read the pair.
  while (request.type === 'ed25519' && blobOf(pair.public).length !== ED25519_BLOB) pair = await make()
  return { privateKey: `${pair.private.trimEnd()}\n`, ...factsOf(pair.public, 'the new SSH key') }
}

async function inPem(
  { type, bits, passphrase }: SshKeyRequest,
  format: 'pkcs1' | 'pkcs8',
  comment: string,
): Promise<SshKeyPair> {
  if (format === 'pkcs1' && type === 'ed25519')
    throw new Problem('pki', 'An SSH key of the type ed25519 cannot be in the format pkcs1', {
      hint: 'Formats for ed25519 are: ssh, pkcs8 (which OpenSSH reads since 9.6).',
    })
  const key = await generateKey({ algo: type, size: bits ?? (type === 'rsa' ? 4096 : 256) } as KeyRequest)
  const kind = format === 'pkcs8' ? 'pkcs8' : type === 'rsa' ? 'pkcs1' : 'sec1'
  const sealed = passphrase ? { cipher: 'aes-256-cbc', passphrase } : {}
  const privateKey = key.export({ format: 'pem', type: kind, ...sealed } as { format: 'pem'; type: 'pkcs8' }).toString()
  return { privateKey, ...factsOf(`${sshPublicLine(key)} ${comment}`.trim(), 'the new SSH key') }
}

/** In which format a private key is; undefined: in none that is known. */
export function formatOfSshKey(privateKey: string): SshKeyFormat | undefined {
  const label = /-----BEGIN (.*?)PRIVATE KEY-----/.exec(privateKey)?.[1]?.trim()
  if (label === 'OPENSSH') return 'ssh'
  if (label === '' || label === 'ENCRYPTED') return 'pkcs8'
  return label === 'RSA' || label === 'EC' ? 'pkcs1' : undefined
}

/** What a private key of SSH's says of itself; PEM keys (PKCS#1, SEC1) too. A Problem 'pki' never quotes the key. */
export async function inspectSshKey(
  privateKey: string,
  options: { passphrase?: string; what?: string } = {},
): Promise<SshKeyFacts> {
  const { what = 'the SSH key', passphrase } = options
  // ssh2 reads no PKCS#8.
  if (formatOfSshKey(privateKey) === 'pkcs8') {
    const key = loadKey(privateKey, what, passphrase)
    const line = sshPublicLine(key)
    if (line !== undefined) return factsOf(line, what)
    throw new Problem('pki', `${what} is of the kind ${sayKind(kindOfKey(key))} in PKCS#8, which SSH does not read`, {
      hint: 'Convert it with ssh-keygen, or make a new one.',
    })
  }
  const { parseKey } = await ssh2()
  const parsed: unknown = parseKey(privateKey, passphrase)
  const key = (Array.isArray(parsed) ? parsed[0] : parsed) as
    | { type: string; comment: string; getPublicSSH(): Buffer }
    | Error
  if (key instanceof Error) {
    const encrypted = /passphrase|encrypt|bad decrypt|integrity/i.test(key.message)
    throw new Problem('pki', `${what.charAt(0).toUpperCase()}${what.slice(1)} cannot be read`, {
      hint: encrypted
        ? 'It is encrypted: give its passphrase, or the right one.'
        : 'Is it the private key, and is the file whole?',
    })
  }
  return factsOf(`${key.type} ${key.getPublicSSH().toString('base64')} ${key.comment ?? ''}`.trim(), what)
}

/**
 * Type, size, comment and fingerprint of a public line, as in `id_ed25519.pub` and `authorized_keys` without options.
 */
export function inspectSshPublic(line: string, what = 'the public SSH key'): SshKeyFacts {
  return factsOf(line, what)
}

function factsOf(line: string, what: string): SshKeyFacts {
  const [algorithm = '', body = '', ...words] = line.trim().split(/\s+/)
  const blob = blobOf(line)
  const fields = fieldsOf(blob)
  const type = typeOf(algorithm)
  if (!type || fields[0]?.toString('latin1') !== algorithm) {
    throw new Problem('pki', `${what.charAt(0).toUpperCase()}${what.slice(1)} is not a public key that SSH knows`, {
      hint: 'It is one line: a type such as ssh-ed25519, the key in base64, and a comment.',
    })
  }
  return {
    algorithm,
    type,
    bits: type === 'ed25519' ? 256 : type === 'rsa' ? bitLength(fields[2]!) : Number(/\d+$/.exec(algorithm)?.[0]),
    comment: words.join(' '),
    publicLine: [algorithm, body, ...words].join(' '),
    fingerprint: `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`,
  }
}

function typeOf(algorithm: string): SshKeyType | undefined {
  if (algorithm === 'ssh-ed25519') return 'ed25519'
  if (algorithm === 'ssh-rsa') return 'rsa'
  return /^ecdsa-sha2-nistp(256|384|521)$/.test(algorithm) ? 'ecdsa' : undefined
}

/** SSH's strings: each a length of four bytes and as many bytes. */
function fieldsOf(blob: Buffer): Buffer[] {
  const fields: Buffer[] = []
  for (let at = 0; at + 4 <= blob.length; ) {
    const end = at + 4 + blob.readUInt32BE(at)
    if (end > blob.length) return []
    fields.push(blob.subarray(at + 4, end))
    at = end
  }
  return fields
}

function bitLength(number: Buffer): number {
  const first = number.findIndex((byte) => byte !== 0)
  return first < 0 ? 0 : (number.length - first - 1) * 8 + (32 - Math.clz32(number[first]!))
}

function checkBits({ type, bits }: SshKeyRequest): number | undefined {
  const refuse = (sizes: string): never => {
    throw new Problem('pki', `An SSH key of the type ${type} cannot have ${bits} bits`, {
      hint: `Sizes for ${type} are: ${sizes}.`,
    })
  }
  if (type === 'ed25519') return bits === undefined || bits === 256 ? undefined : refuse('256, or leave it out')
  if (type === 'rsa') {
    const size = bits ?? 4096
    return Number.isInteger(size) && size >= 2048 && size <= 16384 ? size : refuse('2048 to 16384')
  }
  if (type === 'ecdsa') return [256, 384, 521].includes(bits ?? 256) ? (bits ?? 256) : refuse('256, 384 or 521')
  throw new Problem('pki', `There is no SSH key type ${JSON.stringify(type)}`, {
    hint: 'Types are: ed25519, rsa, ecdsa.',
  })
}
