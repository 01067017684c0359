import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  pbkdf2,
  pbkdf2Sync,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto'
import { promisify } from 'node:util'
import type { SealedText } from './sealed-text.ts'

/** What a password and a salt give: one key for the content, one for the check sum, and where counting begins. */
export interface Keys {
  readonly cipher: Buffer
  readonly hmac: Buffer
  readonly counter: Buffer
}

const ROUNDS = 10_000
const KEY = 32
const COUNTER = 16
const LENGTH = 2 * KEY + COUNTER
const inThread = promisify(pbkdf2)

/** In a thread of its own: some ten milliseconds of work. */
export async function deriveKeys(password: string, salt: Buffer): Promise<Keys> {
  return cut(await inThread(password, salt, ROUNDS, LENGTH, 'sha256'))
}

export function deriveKeysSync(password: string, salt: Buffer): Keys {
  return cut(pbkdf2Sync(password, salt, ROUNDS, LENGTH, 'sha256'))
}

function cut(bytes: Buffer): Keys {
  return {
    cipher: bytes.subarray(0, KEY),
    hmac: bytes.subarray(KEY, 2 * KEY),
    counter: bytes.subarray(2 * KEY),
  }
}

/** The content; undefined when the check sum is another: a wrong password, or a changed text. */
export function decrypt(sealed: SealedText, keys: Keys): Buffer | undefined {
  const hmac = createHmac('sha256', keys.hmac).update(sealed.ciphertext).digest()
  if (!timingSafeEqual(hmac, sealed.hmac)) return undefined
  const decipher = createDecipheriv('aes-256-ctr', keys.cipher, keys.counter)
  const padded = Buffer.concat([decipher.update(sealed.ciphertext), decipher.final()])
  return padded.subarray(0, padded.length - padded.at(-1)!)
}

export async function encrypt(
  plain: Buffer,
  password: string,
  label: string | undefined,
  salt: Buffer = randomBytes(KEY),
): Promise<SealedText> {
  const keys = await deriveKeys(password, salt)
  // Padded as for a block cipher, though counting needs none: the format says so.
  const padding = 16 - (plain.length % 16)
  const cipher = createCipheriv('aes-256-ctr', keys.cipher, keys.counter)
  const ciphertext = Buffer.concat([
    cipher.update(plain),
    cipher.update(Buffer.alloc(padding, padding)),
    cipher.final(),
  ])
  return { label, salt, hmac: createHmac('sha256', keys.hmac).update(ciphertext).digest(), ciphertext }
}
