import pLimit from 'p-limit'
import { Problem } from '../base/problem.ts'
import { decrypt, deriveKeys, deriveKeysSync, encrypt } from './aes256.ts'
import { readSealedText, type SealedText, writeSealedText } from './sealed-text.ts'

/** A password and the name it goes by (`dev` of `--vault-id dev@file`); `default` when it was given none. */
export interface VaultPassword {
  readonly label: string
  readonly password: string
}

/** Threads that work ahead: files and names are looked up in the same pool. */
const THREADS = 2

/** Opens and seals texts with the passwords that were given. What was opened once is remembered. */
export class Vault {
  readonly passwords: readonly VaultPassword[]
  readonly #opened = new Map<string, Buffer | Problem>()

  constructor(passwords: readonly VaultPassword[] = []) {
    this.passwords = passwords
  }

  /** The text of a sealed value. Throws Problem `vault` without a place. */
  open(text: string): string {
    return this.openBytes(text).toString('utf8')
  }

  openBytes(text: string): Buffer {
    const known = this.#opened.get(text)
    if (known) return given(known)
    return given(
      this.#keep(text, () => {
        const sealed = readSealedText(text)
        for (const { password } of this.#likely(sealed)) {
          const plain = decrypt(sealed, deriveKeysSync(password, sealed.salt))
          if (plain) return plain
        }
        return unfit(sealed, this.passwords)
      }),
    )
  }

  isOpen(text: string): boolean {
    return this.#opened.has(text)
  }

  /** The password that opens a text. Throws Problem `vault` when none does. */
  passwordThatOpened(text: string): VaultPassword {
    const sealed = readSealedText(text)
    const found = this.#likely(sealed).find(({ password }) => decrypt(sealed, deriveKeysSync(password, sealed.salt)))
    if (!found) throw unfit(sealed, this.passwords)
    return found
  }

  /** Opens texts off the event loop, so that `open` has them at once; what is wrong with them `open` will tell. */
  async openAhead(texts: Iterable<string>): Promise<void> {
    const limit = pLimit(THREADS)
    await Promise.all([...new Set(texts)].map((text) => limit(() => this.#openAhead(text))))
  }

  async #openAhead(text: string): Promise<void> {
    if (this.#opened.has(text)) return
    try {
      const sealed = readSealedText(text)
      for (const { password } of this.#likely(sealed)) {
        const plain = decrypt(sealed, await deriveKeys(password, sealed.salt))
        if (plain) {
          this.#opened.set(text, plain)
          return
        }
      }
      this.#opened.set(text, unfit(sealed, this.passwords))
    } catch (thrown) {
      if (!(thrown instanceof Problem)) throw thrown
      this.#opened.set(text, thrown)
    }
  }

  /** Seals with the password of this label, or the only one there is. Gives the text, ended by a line feed. */
  async seal(plain: Buffer | string, label?: string): Promise<string> {
    const { password, label: name } = this.passwordFor(label)
    return writeSealedText(await encrypt(Buffer.from(plain), password, name))
  }

  /** The password to seal with. Throws Problem `usage` when it is not clear which. */
  passwordFor(label?: string): VaultPassword {
    const [first, ...more] = this.passwords
    const labels = [...new Set(this.passwords.map((one) => one.label))].join(', ')
    if (!first) throw new Problem('usage', 'There is no vault password to seal with.', { hint: GIVE })
    if (label === undefined) {
      if (more.length === 0) return first
      throw new Problem('usage', `There are several vault passwords: ${labels}.`, {
        hint: 'Say which to seal with: --encrypt-vault-id LABEL.',
      })
    }
    const found = this.passwords.find((one) => one.label === label)
    if (found) return found
    throw new Problem('usage', `There is no vault password "${label}".`, { hint: `There are: ${labels}.` })
  }

  /** The password whose label the text bears first, then all others. */
  #likely({ label }: SealedText): VaultPassword[] {
    return [
      ...this.passwords.filter((one) => one.label === label),
      ...this.passwords.filter((one) => one.label !== label),
    ]
  }

  #keep(text: string, work: () => Buffer | Problem): Buffer | Problem {
    let opened: Buffer | Problem
    try {
      opened = work()
    } catch (thrown) {
      if (!(thrown instanceof Problem)) throw thrown
      opened = thrown
    }
    this.#opened.set(text, opened)
    return opened
  }
}

export const GIVE = 'Give it with --vault-password-file FILE, --vault-id LABEL@FILE, or --ask-vault-pass.'

export const NO_PASSWORD = 'this is sealed, and no vault password was given'

/** Thrown anew each time: it gets the place of whoever asks. */
function given(opened: Buffer | Problem): Buffer {
  if (!(opened instanceof Problem)) return opened
  throw new Problem(opened.code, opened.message, { hint: opened.hint })
}

function unfit({ label }: SealedText, passwords: readonly VaultPassword[]): Problem {
  const named = label === undefined ? '' : ` (its label is "${label}")`
  if (passwords.length === 0) return new Problem('vault', `${NO_PASSWORD}${named}`, { hint: GIVE })
  const labels = passwords.map((one) => one.label).join(', ')
  const which =
    passwords.length === 1
      ? `the vault password "${labels}" does not open`
      : `none of the vault passwords (${labels}) opens`
  return new Problem('vault', `${which} this sealed text${named}`, {
    hint: 'Give the password it was sealed with; if that was it, the text was changed since: seal it anew.',
  })
}
