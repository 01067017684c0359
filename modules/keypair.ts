import {
  attributeParams,
  type Content,
  defineModule,
  isUnknown,
  type KeyRequest,
  lookAtText,
  type Part,
  partOf,
  pki,
  planParts,
  Unknown,
} from 'tsplay'

interface Params {
  name: string
  private_path: string
  public_path?: string
  type: KeyRequest['algo']
  size?: number
  owner?: string
  group?: string
  mode: string
  public_mode: string
}

interface State {
  parts: Part[]
  reasons: string[]
  failed?: string
  hint?: string
}

const SIZES: Readonly<Record<KeyRequest['algo'], number>> = { rsa: 2048, ecdsa: 256, ed25519: 256 }

export default defineModule({
  summary: 'Put one and the same bare key pair on several hosts.',
  description:
    "The pair is made once in the controller's PKI folder (NAME.key and NAME.pub; variable tsplay_pki_dir) and stays: what it signed " +
    "must stay good on every host. Kubernetes signs service accounts' tokens with such a pair.",
  groups: ['certificates'],
  params: {
    type: 'object',
    properties: {
      name: { type: 'string', description: 'Its name in the PKI folder.' },
      private_path: {
        type: 'string',
        format: 'path',
        description: 'Where the private key goes (PKCS#1, SEC1 or PKCS#8 as PEM).',
      },
      public_path: { type: 'string', format: 'path', description: 'Where the public key goes (SPKI as PEM).' },
      type: { enum: ['rsa', 'ecdsa', 'ed25519'], default: 'rsa', description: 'The kind of keys.' },
      size: { type: 'integer', description: 'Bits. Default: 2048 for rsa, 256 for ecdsa.' },
      owner: attributeParams.owner,
      group: attributeParams.group,
      mode: { type: 'string', format: 'mode', default: '0600', description: "The private key's mode." },
      public_mode: { type: 'string', format: 'mode', default: '0644', description: "The public key's mode." },
    },
    required: ['name', 'private_path'],
    additionalProperties: false,
  },
  returns: { reasons: 'why it was (or would be) made or put there; empty when it stayed' },
  examples: [
    {
      title: 'The key pair that signs tokens',
      yaml: '- keypair:\n    name: example-sa\n    private_path: /etc/example-sa.key\n    public_path: /etc/example-sa.pub',
    },
  ],
  async probe(host, given, controller): Promise<State> {
    const params = given as Params
    const { name, private_path: privatePath, public_path: publicPath, owner, group } = params
    const request = { algo: params.type, size: params.size ?? SIZES[params.type] }
    const [privateThere, publicThere, { ensureKeyPair, kindOfKey, loadKey, peekKeyPair, sayKind }] = await Promise.all([
      lookAtText(host, privatePath),
      publicPath === undefined ? null : lookAtText(host, publicPath),
      pki(),
    ])
    if (typeof privateThere === 'string') controller.secret(privateThere)
    const peeked = await peekKeyPair(controller.pkiFolder, name)
    const { privateText, publicText } = peeked
    if (privateText !== null) {
      controller.secret(privateText)
      const kind = sayKind(kindOfKey(loadKey(privateText)))
      if (kind !== sayKind(request)) {
        return {
          parts: [],
          reasons: [],
          failed: `The key pair "${name}" of the PKI folder ${controller.pkiFolder} is ${kind}, asked for is ${sayKind(request)}.`,
          hint: `To begin with a new pair, move ${name}.key and ${name}.pub out of the folder: what the old pair signed is then worth nothing.`,
        }
      }
    } else if (typeof privateThere === 'string' && privateThere.includes('PRIVATE KEY')) {
      return {
        parts: [],
        reasons: [],
        failed: `${privatePath} holds a private key, but the PKI folder ${controller.pkiFolder} has no key pair "${name}".`,
        hint:
          `Bring it into the folder as ${name}.key (mode 0600; tsplay_pki_dir names the folder), ` +
          `or remove ${privatePath} from the host to begin with a new pair: what the old one signed is then worth nothing.`,
      }
    }
    let made: Promise<{ privatePem: string; publicPem: string }> | undefined
    const make = (part: 'privatePem' | 'publicPem', what: string): Content => ({
      make: async () => {
        made ??= ensureKeyPair(controller.pkiFolder, name, request)
        const pair = await made
        controller.secret(pair.privatePem)
        return Buffer.from(pair[part])
      },
      unknown: new Unknown(`the new ${what} of the key pair ${name}`, { fresh: true }),
    })
    const wellKept = peeked.reasons.length === 0
    const privateContent = privateText === null ? make('privatePem', 'private key') : Buffer.from(privateText)
    const publicContent = publicText === null || !wellKept ? make('publicPem', 'public key') : Buffer.from(publicText)
    const parts = [
      partOf(
        host,
        { path: privatePath, content: privateContent, mode: params.mode, owner, group, secret: true },
        privateThere,
        controller.checking,
      ),
    ]
    if (publicPath !== undefined) {
      const order = { path: publicPath, content: publicContent, mode: params.public_mode, owner, group }
      parts.push(partOf(host, order, publicThere, controller.checking))
    }
    const difference = (there: string | null | Unknown, asked: string | null, what: string) =>
      there === null
        ? [`the ${what} is missing`]
        : isUnknown(there) || there === asked
          ? []
          : [`the ${what} on the host is another one`]
    const reasons = wellKept
      ? [
          ...difference(privateThere, privateText, 'private key'),
          ...(publicPath === undefined ? [] : difference(publicThere, publicText, 'public key')),
        ]
      : [...peeked.reasons]
    return { parts: await Promise.all(parts), reasons }
  },
  plan(state, given) {
    const { name, private_path, public_path } = given as Params
    const where = { name, private_path, ...(public_path === undefined ? {} : { public_path }) }
    if (state.failed !== undefined) {
      return {
        failed: state.failed,
        result: { ...where, reasons: [] },
        ...(state.hint === undefined ? {} : { hint: state.hint }),
      }
    }
    const planned = planParts(state.parts)
    return { ...planned, result: { ...where, reasons: planned.steps.length === 0 ? [] : state.reasons } }
  },
})
