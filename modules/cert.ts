import {
  attributeParams,
  type CertificateFacts,
  type Content,
  type Controller,
  defineModule,
  findUnknown,
  isUnknown,
  lookAtText,
  type Order,
  type Part,
  type Plan,
  Problem,
  partOf,
  pki,
  planParts,
  TouchedUnknown,
  Unknown,
} from 'tsplay'

interface Params {
  path: string
  key_path?: string
  authority?: string
  ca?: string
  csr?: unknown
  csr_file?: string
  profile?: string
  config?: unknown
  config_file?: string
  renew_before?: string
  owner?: string
  group?: string
  mode: string
  key_mode: string
}

interface Pair {
  certPem: string
  keyPem: string
}

/** A file of the host as it is: its text, null, or (in a dry run) why nobody knows. */
type There = string | null | Unknown

/** What the controller's side comes to: the content of both files, and why a new one is made. */
interface Wanted {
  cert: Content
  key: Content
  reasons: string[]
  /** The certificate that stays. */
  kept?: string
  failed?: string
  hint?: string
}

interface State {
  parts: Part[]
  reasons: string[]
  facts: Record<string, unknown>
  notes: readonly string[]
  /** Issues, once for both files; nothing is made before it is asked for. */
  issue?: () => Promise<Pair>
  failed?: string
  hint?: string | undefined
}

const UNSURE = 'what the host has by then is not known'
/** The order to issue that a plan stands for. */
const orders = new WeakMap<Plan, () => Promise<Pair>>()

