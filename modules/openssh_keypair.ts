import { posix } from 'node:path'
import {
  attributeParams,
  type Change,
  type Content,
  defineModule,
  isUnknown,
  lookAtText,
  type Part,
  type Plan,
  partOf,
  pki,
  planParts,
  remove,
  type SshKeyFacts,
  type SshKeyFormat,
  type SshKeyPair,
  type SshKeyType,
  Unknown,
} from 'tsplay'

interface Params {
  path: string
  type: SshKeyType
  size?: number
  comment?: string
  passphrase?: string
  private_key_format: 'auto' | SshKeyFormat
  state: 'present' | 'absent'
  force: boolean
  regenerate: 'never' | 'fail' | 'partial_idempotence' | 'full_idempotence' | 'always'
  owner?: string
  group?: string
  mode: string
}

interface State {
  parts: Part[]
  /** Of the pair that stays. */
  facts?: SshKeyFacts
  /** What is there and must go. */
  gone: string[]
  generate?: () => Promise<SshKeyPair>
  reasons: string[]
  failed?: string
  hint?: string
  unsure?: string
}

const orders = new WeakMap<Plan, () => Promise<SshKeyPair>>()
const PARENT = '0700'

export default defineModule({
  summary: 'Keep an SSH key pair on the host.',
  description:
    'The private key goes to `path`, the public one to `path`.pub. A pair that is there stays, as far as `regenerate` says. A missing ' +
    'folder .ssh is made, mode 0700. The key is made on the controller, sent to the host, and kept nowhere else.',
  groups: ['certificates'],
  params: {
    type: 'object',
    properties: {
      path: { type: 'string', format: 'path', description: 'Where the private key goes.' },
      type: { enum: ['rsa', 'ecdsa', 'ed25519'], default: 'rsa', description: 'The kind of key.' },
      size: { type: 'integer', description: 'Bits. Default: 4096 for rsa, 256 for ecdsa; ed25519 has one size.' },
      comment: {
        type: 'string',
        format: 'line',
        description: 'The words after the public key. A changed one is written to the public key only.',
      },
      passphrase: { type: 'string', secret: true, description: 'Encrypts the private key.' },
      private_key_format: {
        enum: ['auto', 'ssh', 'pkcs1', 'pkcs8'],
        default: 'auto',
        description:
          "Of the private key. auto: OpenSSH's own for a new one, any for one that is there. pkcs1 is not for ed25519, and of pkcs8 OpenSSH reads ed25519 since 9.6 only.",
      },
      state: { enum: ['present', 'absent'], default: 'present' },
      force: {
        type: 'boolean',
        default: false,
        description: 'Make a new pair even when one is there; as regenerate: always.',
      },
      regenerate: {
        enum: ['never', 'fail', 'partial_idempotence', 'full_idempotence', 'always'],
        default: 'partial_idempotence',
        description:
          'When a pair is there. never: it stays. fail: fail when it is not as asked. partial_idempotence: make a new one when it is ' +
          'not as asked, and fail when it cannot be read. full_idempotence: make a new one in both cases. always: each time.',
      },
      ...attributeParams,
      mode: {
        type: 'string',
        format: 'mode',
        default: '0600',
        description: "The private key's mode; the public key has 0644.",
      },
    },
    required: ['path'],
    not: {
      required: ['type', 'private_key_format'],
      properties: { type: { const: 'ed25519' }, private_key_format: { const: 'pkcs1' } },
    },
    additionalProperties: false,
  },
  returns: {
    filename: 'the path of the private key',
    fingerprint: 'such as SHA256:…',
    public_key: 'the public key, as authorized_key takes it',
    comment: 'of the public key',
    type: 'rsa, ecdsa or ed25519',
    size: 'bits',
  },
  examples: [
    {
      title: 'A key pair',
      yaml: '- openssh_keypair:\n    path: /root/.ssh/id_example\n    type: ed25519\n    comment: root@example',
    },
    {
      title: 'No key pair',
      given: '- openssh_keypair: {path: /root/.ssh/id_old, type: ed25519}',
      yaml: '- openssh_keypair:\n    path: /root/.ssh/id_old\n    state: absent',
    },
  ],
  async probe(host, given, controller): Promise<State> {
    const params = given as Params
    const publicPath = `${params.path}.pub`
    // A missing ~/.ssh is made; any other folder is for an earlier task to make.
    const parents = posix.basename(posix.dirname(params.path)) === '.ssh' ? PARENT : undefined
    if (params.state === 'absent') {
      const there = await Promise.all([params.path, publicPath].map((path) => host.stat(path)))
      return { parts: [], reasons: [], gone: [params.path, publicPath].filter((_, index) => there[index] !== null) }
    }
    const [privateThere, publicThere, { formatOfSshKey, generateSshKey, inspectSshPublic }] = await Promise.all([
      lookAtText(host, params.path, parents),
      lookAtText(host, publicPath, parents),
      pki(),
    ])
    if (typeof privateThere === 'string') controller.secret(privateThere)
    if (params.passphrase !== undefined) controller.secret(params.passphrase)
    let made: Promise<SshKeyPair> | undefined
    const generate = () => {
      made ??= generateSshKey({
        type: params.type,
        ...(params.size === undefined || params.type === 'ed25519' ? {} : { bits: params.size }),
        ...(params.comment === undefined ? {} : { comment: params.comment }),
        ...(params.passphrase === undefined ? {} : { passphrase: params.passphrase }),
        ...(params.private_key_format === 'auto' ? {} : { format: params.private_key_format }),
      }).then((pair) => {
        controller.secret(pair.privateKey)
        return pair
      })
      return made
    }
    const content = (what: string, of: (pair: SshKeyPair) => string): Content => ({
      make: async () => Buffer.from(of(await generate())),
      unknown: new Unknown(`a new ${what}, ${params.path}`, { fresh: true }),
    })
    const parts = async (privateContent: Content | undefined, publicContent: Content): Promise<Part[]> => {
      const { owner, group, mode } = params
      const publicOrder = { path: publicPath, content: publicContent, mode: '0644', owner, group, parents }
      const publicPart = await partOf(host, publicOrder, publicThere, controller.checking)
      if (!privateContent) return [publicPart]
      const order = { path: params.path, content: privateContent, mode, owner, group, parents, secret: true }
      return [await partOf(host, order, privateThere, controller.checking), publicPart]
    }
    const fresh = async (reasons: string[]): Promise<State> => ({
      parts: await parts(
        content('private SSH key', (pair) => pair.privateKey),
        content('public SSH key', (pair) => `${pair.publicLine}\n`),
      ),
      gone: [],
      generate,
      reasons,
    })
    const always = params.force || params.regenerate === 'always'
    if (privateThere === null) return fresh(['the private key is missing'])
    if (always) return fresh([params.force ? 'force is set' : 'regenerate is "always"'])
    if (isUnknown(privateThere)) return fresh(['what is there by then is not known'])
    const there = await readKey(privateThere, params)
    if (!('facts' in there)) {
      if (params.regenerate === 'full_idempotence') return fresh([there.why])
      const failed = `${params.path} stays as it is: ${there.why}.`
      const hint =
        'Give the right passphrase; or have a new pair made with regenerate: full_idempotence, or force: true.'
      return { parts: [], gone: [], reasons: [], failed, hint }
    }
    const differences =
      params.regenerate === 'never' ? [] : differing(there.facts, formatOfSshKey(privateThere), params)
    if (differences.length > 0) {
      if (params.regenerate !== 'fail') return fresh(differences)
      const failed = `${params.path} is not as asked: ${differences.join('; ')}.`
      return {
        parts: [],
        gone: [],
        reasons: [],
        failed,
        hint: 'To have a new pair made, set regenerate: partial_idempotence, or force: true.',
      }
    }
    // The private key stays; the public one is made from it where it is missing or another one.
    const own = typeof publicThere === 'string' ? readPublic(publicThere, inspectSshPublic) : undefined
    const comment = params.comment ?? own?.comment ?? there.facts.comment
    const line = [...there.facts.publicLine.split(' ').slice(0, 2), ...(comment === '' ? [] : [comment])].join(' ')
    const same = own?.publicLine === line
    const reasons = same
      ? []
      : [publicThere === null ? 'the public key is missing' : 'the public key or its comment is another one']
    return {
      parts: await parts(Buffer.from(privateThere), Buffer.from(same ? (publicThere as string) : `${line}\n`)),
      gone: [],
      facts: { ...there.facts, comment, publicLine: line },
      reasons,
    }
  },
  plan(state, given) {
    const params = given as Params
    const result = { filename: params.path, type: params.type }
    if (state.failed !== undefined)
      return { failed: state.failed, result, ...(state.hint === undefined ? {} : { hint: state.hint }) }
    if (params.state === 'absent') {
      const changes: Change[] = state.gone.map((path) => ({ path, before: '(a key)', secret: true }))
      return { changes, steps: state.gone.map(remove), result }
    }
    const planned = planParts(state.parts)
    const plan: Plan = {
      ...planned,
      repeats: params.force || params.regenerate === 'always',
      result: { ...result, ...(state.facts ? factsOf(state.facts) : laterFacts(params)), reasons: state.reasons },
    }
    if (state.generate) orders.set(plan, state.generate)
    return plan
  },
  marks: (_plan, { parts }) => parts.map((part) => part.place.path),
  async after(_host, plan) {
    const generate = orders.get(plan)
    return generate ? factsOf(await generate()) : {}
  },
})

