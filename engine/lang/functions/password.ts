import { chmodSync, closeSync, existsSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { TouchedUnknown, Unknown } from '../../base/unknown.ts'
import type { Scope } from '../scope.ts'
import { crypt, saltLength } from './crypt.ts'
import { define, WrongArgument } from './function.ts'
import { randomText } from './hash.ts'
import { Twister } from './random.ts'
import { atPlaybook } from './reading.ts'

const letters = 'abcdefghijklmnopqrstuvwxyz'
const sets: Readonly<Record<string, string>> = {
  ascii_lowercase: letters,
  ascii_uppercase: letters.toUpperCase(),
  ascii_letters: letters + letters.toUpperCase(),
  digits: '0123456789',
  hexdigits: '0123456789abcdefABCDEF',
  octdigits: '01234567',
  punctuation: '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~',
}

interface Wanted {
  readonly path: string
  readonly length: number
  readonly chars: string
  readonly encrypt: string | undefined
  readonly seed: string | undefined
}

/** The options of Ansible's one text, `path length=20 chars=digits encrypt=sha512_crypt`, and those given by name. */
function wanted(scope: Scope, term: string, named: Partial<Record<string, unknown>>): Wanted {
  const [first = '', ...rest] = term.split(/\s+(?=\w+=)/)
  const options: Partial<Record<string, unknown>> = { ...named }
  for (const option of rest) {
    const at = option.indexOf('=')
    options[option.slice(0, at)] = option.slice(at + 1).replace(/^(['"])(.*)\1$/, '$2')
  }
  const unknown = Object.keys(options).find((name) => !['length', 'chars', 'encrypt', 'seed'].includes(name))
  if (unknown)
    throw new WrongArgument(
      `password knows no option ${unknown}`,
      undefined,
      'Known are length, chars, encrypt and seed.',
    )
  const given = options['chars']
  const specs = Array.isArray(given) ? given.map(String) : given === undefined ? undefined : commas(String(given))
  const chars = (specs ?? ['ascii_letters', 'digits', '.,:-_']).map((spec) => sets[spec] ?? spec).join('')
  const length = Number(options['length'] ?? 20)
  if (!Number.isInteger(length) || length < 1)
    throw new WrongArgument(
      `password: the length ${String(options['length'])} is no positive number`,
      undefined,
      'Write length=20.',
    )
  const encrypt = options['encrypt'] === true ? 'sha512_crypt' : options['encrypt']
  return {
    path: first === '/dev/null' ? first : atPlaybook(scope, first),
    length,
    chars: chars.replace(/['"]/g, ''),
    encrypt: typeof encrypt === 'string' && encrypt !== '' ? encrypt : undefined,
    seed: options['seed'] === undefined ? undefined : String(options['seed']),
  }
}

/** `,,` is a comma that belongs to the characters. */
const commas = (text: string) => [
  ...(text.includes(',,') ? [','] : []),
  ...text.replaceAll(',,', ',').split(',').filter(Boolean),
]

function password(scope: Scope, term: string, named: Partial<Record<string, unknown>>): unknown {
  const want = wanted(scope, term, named)
  const found = read(want.path)
  const controller = scope.controller
  const kind = want.encrypt?.replace(/_crypt$/, '')
  const salt =
    found?.salt ??
    (kind === undefined ? undefined : randomText(saltLength(kind), `${sets['ascii_letters']}0123456789./`))
  if (found === undefined || found.salt !== salt) {
    if (controller?.ahead || controller?.check)
      throw new TouchedUnknown(new Unknown(`the password to be made in ${want.path}`, { fresh: true }))
  }
  const text = found?.text ?? made(want)
  controller?.secret(text)
  if ((found === undefined || found.salt !== salt) && want.path !== '/dev/null')
    write(want.path, salt === undefined ? text : `${text} salt=${salt}`)
  if (kind === undefined) return text
  const encrypted = crypt(text, kind, salt!)
  controller?.secret(encrypted)
  return encrypted
}

function made({ length, chars, seed }: Wanted): string {
  if (seed === undefined) return randomText(length, chars)
  const twister = new Twister(seed)
  return Array.from({ length }, () => [...chars][twister.below([...chars].length)]).join('')
}

function read(path: string): { text: string; salt: string | undefined } | undefined {
  if (path === '/dev/null' || !existsSync(path)) return undefined
  const content = readFileSync(path, 'utf8').trimEnd()
  const at = content.lastIndexOf(' salt=')
  if (at < 0) return { text: content, salt: undefined }
  return { text: content.slice(0, at), salt: content.slice(at + 6).replace(/ ident=.*$/, '') }
}

/** Beside its place and renamed, so that nobody reads half a password; never readable by others. */
function write(path: string, content: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  const beside = `${path}.${process.pid}.tmp`
  const file = openSync(beside, 'w', 0o600)
  try {
    writeSync(file, `${content}\n`)
  } finally {
    closeSync(file)
  }
  chmodSync(beside, 0o600)
  renameSync(beside, path)
}

export const passwords = [
  define('password(path: text, length?: number, chars?: text|list, encrypt?: text|bool, seed?: text)', {
    doc: 'The password that a file on the controller keeps; made by chance, and the file with it (only its owner may read it), when there is none. Characters are named sets (ascii_letters, digits, hexdigits, punctuation) or themselves, separated by commas; encrypt gives it as password_hash does. In check mode nothing is made.',
    example: ["length(password('/dev/null', 12))", 12],
    scoped: true,
    impure: true,
    fn: (scope: Scope, path: string, length?: number, chars?: unknown, encrypt?: unknown, seed?: unknown) => {
      const given = Object.entries({ length, chars, encrypt, seed }).filter(([, value]) => value !== undefined)
      return password(scope, path, Object.fromEntries(given))
    },
  }),
]