export default defineModule({
  summary: 'Keep a certificate and its private key on the host, issued by an authority of the controller.',
  description:
    'Takes the requests and signing configurations of cfssl as they stand. With `authority` it makes an authority in ' +
    "the controller's PKI folder (variable tsplay_pki_dir, default .tsplay/pki beside the playbook) and puts its certificate on the host; with `ca` it " +
    'issues a certificate signed by such an authority. A certificate stays as long as it can: a new one is issued only ' +
    'when it is missing, unreadable, about to expire, not what the request and profile ask for, not signed by the ' +
    "authority, or its key does not fit; `reasons` says why. A host's key is sent to the host and kept nowhere else.",
  groups: ['certificates'],
  params: {
    type: 'object',
    properties: {
      path: { type: 'string', format: 'path', description: 'Where the certificate goes, as PEM.' },
      key_path: {
        type: 'string',
        format: 'path',
        description:
          'Where its private key goes. Needed with `ca`; with `authority` the key stays on the controller unless this is given.',
      },
      authority: { type: 'string', description: 'The name of an authority to make, once, in the PKI folder.' },
      ca: { type: 'string', description: 'The name of the authority that signs, as another task made it.' },
      csr: { type: 'object', description: "cfssl's certificate request: CN, hosts, key, names, ca." },
      csr_file: {
        type: 'string',
        controllerFile: 'files',
        description: 'The same, from a JSON file of the controller.',
      },
      profile: { type: 'string', description: 'A profile of the signing configuration. Default: its default.' },
      config: {
        type: 'object',
        description: "cfssl's signing configuration. Default: cfssl's own, a year for servers and clients.",
      },
      config_file: {
        type: 'string',
        controllerFile: 'files',
        description: 'The same, from a JSON file of the controller.',
      },
      renew_before: {
        type: 'string',
        description: 'Issue again when less than this is left: 30d, 720h. Default: 30d, or a third of a shorter life.',
      },
      owner: attributeParams.owner,
      group: attributeParams.group,
      mode: { type: 'string', format: 'mode', default: '0644', description: "The certificate's mode." },
      key_mode: { type: 'string', format: 'mode', default: '0600', description: "The private key's mode." },
    },
    required: ['path'],
    allOf: [
      { oneOf: [{ required: ['authority'] }, { required: ['ca'] }] },
      { oneOf: [{ required: ['csr'] }, { required: ['csr_file'] }] },
      { anyOf: [{ required: ['authority'] }, { required: ['key_path'] }] },
      { not: { required: ['config', 'config_file'] } },
      { not: { required: ['authority', 'profile'] } },
      { not: { required: ['authority', 'config'] } },
      { not: { required: ['authority', 'config_file'] } },
    ],
    additionalProperties: false,
  },
  returns: {
    reasons: 'why it was (or would be) issued or put there, a list of sentences; empty when it stayed',
    subject: 'such as O=system:masters, CN=kubernetes-admin',
    sans: 'such as DNS:localhost and IP:127.0.0.1',
    not_after: 'when it ends, ISO 8601 in UTC',
    fingerprint: 'SHA-256, in hex with colons',
    serial_number: 'in hex',
  },
  examples: [
    {
      title: 'An authority, whose key stays on the controller',
      yaml: `- cert:\n    authority: example\n    csr: {CN: Example CA, key: {algo: ecdsa, size: 256}, ca: {expiry: 87600h}}\n    path: /etc/example-ca.crt`,
    },
    {
      title: 'A certificate for a server',
      given: `- cert:\n    authority: example\n    csr: {CN: Example CA, key: {algo: ecdsa, size: 256}, ca: {expiry: 87600h}}\n    path: /etc/example-ca.crt`,
      yaml: `- cert:\n    path: /etc/example.crt\n    key_path: /etc/example.key\n    ca: example\n    csr:\n      CN: example\n      hosts: [localhost, 127.0.0.1]\n      key: {algo: ecdsa, size: 256}\n    config:\n      signing:\n        default: {expiry: 8760h}\n        profiles:\n          server: {expiry: 8760h, usages: [signing, key encipherment, server auth]}\n    profile: server\n    renew_before: 30d`,
    },
  ],
  async probe(host, given, controller): Promise<State> {
    const params = given as Params
    const [cert, key, desire] = await Promise.all([
      lookAtText(host, params.path),
      params.key_path === undefined ? null : lookAtText(host, params.key_path),
      params.authority === undefined ? leafOf(params, controller) : authorityOf(params, params.authority, controller),
    ])
    if (typeof key === 'string') controller.secret(key)
    const { inspect } = await pki()
    const { wanted, order, issue } = await desire(cert, key)
    const facts = { ...(await promised(order)), ...(wanted.kept === undefined ? {} : factsOf(inspect(wanted.kept))) }
    const common = { reasons: wanted.reasons, facts, notes: order.request.notes }
    if (wanted.failed !== undefined) return { ...common, parts: [], failed: wanted.failed, hint: wanted.hint }
    const parts = [partOf(host, certOrder(params, wanted, await describe(cert)), cert, controller.checking)]
    // The key first: a key without its certificate is told on the next run, and made again with it.
    if (params.key_path !== undefined) {
      const { key_mode: mode, owner, group, key_path: path } = params
      parts.unshift(
        partOf(host, { path, content: wanted.key, mode, owner, group, secret: true }, key, controller.checking),
      )
    }
    return { ...common, parts: await Promise.all(parts), issue }
  },
  plan(state, params) {
    const { path, key_path } = params as Params
    const where = { path, ...(key_path === undefined ? {} : { key_path }) }
    if (state.failed !== undefined) {
      return {
        failed: state.failed,
        result: { ...where, reasons: state.reasons },
        ...(state.hint === undefined ? {} : { hint: state.hint }),
      }
    }
    const { warnings, ...planned } = planParts(state.parts)
    const plan: Plan = {
      ...planned,
      warnings: [...state.notes, ...warnings],
      result: { ...where, reasons: planned.steps.length === 0 ? [] : state.reasons, ...state.facts },
    }
    if (state.issue && planned.steps.some((step) => step.send && 'make' in step.send)) orders.set(plan, state.issue)
    return plan
  },
  async after(_host, plan) {
    const issued = orders.get(plan)
    if (!issued) return {}
    const { inspect } = await pki()
    return factsOf(inspect((await issued()).certPem))
  },
})

