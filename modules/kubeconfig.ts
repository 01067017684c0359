import { createHash } from 'node:crypto'
import {
  attributeParams,
  type Content,
  type Controller,
  content,
  defineModule,
  findUnknown,
  type Host,
  isUnknown,
  type Kubeconfig,
  lookAtText,
  type Part,
  type Plan,
  Problem,
  partOf,
  pki,
  planParts,
  TouchedUnknown,
  Unknown,
} from 'tsplay'

interface ClientCert {
  csr?: unknown
  csr_file?: string
  ca?: string
  profile?: string
  config?: unknown
  config_file?: string
  renew_before?: string
}

interface Params {
  path: string
  cluster: string
  server: string
  ca?: string
  ca_path?: string
  user: string
  context?: string
  namespace?: string
  client_cert?: ClientCert
  client_certificate_path?: string
  client_key_path?: string
  owner?: string
  group?: string
  mode: string
}

interface Pair {
  certPem: string
  keyPem: string
}

/** What shall be in the file, why it is written, and how people see it (certificates by digest, keys not at all). */
interface Wanted {
  content: Content
  reasons: string[]
  after?: string | undefined
  /** The client certificate in it, when there is one already. */
  certPem?: string
}

interface State {
  part?: Part
  reasons: string[]
  notes: readonly string[]
  not_after?: unknown
  /** The client certificate that is issued while the file is written. */
  issued?: () => Promise<Pair>
  failed?: string
  hint?: string
}

/** The end of a probe that found something missing. */
class Missing extends Error {
  readonly hint: string
  constructor(message: string, hint: string) {
    super(message)
    this.hint = hint
  }
}

const orders = new WeakMap<Plan, () => Promise<Pair>>()

export default defineModule({
  summary: 'Keep a kubeconfig on the host, with its certificates inside.',
  description:
    'Makes what kubectl config set-cluster, set-credentials, set-context (with --embed-certs) and use-context make of a ' +
    'new file. The client certificate is issued by an authority of the PKI folder (see cert), or taken from files of the ' +
    'host. A file that is equal in effect stays byte for byte; the client certificate stays until it must be issued ' +
    'again; `reasons` says why. The whole file is replaced.',
  groups: ['certificates'],
  params: {
    type: 'object',
    properties: {
      path: { type: 'string', format: 'path', aliases: ['dest'], description: 'Where the file goes.' },
      cluster: { type: 'string', description: "The cluster's name in it." },
      server: {
        type: 'string',
        pattern: '^https?://[^\\s/]+',
        description: "The API's URL: https://192.168.1.34:6443.",
      },
      ca: { type: 'string', description: "The authority of the PKI folder that signed the server's certificate." },
      ca_path: { type: 'string', format: 'path', description: 'The same, as a PEM file of the host.' },
      user: { type: 'string', description: "The user's name in it." },
      context: { type: 'string', description: "The context's name. Default: USER@CLUSTER." },
      namespace: { type: 'string', description: "The context's namespace." },
      client_cert: {
        type: 'object',
        description: 'The client certificate to issue, with the parameters of cert; ca: the same authority as above.',
        properties: {
          csr: { type: 'object' },
          csr_file: { type: 'string', controllerFile: 'files' },
          ca: { type: 'string' },
          profile: { type: 'string' },
          config: { type: 'object' },
          config_file: { type: 'string', controllerFile: 'files' },
          renew_before: { type: 'string' },
        },
        additionalProperties: false,
      },
      client_certificate_path: {
        type: 'string',
        format: 'path',
        description: 'A client certificate of the host, PEM.',
      },
      client_key_path: { type: 'string', format: 'path', description: 'Its private key.' },
      owner: attributeParams.owner,
      group: attributeParams.group,
      mode: {
        type: 'string',
        format: 'mode',
        default: '0600',
        description: 'It holds a private key: keep it for its owner.',
      },
    },
    required: ['path', 'cluster', 'server', 'user'],
    allOf: [
      { oneOf: [{ required: ['ca'] }, { required: ['ca_path'] }] },
      { oneOf: [{ required: ['client_cert'] }, { required: ['client_certificate_path', 'client_key_path'] }] },
    ],
    additionalProperties: false,
  },
  returns: {
    reasons: 'why it was (or would be) written, a list of sentences; empty when it stayed',
    context: 'the name of its context',
    not_after: 'when the client certificate ends, ISO 8601 in UTC',
  },
  examples: [
    {
      title: "The administrator's",
      given:
        '- cert:\n    authority: example\n    csr: {CN: Example CA, key: {algo: ecdsa, size: 256}, ca: {expiry: 87600h}}\n    path: /etc/example-ca.crt',
      yaml: `- kubeconfig:\n    path: /etc/example-admin.conf\n    cluster: example\n    server: https://192.168.1.34:6443\n    ca: example\n    user: admin\n    client_cert:\n      csr: {CN: admin, key: {algo: ecdsa, size: 256}, names: [{O: 'system:masters'}]}\n      renew_before: 30d`,
    },
  ],
  async probe(host, given, controller): Promise<State> {
    const params = given as Params
    const [there, material] = await Promise.all([lookAtText(host, params.path), materialOf(host, params, controller)])
    if (material instanceof Missing) return { reasons: [], notes: [], failed: material.message, hint: material.hint }
    if (typeof there === 'string') keepSecrets(there, controller)
    const wanted = await material.want(there)
    const { path, owner, group, mode } = params
    const said = { before: typeof there === 'string' ? await shown(there) : undefined, after: wanted.after }
    const part = await partOf(
      host,
      { path, content: wanted.content, owner, group, mode, secret: true, said },
      there,
      controller.checking,
    )
    const { inspect } = await pki()
    const not_after =
      wanted.certPem === undefined
        ? new Unknown('the end of a certificate that is not issued yet', { fresh: true })
        : endOf(inspect(wanted.certPem, 'the client certificate').notAfter)
    return {
      part,
      reasons: wanted.reasons,
      notes: material.notes,
      not_after,
      ...(material.issue ? { issued: material.issue } : {}),
    }
  },
  plan(state, given) {
    const params = given as Params
    const result = { path: params.path, server: params.server, context: contextOf(params), reasons: state.reasons }
    if (state.failed !== undefined || !state.part) {
      return {
        failed: state.failed ?? 'The kubeconfig cannot be made.',
        result,
        ...(state.hint === undefined ? {} : { hint: state.hint }),
      }
    }
    const { warnings, ...planned } = planParts([state.part])
    const plan: Plan = {
      ...planned,
      warnings: [...state.notes, ...warnings],
      result: { ...result, not_after: state.not_after },
    }
    if (state.issued && isUnknown(state.not_after)) orders.set(plan, state.issued)
    return plan
  },
  async after(_host, plan) {
    const issued = orders.get(plan)
    if (!issued || !plan.steps?.some((step) => step.send)) return {}
    const { inspect } = await pki()
    return { not_after: endOf(inspect((await issued()).certPem).notAfter) }
  },
})

