import type { Client, ClientChannel, ParsedKey } from 'ssh2'

type Sign = (text: Buffer, done: (signature: Buffer) => void) => void

/** Insides of ssh2, which has no options for these; where they are not as expected, all goes the longer way. */
interface Protocol {
  _handlers?: Handlers
  authPK?: (user: string, key: ParsedKey, algorithm?: string, sign?: Sign) => void
  /** Sends what asks for a command; `channel` is the host's number for it. */
  exec?: (channel: number, command: string, wantsReply: boolean) => void
}

type Handler = (protocol: unknown, ...words: unknown[]) => void
interface Handlers {
  GLOBAL_REQUEST?: (protocol: unknown, name: string, ...words: unknown[]) => void
  CHANNEL_OPEN_CONFIRMATION?: Handler
}

interface Insides {
  readonly _protocol?: Protocol
  /** By our own numbers; there is something at a number from when a channel is asked for. */
  readonly _chanMgr?: {
    readonly _channels?: Readonly<Record<string, { readonly outgoing?: { readonly id?: number } }>>
  }
}

/** By the number of the channel that was asked for: who waits for it. */
type Early = Map<string, (channel: ClientChannel) => void>

const early = new WeakMap<Client, Early>()

const hashes: Readonly<Record<string, string>> = { 'rsa-sha2-256': 'sha256', 'rsa-sha2-512': 'sha512' }

/** Spares round trips and computing; to be called right after `connect`. */
export function takeShortcuts(client: Client): void {
  const { _protocol } = client as unknown as Insides
  if (!_protocol) return
  askNoProofs(_protocol)
  signAtOnce(_protocol)
  giveChannelsEarly(client, _protocol)
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
 * Calls `tell` once, when the host has said anything after it let us in: OpenSSH names its keys at once. Only then does a
 * sshd no longer count the connection among those that are not logged in yet (MaxStartups).
 */
export function onAdmitted(client: Client, tell: () => void): void {
  const handlers = (client as unknown as Insides)._protocol?._handlers
  if (!handlers) return
  for (const name of ['GLOBAL_REQUEST', 'CHANNEL_OPEN_CONFIRMATION'] as const) {
    const handler = handlers[name] as Handler | undefined
    if (!handler) continue
    handlers[name] = (...words: Parameters<Handler>) => {
      tell()
      handler(...words)
    }
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

/**
 * Has a command run, and gives its channel as soon as it was asked for: what is written to it then does not wait for the host to
 * agree. `refused` is told when the host does not; `given` gets an error when there is no channel.
 */
export function execAtOnce(
  client: Client,
  command: string,
  given: (error: Error | undefined, channel: ClientChannel) => void,
  refused: (error: Error) => void,
): void {
  let settled = false
  const settle = (error: Error | undefined, channel: ClientChannel) => {
    settled = true
    given(error, channel)
  }
  const before = numbersOf(client)
  client.exec(command, (error, channel) => {
    if (!settled) settle(error, channel)
    else if (error) refused(error)
  })
  const number = numbersOf(client).find((one) => !before.includes(one))
  if (number !== undefined) early.get(client)?.set(number, (channel) => settle(undefined, channel))
}

function giveChannelsEarly(client: Client, protocol: Protocol): void {
  const { exec } = protocol
  if (!exec) return
  const waiting: Early = new Map()
  early.set(client, waiting)
  protocol.exec = (id, command, wantsReply) => {
    exec.call(protocol, id, command, wantsReply)
    const channels = channelsOf(client)
    const number = [...waiting.keys()].find((one) => channels[one]?.outgoing?.id === id)
    if (number === undefined) return
    const give = waiting.get(number)!
    waiting.delete(number)
    give(channels[number] as unknown as ClientChannel)
  }
}

function channelsOf(client: Client) {
  return (client as unknown as Insides)._chanMgr?._channels ?? {}
}

const numbersOf = (client: Client) => Object.keys(channelsOf(client))
