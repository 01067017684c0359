import { Problem } from '../base/problem.ts'

const HEADER = '$ANSIBLE_VAULT'
const WIDTH = 80

/** A sealed text, taken apart. Its form is Ansible's, 1.1 and 1.2 (with a label), so that both programs read it. */
export interface SealedText {
  /** Which password it was sealed with, by name; only a hint. */
  readonly label: string | undefined
  readonly salt: Buffer
  readonly hmac: Buffer
  readonly ciphertext: Buffer
}

export function isSealed(text: string | Buffer): boolean {
  return typeof text === 'string'
    ? text.startsWith(HEADER)
    : text.subarray(0, HEADER.length).toString('latin1') === HEADER
}

/** Throws Problem `vault`, without a place, that says what is damaged. */
export function readSealedText(text: string): SealedText {
  const [header = '', ...lines] = text.trim().split(/\r?\n/)
  const [magic, version, cipher, label] = header.split(';').map((part) => part.trim())
  if (magic !== HEADER)
    throw damaged(
      `it does not begin with ${HEADER}`,
      'Write the whole text that "tsplay vault encrypt-string" printed.',
    )
  if (version !== '1.1' && version !== '1.2')
    throw new Problem('vault', `a sealed text of version "${version ?? ''}" cannot be read: 1.1 and 1.2 are known`, {
      hint: 'Open it with the program that sealed it, and seal it anew.',
    })
  if (cipher !== 'AES256')
    throw new Problem('vault', `a text sealed with the cipher "${cipher ?? ''}" cannot be read: only AES256 is known`, {
      hint: 'Open it with the program that sealed it, and seal it anew.',
    })
  const parts = unhex(lines.map((line) => line.trim()).join(''), 'its body')
    .toString('latin1')
    .split('\n')
  if (parts.length !== 3) throw damaged('it does not have three parts: salt, check sum and content')
  const [salt, hmac, ciphertext] = parts.map((part, index) =>
    unhex(part, ['its salt', 'its check sum', 'its content'][index]!),
  )
  if (hmac!.length !== 32) throw damaged('its check sum is not 32 bytes long')
  if (ciphertext!.length === 0 || ciphertext!.length % 16 !== 0) throw damaged('its content was cut off')
  return { label: version === '1.2' && label ? label : undefined, salt: salt!, hmac: hmac!, ciphertext: ciphertext! }
}

/** Lines of 80 characters, ended by a line feed. A label makes it version 1.2. */
export function writeSealedText({ label, salt, hmac, ciphertext }: SealedText): string {
  const named = label !== undefined && label !== '' && label !== 'default'
  const parts = [salt, hmac, ciphertext].map((part) => part.toString('hex')).join('\n')
  const body = Buffer.from(parts, 'latin1').toString('hex')
  const lines = body.match(new RegExp(`.{1,${WIDTH}}`, 'g')) ?? []
  return `${[`${HEADER};${named ? '1.2' : '1.1'};AES256${named ? `;${label}` : ''}`, ...lines].join('\n')}\n`
}

function unhex(text: string, what: string): Buffer {
  const wrong = /[^0-9a-f]/i.exec(text)?.[0]
  if (wrong !== undefined) throw damaged(`${what} has a "${wrong}", which is no hexadecimal digit`)
  if (text === '' || text.length % 2 !== 0) throw damaged(`${what} was cut off`)
  return Buffer.from(text, 'hex')
}

function damaged(
  why: string,
  hint = 'Copy it again as it was written, every line of it, or seal the value anew.',
): Problem {
  return new Problem('vault', `this sealed text is damaged: ${why}`, { hint })
}