/** The parts of the file, as far as they are at hand. */
interface Material {
  notes: readonly string[]
  issue?: () => Promise<Pair>
  want(there: string | null | Unknown): Promise<Wanted>
}

async function materialOf(host: Host, params: Params, controller: Controller): Promise<Material | Missing> {
  try {
    return params.client_cert === undefined
      ? await fromHost(host, params, controller)
      : await fromAuthority(host, params, params.client_cert, controller)
  } catch (thrown) {
    if (thrown instanceof Missing) return thrown
    throw thrown
  }
}

async function fromAuthority(
  host: Host,
  params: Params,
  client: ClientCert,
  controller: Controller,
): Promise<Material> {
  const unknown = findUnknown(client)
  if (unknown) throw new TouchedUnknown(unknown)
  if ((client.csr === undefined) === (client.csr_file === undefined)) {
    throw new Problem('bad-parameter', 'client_cert needs exactly one of "csr", "csr_file".')
  }
  const name = client.ca ?? params.ca
  if (name === undefined) {
    throw new Problem('bad-parameter', 'client_cert needs "ca", the authority that signs it.', {
      hint: 'ca_path names a certificate of the host, which cannot sign.',
    })
  }
  const [caFile, csrText, configText, modules] = await Promise.all([
    params.ca_path === undefined ? undefined : fileOf(host, params.ca_path),
    textOf(client.csr_file, controller),
    textOf(client.config_file, controller),
    pki(),
  ])
  const { issue: issueOne, parseOrder, reasonsToReissue, storedAuthority } = modules
  const { request, profile, renewBefore } = parseOrder({
    csr: csrText ?? client.csr,
    csrName: client.csr_file,
    config: configText ?? client.config,
    configName: client.config_file,
    profile: client.profile,
    renewBefore: client.renew_before,
  })
  const authority = await storedAuthority(controller.pkiFolder, name)
  if (authority) controller.secret(authority.keyPem)
  const server =
    params.ca === undefined || params.ca === name ? authority : await storedAuthority(controller.pkiFolder, params.ca)
  if (!controller.checking) {
    if (!authority) throw noAuthority(name, controller)
    if (params.ca !== undefined && !server) throw noAuthority(params.ca, controller)
  }
  const caPem =
    params.ca === undefined
      ? caFile!
      : (server?.certPem ?? new Unknown(`the authority "${params.ca}" is not made yet`, { fresh: true }))
  let issued: Promise<Pair> | undefined
  const issue = () => {
    issued ??= issueOne({ request, profile, ...(authority ? { ca: authority } : {}) })
    return issued
  }
  return {
    notes: request.notes,
    issue,
    async want(there) {
      const fresh = (reasons: string[], caKnown: string | undefined): Promise<Wanted> =>
        freshlyMade(params, reasons, caKnown, async (ca) => {
          const pair = await issue()
          controller.secret(pair.keyPem)
          return text(params, ca, pair)
        })
      const caKnown = isUnknown(caPem) ? undefined : caPem
      if (isUnknown(there)) return fresh(['what the host has by then is not known'], caKnown)
      if (caKnown === undefined || !authority) {
        return fresh(
          [
            ...(there === null ? ['the kubeconfig is missing'] : []),
            (caPem as Unknown).reason ?? `the authority "${name}" is not made yet`,
          ],
          caKnown,
        )
      }
      if (there === null) return fresh(['the kubeconfig is missing'], caKnown)
      const now = await embedded(there, params.user)
      const judged = reasonsToReissue({
        certPem: now.certPem,
        keyPem: now.keyPem,
        request,
        profile,
        caCertPem: authority.certPem,
        renewBefore,
      })
      if (judged.length > 0 || now.certPem === null || now.keyPem === null) {
        return fresh(
          judged.map((reason) => `of the client certificate: ${reason}`),
          caKnown,
        )
      }
      return settled(params, there, caKnown, { certPem: now.certPem, keyPem: now.keyPem })
    },
  }
}