function factsOf({ type, bits, fingerprint, publicLine, comment }: SshKeyFacts): Record<string, unknown> {
  return { type, size: bits, fingerprint, public_key: publicLine.split(' ').slice(0, 2).join(' '), comment }
}

/** What nobody knows of a key that is not made yet. */
function laterFacts(params: Params): Record<string, unknown> {
  const later = (what: string) => new Unknown(`the ${what} of ${params.path}, which is not made yet`, { fresh: true })
  return {
    size: sizeOf(params),
    fingerprint: later('fingerprint'),
    public_key: later('public key'),
    comment: params.comment ?? '',
  }
}

function sizeOf({ type, size }: Params): number {
  if (type === 'ed25519') return 256
  return size ?? (type === 'rsa' ? 4096 : 256)
}

function differing(facts: SshKeyFacts, format: SshKeyFormat | undefined, params: Params): string[] {
  if (facts.type !== params.type) return [`it is of the type ${facts.type}, asked for is ${params.type}`]
  const size = sizeOf(params)
  if (facts.bits !== size) return [`it has ${facts.bits} bits, asked for are ${size}`]
  const wanted = params.private_key_format
  return wanted === 'auto' || wanted === format ? [] : [`it is in the format ${format}, asked for is ${wanted}`]
}

/** A private key's facts, or why it cannot be used: broken, or under another passphrase (or none, where one is asked for). */
async function readKey(text: string, params: Params): Promise<{ facts: SshKeyFacts } | { why: string }> {
  const { inspectSshKey } = await pki()
  const read = async (passphrase?: string) => {
    try {
      return await inspectSshKey(text, {
        what: `the SSH key ${params.path}`,
        ...(passphrase === undefined ? {} : { passphrase }),
      })
    } catch {
      // Broken, or under another passphrase: said below.
      return undefined
    }
  }
  const open = await read()
  if (open && params.passphrase === undefined) return { facts: open }
  if (open) return { why: 'the private key has no passphrase, and one is asked for' }
  const opened = params.passphrase === undefined ? undefined : await read(params.passphrase)
  return opened ? { facts: opened } : { why: 'the private key cannot be read: it has another passphrase, or is broken' }
}

function readPublic(line: string, inspect: (line: string) => SshKeyFacts): SshKeyFacts | undefined {
  try {
    return inspect(line)
  } catch {
    // Not a public key: it is made again from the private one.
    return undefined
  }
}
