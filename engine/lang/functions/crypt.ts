import { createHash } from 'node:crypto'
import { WrongArgument } from './function.ts'

const letters = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

interface Kind {
  readonly mark: string
  readonly salt: number
  make(password: Buffer, salt: Buffer, rounds: number): string
}

const digest = (algorithm: string, ...parts: (Buffer | string)[]) => {
  const hash = createHash(algorithm)
  for (const part of parts) hash.update(part)
  return hash.digest()
}

/** So many bytes of a text said over and over. */
const repeated = (text: Buffer, length: number) =>
  Buffer.concat([...Array<Buffer>(Math.floor(length / text.length)).fill(text), text.subarray(0, length % text.length)])

/** Ulrich Drepper's "Unix crypt using SHA-256 and SHA-512", the specification of 2007. */
function sha(algorithm: 'sha256' | 'sha512', order: readonly (readonly number[])[]) {
  return (password: Buffer, salt: Buffer, rounds: number): string => {
    const empty = Buffer.alloc(0)
    const other = digest(algorithm, password, salt, password)
    const parts = [password, salt, password.length === 0 ? empty : repeated(other, password.length)]
    for (let bits = password.length; bits > 0; bits >>= 1) parts.push(bits & 1 ? other : password)
    let sum = digest(algorithm, ...parts)
    const p = repeated(digest(algorithm, ...Array<Buffer>(password.length).fill(password)), password.length)
    const s = repeated(digest(algorithm, ...Array<Buffer>(16 + sum[0]!).fill(salt)), salt.length)
    for (let round = 0; round < rounds; round++) {
      const odd = round % 2 === 1
      sum = digest(algorithm, odd ? p : sum, round % 3 ? s : empty, round % 7 ? p : empty, odd ? sum : p)
    }
    return order.map((bytes) => inLetters(bytes.map((index) => sum[index]!))).join('')
  }
}

/** Three bytes, the most significant first, in four letters, the least significant first. */
function inLetters(bytes: readonly number[]): string {
  let value = bytes.reduce((all, byte) => (all << 8) | byte, 0)
  let made = ''
  for (let left = Math.ceil((bytes.length * 8) / 6); left > 0; left--) {
    made += letters[value & 0x3f]
    value >>= 6
  }
  return made
}

/** The bytes of a digest three by three, each third turned against the others; then what is left. */
function turned(size: number, step: number, turn: number, last: readonly number[]): number[][] {
  const rows: number[][] = []
  for (let index = 0; index < step; index++) {
    const three = [index, index + step, index + 2 * step]
    const by = (index * turn) % 3
    rows.push([three[by % 3]!, three[(by + 1) % 3]!, three[(by + 2) % 3]!])
  }
  return size > 3 * step ? [...rows, [...last]] : rows
}

function md5(password: Buffer, salt: Buffer): string {
  const other = digest('md5', password, salt, password)
  const parts: Buffer[] = [password, Buffer.from('$1$'), salt, repeated(other, password.length)]
  for (let bits = password.length; bits > 0; bits >>= 1)
    parts.push(bits & 1 ? Buffer.alloc(1) : password.subarray(0, 1))
  let sum = digest('md5', ...parts)
  const empty = Buffer.alloc(0)
  for (let round = 0; round < 1000; round++) {
    const odd = round % 2 === 1
    sum = digest(
      'md5',
      odd ? password : sum,
      round % 3 ? salt : empty,
      round % 7 ? password : empty,
      odd ? sum : password,
    )
  }
  const order = [[0, 6, 12], [1, 7, 13], [2, 8, 14], [3, 9, 15], [4, 10, 5], [11]]
  return order.map((bytes) => inLetters(bytes.map((index) => sum[index]!))).join('')
}

const kinds: Readonly<Record<string, Kind>> = {
  sha512: { mark: '6', salt: 16, make: sha('sha512', turned(64, 21, 1, [63])) },
  sha256: { mark: '5', salt: 16, make: sha('sha256', turned(32, 10, 2, [31, 30])) },
  md5: { mark: '1', salt: 8, make: md5 },
}

function kindOf(name: string): Kind {
  const kind = Object.hasOwn(kinds, name) ? kinds[name] : undefined
  if (kind) return kind
  throw new WrongArgument(`password_hash knows no type ${name}`, undefined, 'Known are sha512, sha256 and md5.')
}

/** The longest salt, in characters. */
export const saltLength = (kind: string): number => kindOf(kind).salt

/** crypt(3): `$6$salt$…`; 5000 rounds unless given, at least 1000 and at most 999,999,999. */
export function crypt(password: string, kind: string, salt: string, rounds?: number | null): string {
  const { mark, make } = kindOf(kind)
  const count = Math.min(Math.max(rounds ?? 5000, 1000), 999_999_999)
  const said = rounds === undefined || rounds === null || mark === '1' ? '' : `rounds=${count}$`
  return `$${mark}$${said}${salt}$${make(Buffer.from(password), Buffer.from(salt), count)}`
}