async function fromHost(host: Host, params: Params, controller: Controller): Promise<Material> {
  const [caFile, certPem, keyPem, { storedAuthority }] = await Promise.all([
    params.ca_path === undefined ? undefined : fileOf(host, params.ca_path),
    fileOf(host, params.client_certificate_path!),
    fileOf(host, params.client_key_path!),
    pki(),
  ])
  if (typeof keyPem === 'string') controller.secret(keyPem)
  const stored = params.ca === undefined ? undefined : await storedAuthority(controller.pkiFolder, params.ca)
  if (stored === null && !controller.checking) throw noAuthority(params.ca!, controller)
  const caPem =
    caFile ?? stored?.certPem ?? new Unknown(`the authority "${params.ca}" is not made yet`, { fresh: true })
  return {
    notes: [],
    async want(there) {
      const unknown = [caPem, certPem, keyPem].find(isUnknown)
      if (
        unknown ||
        isUnknown(there) ||
        typeof caPem !== 'string' ||
        typeof certPem !== 'string' ||
        typeof keyPem !== 'string'
      ) {
        const why = unknown ?? (there as Unknown)
        return freshlyMade(params, [why.reason], undefined, () => Promise.reject(new TouchedUnknown(why)), why.fresh)
      }
      const { fits, inspect } = await pki()
      inspect(certPem, params.client_certificate_path)
      if (!fits(keyPem, certPem)) {
        throw new Problem(
          'pki',
          `${params.client_key_path} is not the private key of ${params.client_certificate_path}`,
        )
      }
      return settled(params, there, caPem, { certPem, keyPem })
    },
  }
}

function noAuthority(name: string, controller: Controller): Missing {
  return new Missing(
    `There is no authority "${name}" in the PKI folder ${controller.pkiFolder}.`,
    `Make it first, by a task with "cert: {authority: ${name}, …}", or name the folder that has it in tsplay_pki_dir.`,
  )
}

async function fileOf(host: Host, path: string): Promise<string | Unknown> {
  const bytes = await host.maybe(content, path)
  if (bytes === null) throw new Missing(`${path} does not exist on the host.`, 'An earlier task must put it there.')
  return isUnknown(bytes) ? bytes : bytes.toString('utf8')
}

async function textOf(name: string | undefined, controller: Controller): Promise<string | undefined> {
  return name === undefined ? undefined : (await (await controller.file(name, 'files')).content()).toString('utf8')
}

