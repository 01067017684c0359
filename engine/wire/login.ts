import { access } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import ssh2, { type AnyAuthMethod, type AuthenticationType, type AuthHandlerMiddleware } from 'ssh2'
import { Problem } from '../base/problem.ts'
import { loadKey, type Passphrase } from './private-key.ts'

export interface LoginSettings {
  readonly host: string
  readonly address: string
  readonly user: string
  readonly password?: string | undefined
  /** Keys that were named: tried first, and it is said when they cannot be used. */
  readonly keyFiles: readonly string[]
  /** Only the named keys, none of the agent's and none of the usual places. */
  readonly identitiesOnly?: boolean | undefined
  /** The agent's socket. */
  readonly agent?: string | undefined
  readonly passphrase?: Passphrase | undefined
}

interface Attempt {
  readonly label: string
  readonly method: AuthenticationType
  readonly auth: AnyAuthMethod
}

/** All ways to log in, one after the other, remembering what was tried. */
export class Login {
  readonly #settings: LoginSettings
  readonly #tried: string[] = []
  /** Something was shown to the host, not only looked for here. */
  #offered = false
  #allowed: readonly string[] | undefined

  constructor(settings: LoginSettings) {
    this.#settings = settings
  }

  /** ssh2 asks for the next way after each that failed. */
  readonly handler: AuthHandlerMiddleware = (() => {
    let attempts: AsyncGenerator<Attempt> | undefined
    return (
      left: AuthenticationType[] | null,
      partial: boolean | null,
      next: (auth: AnyAuthMethod | false) => void,
    ) => {
      attempts ??= this.#attempts()
      if (left) this.#allowed = left
      if (partial) this.#tried.push('(accepted, but the host wants another proof too)')
      void this.#next(attempts).then(
        (attempt) => next(attempt?.auth ?? false),
        (error: Error) => {
          this.#tried.push(error.message)
          next(false)
        },
      )
    }
  })() as AuthHandlerMiddleware

  note(text: string): void {
    this.#tried.push(text)
  }

  problem(): Problem {
    const { host, address, user, password } = this.#settings
    const tried = this.#tried.length > 0 ? this.#tried.join(', ') : 'nothing: no key, agent or password to try'
    const allows = this.#allowed ? `; it allows ${this.#allowed.join(', ')}` : ''
    const wantsPassword = this.#allowed?.some((method) => method === 'password' || method === 'keyboard-interactive')
    return new Problem('host-auth', `${host} did not let ${user} log in (${address}); tried: ${tried}${allows}`, {
      host,
      hint: !this.#offered
        ? 'No key could be used: correct ansible_ssh_private_key_file, or unlock the key with ssh-add.'
        : wantsPassword && password === undefined
          ? 'Name a key in ansible_ssh_private_key_file, or give the password with -k or in `ansible_password`.'
          : password !== undefined && wantsPassword
            ? `Check the password (-k or \`ansible_password\`) and the user name (ansible_user).`
            : `Check the user name (ansible_user), and that one of these keys is in ~${user}/.ssh/authorized_keys there.`,
    })
  }

  async #next(attempts: AsyncGenerator<Attempt>): Promise<Attempt | undefined> {
    for (;;) {
      const { value, done } = await attempts.next()
      if (done) return undefined
      if (this.#allowed && !this.#allowed.includes(value.method)) continue
      this.#tried.push(value.label)
      this.#offered = true
      return value
    }
  }

  async *#attempts(): AsyncGenerator<Attempt> {
    const { user: username, keyFiles, identitiesOnly, agent, password } = this.#settings
    for (const file of keyFiles) yield* this.#key(file, true)
    if (agent && !identitiesOnly) {
      if (await exists(agent)) {
        yield {
          label: "the agent's keys",
          method: 'publickey',
          auth: { type: 'agent', username, agent: ssh2.createAgent(agent) } as AnyAuthMethod,
        }
      } else this.#tried.push(`no agent (${agent} is gone)`)
    }
    if (!identitiesOnly || keyFiles.length === 0) {
      for (const name of ['id_ed25519', 'id_ecdsa', 'id_rsa']) {
        const file = join(homedir(), '.ssh', name)
        if (!keyFiles.includes(file)) yield* this.#key(file, false)
      }
    }
    if (password === undefined) return
    yield { label: 'password', method: 'password', auth: { type: 'password', username, password } }
    yield {
      label: 'keyboard-interactive',
      method: 'keyboard-interactive',
      auth: {
        type: 'keyboard-interactive',
        username,
        // One hidden question is the password; more than that (a code) nobody here can answer.
        prompt: (_name, _instructions, _language, prompts, finish) =>
          finish(prompts.map((prompt) => (prompts.length === 1 && !prompt.echo ? password : ''))),
      },
    }
  }

  async *#key(file: string, named: boolean): AsyncGenerator<Attempt> {
    const loaded = await loadKey(file, this.#settings.passphrase)
    if ('key' in loaded) {
      const auth = { type: 'publickey', username: this.#settings.user, key: loaded.key } as unknown as AnyAuthMethod
      yield { label: `key ${file}`, method: 'publickey', auth }
    } else if ('unusable' in loaded) this.#tried.push(`key ${file} (${loaded.unusable})`)
    else if (named) this.#tried.push(`key ${file} (there is no such file)`)
  }
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
