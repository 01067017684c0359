import { createHash, getHashes, randomInt } from 'node:crypto'
import { crypt, saltLength } from './crypt.ts'
import { define, WrongArgument } from './function.ts'

function hash(value: string, algorithm: string): string {
  const name = algorithm.toLowerCase().replaceAll('_', '-')
  const known = new Set(getHashes())
  const found = [name, name.replace('-', ''), name.replace('-', '').replace('sha3', 'sha3-')].find((one) =>
    known.has(one),
  )
  if (!found)
    throw new WrongArgument(
      `hash knows no algorithm ${algorithm}`,
      undefined,
      'Usual ones are sha256, sha512, sha1, md5.',
    )
  return createHash(found).update(value).digest('hex')
}

const saltLetters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789./'

export function randomText(length: number, letters: string): string {
  const characters = [...letters]
  return Array.from({ length }, () => characters[randomInt(characters.length)]).join('')
}

export function passwordHash(
  password: string,
  type = 'sha512',
  salt?: string | null,
  saltSize?: number,
  rounds?: number,
) {
  const kind = type.replace(/_crypt$/, '')
  const most = saltLength(kind)
  const wanted = salt ?? randomText(saltSize ?? most, saltLetters)
  if (!/^[./0-9A-Za-z]*$/.test(wanted))
    throw new WrongArgument(
      'password_hash: the salt has other characters than letters, digits, . and /',
      undefined,
      'Leave it out, and one is made.',
    )
  if (wanted.length > most)
    throw new WrongArgument(`password_hash: the salt has more than ${most} characters`, undefined, 'Shorten it.')
  return crypt(password, kind, wanted, rounds)
}

export const hashes = [
  define('hash(value: text, algorithm?: text)', {
    doc: 'The digest in hexadecimal; sha1 unless given.',
    example: ["hash('', 'sha256')", 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
    filter: 'hash',
    fn: (value: string, algorithm = 'sha1') => hash(value, algorithm),
  }),
  define('checksum(value: text)', {
    doc: 'The SHA-1 digest.',
    example: ["checksum('a')", '86f7e437faa5a7fce15d1ddcb9eaeaea377667b8'],
    filter: 'checksum sha1',
    fn: (value: string) => hash(value, 'sha1'),
  }),
  define('md5(value: text)', {
    doc: 'The MD5 digest.',
    example: ["md5('a')", '0cc175b9c0f1b6a831c399e269772661'],
    filter: 'md5',
    fn: (value: string) => hash(value, 'md5'),
  }),
  define('password_hash(password: text, type?: text, salt?: text, salt_size?: number, rounds?: number)', {
    doc: 'A password as /etc/shadow has it, of type sha512 (unless given), sha256 or md5; give a salt for the same text each time.',
    example: ["password_hash('secret', 'sha256', 'salt')", '$5$salt$kpa26zwgX83BPSR8d7w93OIXbFt/d3UOTZaAu5vsTM6'],
    filter: 'password_hash',
    impure: true,
    fn: passwordHash,
  }),
  define('to_uuid(value: text, namespace?: text)', {
    doc: 'A UUID made of a text, always the same.',
    example: ["to_uuid('a')", '9b6d1a0c-51b1-5093-93fc-cf09a700edff'],
    filter: 'to_uuid',
    fn: (value: string, namespace = '361E6D51-FAEC-444A-9079-341386DA8E2E') => {
      const space = namespace.replaceAll(/[-{}]|^urn:uuid:/g, '')
      if (!/^[0-9a-f]{32}$/i.test(space))
        throw new WrongArgument(
          `to_uuid: "${namespace}" is no UUID`,
          undefined,
          'Give one, or leave the namespace out.',
        )
      const digest = createHash('sha1').update(Buffer.from(space, 'hex')).update(value).digest().subarray(0, 16)
      digest[6] = (digest[6]! & 0x0f) | 0x50
      digest[8] = (digest[8]! & 0x3f) | 0x80
      return digest.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
    },
  }),
]