/** All of it is at hand: whether the file does what it should. */
async function settled(params: Params, there: string | null, caPem: string, pair: Pair): Promise<Wanted> {
  const { kubeconfigDifferences, writeKubeconfig } = await pki()
  const wanted = await build(params, caPem, pair)
  const reasons = there === null ? ['the kubeconfig is missing'] : kubeconfigDifferences(there, wanted)
  if (there !== null && reasons.length === 0) return { content: Buffer.from(there), reasons, certPem: pair.certPem }
  const asked = writeKubeconfig(wanted)
  return { content: Buffer.from(asked), reasons, after: await shown(asked), certPem: pair.certPem }
}

/** A part of it is made only when the file is written. */
async function freshlyMade(
  params: Params,
  reasons: string[],
  caPem: string | undefined,
  make: (caPem: string) => Promise<string>,
  fresh = true,
): Promise<Wanted> {
  const after = await shown(await text(params, caPem ?? '', { certPem: '', keyPem: '' }))
  return {
    content: {
      make: async () => Buffer.from(await make(caPem ?? '')),
      unknown: new Unknown(`a new kubeconfig for ${params.user} at ${params.server}`, { fresh }),
    },
    reasons,
    after,
  }
}

const contextOf = (params: Params) => params.context ?? `${params.user}@${params.cluster}`
const endOf = (date: Date) => `${date.toISOString().slice(0, 19)}Z`

async function build(params: Params, caPem: string, pair: Pair): Promise<Kubeconfig> {
  const { buildKubeconfig } = await pki()
  const { cluster, server, user, context, namespace } = params
  return buildKubeconfig({
    cluster,
    server,
    user,
    caPem,
    ...pair,
    ...(context === undefined ? {} : { context }),
    ...(namespace === undefined ? {} : { namespace }),
  })
}

async function text(params: Params, caPem: string, pair: Pair): Promise<string> {
  const { writeKubeconfig } = await pki()
  return writeKubeconfig(await build(params, caPem, pair))
}

/** The client certificate and key inside a kubeconfig, of the user named; null for what is missing or unreadable. */
async function embedded(kubeconfig: string, user: string): Promise<{ certPem: string | null; keyPem: string | null }> {
  const { parseKubeconfig } = await pki()
  let users: unknown
  try {
    users = parseKubeconfig(kubeconfig).users
  } catch {
    // Not a kubeconfig: nothing in it can stay.
    return { certPem: null, keyPem: null }
  }
  const found = (Array.isArray(users) ? users : []).find((entry) => entry?.name === user)?.user as
    | Record<string, unknown>
    | undefined
  const decoded = (data: unknown) =>
    typeof data === 'string' && data !== '' ? Buffer.from(data, 'base64').toString('utf8') : null
  return { certPem: decoded(found?.['client-certificate-data']), keyPem: decoded(found?.['client-key-data']) }
}

/** Whatever is secret in a kubeconfig, of whichever user, is masked from now on. */
function keepSecrets(kubeconfig: string, controller: Controller): void {
  for (const { name, value } of fieldsOf(kubeconfig)) {
    if (!SECRET.test(name)) continue
    controller.secret(value)
    if (name === 'client-key-data') controller.secret(Buffer.from(value, 'base64').toString('utf8'))
  }
}

const SECRET = /^(client-key-data|token|password|id-token|refresh-token|access-token|client-secret)$/

/** Lines of `name: value`, whatever shape the file has: masking must not rest on its being well-formed. */
function fieldsOf(text: string): { name: string; value: string }[] {
  return [...text.matchAll(/["']?([A-Za-z-]+)["']?\s*:\s*["']?([^\s"',}]+)/g)].map(([, name, value]) => ({
    name: name!,
    value: value!,
  }))
}

/** For people: certificates by the digest of their text, keys and tokens not at all. */
async function shown(kubeconfig: string): Promise<string> {
  const { parseKubeconfig, writeKubeconfig } = await pki()
  try {
    return writeKubeconfig(redacted(parseKubeconfig(kubeconfig)) as Kubeconfig)
  } catch {
    return '(not a readable kubeconfig)'
  }
}

function redacted(value: unknown, name = ''): unknown {
  if (Array.isArray(value)) return value.map((part) => redacted(part))
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, redacted(part, key)]))
  }
  if (SHOWN.has(name) || typeof value !== 'string') return value
  if (!/certificate(-authority)?-data$/.test(name)) return '(secret)'
  if (value === '') return '(a new one)'
  return `(sha256 of the file ${createHash('sha256').update(Buffer.from(value, 'base64')).digest('hex').slice(0, 16)}…)`
}

/** Only what is known to hold no secret: plugins and environments of a foreign kubeconfig may hold anything. */
const SHOWN = new Set(['apiVersion', 'kind', 'name', 'cluster', 'server', 'user', 'namespace', 'current-context'])