type Desire = (cert: There, key: There) => Promise<{ wanted: Wanted; order: Order; issue: () => Promise<Pair> }>

async function authorityOf(params: Params, name: string, controller: Controller): Promise<Desire> {
  const { csr, csrName } = await documents(params, controller)
  const { ensureAuthority, parseAuthorityOrder, peekAuthority, sayKind, kindOfKey, loadKey } = await pki()
  const order = parseAuthorityOrder({ csr, csrName, renewBefore: params.renew_before })
  const { request, renewBefore } = order
  const peeked = await peekAuthority(controller.pkiFolder, name, request, { renewBefore })
  if (peeked.keyPem !== null) controller.secret(peeked.keyPem)
  const issue = once(async () => {
    const stored = await ensureAuthority(controller.pkiFolder, name, request, { renewBefore })
    controller.secret(stored.keyPem)
    return stored
  })
  return async (cert, key) => {
    const newKey = peeked.keyPem === null || sayKind(kindOfKey(loadKey(peeked.keyPem))) !== sayKind(request.key)
    const contents = contentsOf(issue, `the authority ${name}`)
    if (peeked.reasons.length === 0 && peeked.certPem !== null && peeked.keyPem !== null) {
      const [certPem, keyPem] = [peeked.certPem, peeked.keyPem]
      const reasons = [
        ...difference(cert, certPem, 'the certificate'),
        ...(params.key_path === undefined ? [] : difference(key, keyPem, 'the private key')),
      ]
      return { order, issue, wanted: { cert: Buffer.from(certPem), key: Buffer.from(keyPem), reasons, kept: certPem } }
    }
    const wanted = {
      ...contents,
      ...(newKey ? {} : { key: Buffer.from(peeked.keyPem!) }),
      reasons: [...peeked.reasons],
    }
    if (peeked.keyPem !== null || typeof cert !== 'string') return { order, issue, wanted }
    return { order, issue, wanted: { ...wanted, ...(await lostAuthority(params, name, cert, controller.pkiFolder)) } }
  }
}

/** A new authority in place of one whose key is elsewhere would make all it signed worthless: that is for people to decide. */
async function lostAuthority(
  params: Params,
  name: string,
  cert: string,
  folder: string,
): Promise<{ failed?: string; hint?: string }> {
  const there = await readable(cert)
  if (!there?.isCa) return {}
  return {
    failed: `${params.path} holds the authority ${there.subjectText}, but the PKI folder ${folder} has no authority "${name}".`,
    hint:
      `Bring ${name}.crt and ${name}.key into the PKI folder from the machine that made them (tsplay_pki_dir names the folder), ` +
      `or remove ${params.path} from the host to begin with a new authority.`,
  }
}

async function leafOf(params: Params, controller: Controller): Promise<Desire> {
  const name = params.ca!
  const { csr, csrName, config, configName } = await documents(params, controller)
  const { issue: issueOne, parseOrder, reasonsToReissue, storedAuthority } = await pki()
  const order = parseOrder({
    csr,
    csrName,
    config,
    configName,
    profile: params.profile,
    renewBefore: params.renew_before,
  })
  const { request, profile, renewBefore } = order
  const ca = await storedAuthority(controller.pkiFolder, name)
  if (ca) controller.secret(ca.keyPem)
  const issue = once(async () => {
    if (!ca) throw new Problem('pki', `There is no authority "${name}"`)
    const issued = await issueOne({ request, profile, ca })
    controller.secret(issued.keyPem)
    return issued
  })
  return async (cert, key) => {
    const contents = contentsOf(issue, request.CN || request.hosts[0] || 'this host')
    if (!ca && !controller.checking) {
      const failed = `There is no authority "${name}" in the PKI folder ${controller.pkiFolder}.`
      const hint = `Make it first, by a task with "cert: {authority: ${name}, …}", or name the folder that has it in tsplay_pki_dir.`
      return { order, issue, wanted: { ...contents, reasons: [], failed, hint } }
    }
    if (isUnknown(cert) || isUnknown(key)) return { order, issue, wanted: { ...contents, reasons: [UNSURE] } }
    const judged = {
      certPem: cert,
      keyPem: key,
      request,
      profile,
      renewBefore,
      ...(ca ? { caCertPem: ca.certPem } : {}),
    }
    const reasons = reasonsToReissue(judged)
    if (!ca && reasons.length === 0) reasons.push(`the authority "${name}" is not made yet`)
    if (reasons.length > 0 || cert === null || key === null) return { order, issue, wanted: { ...contents, reasons } }
    return { order, issue, wanted: { cert: Buffer.from(cert), key: Buffer.from(key), reasons, kept: cert } }
  }
}

