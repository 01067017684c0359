import type { Client, ParsedKey } from 'ssh2'

type Sign = (text: Buffer, done: (signature: Buffer) => void) => void

/** Insides of ssh2, which has no options for these; where they are not as expected, all goes the longer way. */
interface Protocol {
  _handlers?: { GLOBAL_REQUEST?: (protocol: unknown, name: string, ...words: unknown[]) => void }
  authPK?: (user: string, key: ParsedKey, algorithm?: string, sign?: Sign) => void
}

const hashes: Readonly<Record<string, string>> = { 'rsa-sha2-256': 'sha256', 'rsa-sha2-512': 'sha512' }

/** Spares round trips and computing between `connect` and the login. */
export function takeShortcuts(client: Client): void {
  const { _protocol } = client as unknown as { _protocol?: Protocol }
  if (!_protocol) return
  askNoProofs(_protocol)
  signAtOnce(_protocol)
}

/**
 * sshd names all its keys, and ssh2 has it prove that it holds each of them, for programs that learn them: a signature with
 * each there, and its check here. We learn none.
 */
function askNoProofs(protocol: Protocol): void {
  const others = protocol._handlers?.GLOBAL_REQUEST
  if (!others) return
  protocol._handlers!.GLOBAL_REQUEST = (from, name, ...words) => {
    if (name !== 'hostkeys-00@openssh.com') others(from, name, ...words)
  }
}

/**
 * ssh2 asks first whether a key would do, and signs when it would: a round trip that is of use only where a person or an agent
 * has to agree to each signature. A key of ours signs at once.
 */
function signAtOnce(protocol: Protocol): void {
  const { authPK } = protocol
  if (!authPK) return
  protocol.authPK = (user, key, algorithm, sign) => {
    if (sign || !key.isPrivateKey?.()) return authPK.call(protocol, user, key, algorithm, sign)
    authPK.call(protocol, user, key, algorithm, (text, done) => {
      const signature = key.sign(text, hashes[algorithm ?? ''])
      if (signature instanceof Error) authPK.call(protocol, user, key, algorithm)
      else done(signature)
    })
  }
}
