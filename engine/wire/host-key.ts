import { Problem } from '../base/problem.ts'
import { addKnownHost, fingerprint, type KnownHost, keyType, knownHosts, knownName } from './known-hosts.ts'
import { quote } from './quote.ts'

/** strict: known keys only. accept-new: an unknown host is remembered. off: nothing is checked. */
export type HostKeyChecking = 'strict' | 'accept-new' | 'off'

export interface HostKeyPolicy {
  /** The inventory's name, for problems. */
  readonly host: string
  readonly address: string
  readonly port: number
  readonly alias?: string | undefined
  readonly checking: HostKeyChecking
  /** The first is written to by accept-new. */
  readonly files: readonly string[]
}

/** Key types in the order we ask for them; the algorithms that prove each. */
const ALGORITHMS: Readonly<Record<string, readonly string[]>> = {
  'ssh-ed25519': ['ssh-ed25519'],
  'ecdsa-sha2-nistp256': ['ecdsa-sha2-nistp256'],
  'ecdsa-sha2-nistp384': ['ecdsa-sha2-nistp384'],
  'ecdsa-sha2-nistp521': ['ecdsa-sha2-nistp521'],
  'ssh-rsa': ['rsa-sha2-512', 'rsa-sha2-256', 'ssh-rsa'],
}

/** What we know of one host's keys, read once before connecting. */
export class HostKeys {
  readonly #policy: HostKeyPolicy
  readonly #name: string
  readonly #known: readonly KnownHost[]

  private constructor(policy: HostKeyPolicy, name: string, known: readonly KnownHost[]) {
    this.#policy = policy
    this.#name = name
    this.#known = known
  }

  static async read(policy: HostKeyPolicy): Promise<HostKeys> {
    const name = policy.alias ? policy.alias.toLowerCase() : knownName(policy.address, policy.port)
    if (policy.checking === 'off') return new HostKeys(policy, name, [])
    try {
      return new HostKeys(policy, name, await knownHosts(policy.files, name))
    } catch (cause) {
      throw new Problem('host-key', `the known hosts cannot be read: ${(cause as Error).message}`, {
        host: policy.host,
        hint: 'Check who may read that file.',
        cause,
      })
    }
  }

  /** The types we know come first, so that the host shows a key we can compare. */
  algorithms(): string[] {
    const types = Object.keys(ALGORITHMS)
    const known = new Set(this.#known.filter((entry) => entry.marker === undefined).map((entry) => entry.type))
    return [...types.filter((type) => known.has(type)), ...types.filter((type) => !known.has(type))].flatMap(
      (type) => ALGORITHMS[type]!,
    )
  }

  /** Throws host-key unless the policy trusts this key; remembers it when the policy says so. */
  async check(key: Buffer): Promise<void> {
    const { checking, files, host } = this.#policy
    if (checking === 'off') return
    const revoked = this.#known.find((entry) => entry.marker === 'revoked' && entry.key.equals(key))
    if (revoked) {
      throw new Problem(
        'host-key',
        `${this.#label()} shows a key that is marked revoked (${place(revoked)}): ${this.#shown(key)}`,
        {
          host,
          hint: 'Do not connect: whoever has that key is not to be trusted. Find out why it was revoked.',
        },
      )
    }
    const plain = this.#known.filter((entry) => entry.marker === undefined)
    if (plain.some((entry) => entry.key.equals(key))) return
    if (plain.length > 0) throw this.#changed(key, plain)
    const authority = this.#known.find((entry) => entry.marker === 'cert-authority')
    if (authority) {
      throw new Problem(
        'host-key',
        `${this.#label()} is known by a certificate authority (${place(authority)}), and host certificates cannot be checked here`,
        {
          host,
          hint: `Add the host's own key beside it, after comparing it: ${this.#shown(key)}`,
        },
      )
    }
    if (checking === 'accept-new' && files[0]) {
      await addKnownHost(files[0], this.#name, key)
      return
    }
    throw this.#unknown(key)
  }

  #unknown(key: Buffer): Problem {
    const { address, port, files } = this.#policy
    const scan = `ssh-keyscan -H ${port === 22 ? '' : `-p ${port} `}${quote(address)} >> ${files[0] ?? '~/.ssh/known_hosts'}`
    return new Problem('host-key', `the key of ${this.#label()} is not known: ${this.#shown(key)}`, {
      host: this.#policy.host,
      hint: `Compare it with the host's own (\`ssh-keygen -lf /etc/ssh/ssh_host_*_key.pub\` there), then \`${scan}\`; or let new hosts be remembered with --host-keys accept-new (ansible_host_key_checking: accept-new).`,
    })
  }

  #changed(key: Buffer, known: readonly KnownHost[]): Problem {
    const same = known.find((entry) => entry.type === keyType(key)) ?? known[0]!
    const remove = known
      .map((entry) => entry.file)
      .filter((file, i, all) => all.indexOf(file) === i)
      .map((file) => `ssh-keygen -f ${quote(file)} -R ${quote(this.#name)}`)
      .join('; ')
    return new Problem(
      'host-key',
      `the key of ${this.#label()} has changed: it shows ${this.#shown(key)}, but ${place(same)} has ${this.#shown(same.key)}`,
      {
        host: this.#policy.host,
        hint: `Somebody may be in the way, or the host was installed anew. If it was, and the key shown is its own: \`${remove}\`, then add the new one.`,
      },
    )
  }

  #label(): string {
    return this.#policy.host === this.#name ? this.#name : `${this.#policy.host} (${this.#name})`
  }

  #shown(key: Buffer): string {
    return `${keyType(key)} ${fingerprint(key)}`
  }
}

function place(entry: KnownHost): string {
  return `${entry.file}:${entry.line}`
}