async function documents(params: Params, controller: Controller) {
  const unknown = findUnknown([params.csr, params.config])
  if (unknown) throw new TouchedUnknown(unknown)
  const text = async (name: string | undefined) =>
    name === undefined ? undefined : (await (await controller.file(name, 'files')).content()).toString('utf8')
  const [csr, config] = await Promise.all([text(params.csr_file), text(params.config_file)])
  return {
    csr: csr ?? params.csr,
    csrName: params.csr_file,
    config: config ?? params.config,
    configName: params.config_file,
  }
}

function contentsOf(issue: () => Promise<Pair>, name: string): { cert: Content; key: Content } {
  const made = (what: string, part: keyof Pair): Content => ({
    make: async () => Buffer.from((await issue())[part]),
    unknown: new Unknown(`a new ${what} for ${name}`, { fresh: true }),
  })
  return { cert: made('certificate', 'certPem'), key: made('private key', 'keyPem') }
}

function certOrder(params: Params, wanted: Wanted, before: string | undefined) {
  const { path, mode, owner, group } = params
  const made = 'make' in wanted.cert
  const after = made ? `a new certificate: ${wanted.reasons.join('; ')}` : undefined
  return { path, content: wanted.cert, mode, owner, group, ...(made ? { said: { before, after } } : {}) }
}

function difference(there: There, asked: string, what: string): string[] {
  if (there === null) return [`${what} is missing`]
  if (isUnknown(there)) return [UNSURE]
  return there === asked ? [] : [`${what} on the host is another one`]
}

/** What is sure beforehand of one that will be issued. */
async function promised({ request, profile }: Order): Promise<Record<string, unknown>> {
  const { alternativeNames, sayAlternative, sayName, subjectOf } = await pki()
  const later = (what: string) => new Unknown(`the ${what} of a certificate that is not issued yet`, { fresh: true })
  return {
    subject: sayName(subjectOf(request)),
    sans: alternativeNames(request.hosts, profile.isCa).map(sayAlternative),
    not_after: later('end'),
    fingerprint: later('fingerprint'),
    serial_number: later('serial number'),
  }
}

function factsOf(facts: CertificateFacts): Record<string, unknown> {
  return {
    subject: facts.subjectText,
    sans: [...facts.sans],
    not_after: `${facts.notAfter.toISOString().slice(0, 19)}Z`,
    fingerprint: facts.fingerprint,
    serial_number: facts.serial,
  }
}

async function readable(cert: string): Promise<CertificateFacts | undefined> {
  const { inspect } = await pki()
  try {
    return inspect(cert)
  } catch {
    // No certificate at all: nothing to be said of it.
    return undefined
  }
}

async function describe(cert: There): Promise<string | undefined> {
  if (typeof cert !== 'string') return undefined
  const facts = await readable(cert)
  return facts ? `${facts.subjectText}, until ${facts.notAfter.toISOString().slice(0, 10)}` : 'no readable certificate'
}

function once<T>(work: () => Promise<T>): () => Promise<T> {
  let done: Promise<T> | undefined
  return () => (done ??= work())
}
