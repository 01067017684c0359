import {
  type Controller,
  defineModule,
  exec,
  type Host,
  isToCome,
  isUnknown,
  type KubeAccess,
  type KubeTrouble,
  kubectlScript,
  kubectlTrouble,
  kubeEffects,
  kubeParams,
  kubeResource,
  kubeResources,
  type Manifest,
  manifestsIn,
  manifestText,
  type Plan,
  refuseToGuess,
  type Step,
  sayManifest,
  type Unknown,
} from 'tsplay'

interface Params extends KubeAccess {
  state: 'present' | 'absent' | 'get'
  definition?: unknown
  src?: string
  template?: string
  api_version: string
  kind?: string
  name?: string
  label_selectors: string[]
  field_selectors: string[]
  server_side_apply?: { field_manager?: string; force_conflicts?: boolean }
  delete_options?: { propagationPolicy?: string; gracePeriodSeconds?: number }
  wait: boolean
  wait_condition?: { type: string; status: string }
  wait_timeout: number
}

/** An object that the task is about. */
interface Entry {
  readonly manifest: Manifest
  readonly live: Manifest | null
  /** As it would be; null: gone. */
  readonly next: Manifest | null
}

interface State {
  readonly entries: readonly Entry[]
  /** What was asked for by `get`; unknown in a dry run that would change some. */
  readonly found?: readonly Manifest[] | Unknown
  readonly trouble?: KubeTrouble
}

/** The objects of a plan; undefined for those that its first steps apply, in order. */
const kept = new WeakMap<Plan, readonly (Manifest | undefined)[]>()

export default defineModule({
  summary: 'Keep objects of Kubernetes: apply, delete, get them, wait for them.',
  description:
    'Works through kubectl on a host that has it and a kubeconfig, best a master. Objects are applied by the server (server-side apply); ' +
    'what would change is asked of the server too, by its own dry run, which also says what it would refuse. An object that is as it would be is left ' +
    'alone. In a dry run, objects in a namespace or of a kind that does not exist yet are predicted as they are written.',
  aliases: ['k8s'],
  volatile: true,
  params: {
    type: 'object',
    properties: {
      state: { enum: ['present', 'absent', 'get'], default: 'present', description: 'get changes nothing.' },
      definition: {
        type: ['object', 'array', 'string'],
        aliases: ['resource_definition', 'inline'],
        description: 'The objects: a map, a list of maps, or YAML with any number of documents.',
      },
      src: { type: 'string', controllerFile: 'files', description: 'The same, as a file of the controller.' },
      template: { type: 'string', controllerFile: 'templates', description: 'The same, as a template.' },
      api_version: {
        type: 'string',
        default: 'v1',
        aliases: ['api', 'version'],
        description: 'With kind: such as apps/v1.',
      },
      kind: { type: 'string', description: 'Without a definition: the kind of the object, or of those to get.' },
      name: { type: 'string', description: 'Without a definition: the name of the object.' },
      namespace: { type: 'string', description: "For objects that name none. Default: the context's." },
      label_selectors: {
        type: 'array',
        items: { type: 'string' },
        default: [],
        description: 'With get: only those with such labels, app=web.',
      },
      field_selectors: {
        type: 'array',
        items: { type: 'string' },
        default: [],
        description: 'With get: only those with such fields, status.phase=Running.',
      },
      server_side_apply: {
        type: 'object',
        properties: {
          field_manager: { type: 'string', default: 'tsplay', description: 'Who sets the fields.' },
          force_conflicts: { type: 'boolean', default: false, description: 'Take over fields that others set.' },
        },
        additionalProperties: false,
        description: 'field_manager (default tsplay), force_conflicts (default false).',
      },
      delete_options: {
        type: 'object',
        properties: {
          propagationPolicy: { enum: ['Foreground', 'Background', 'Orphan'] },
          gracePeriodSeconds: { type: 'integer', minimum: 0 },
        },
        additionalProperties: false,
        description: 'propagationPolicy, gracePeriodSeconds.',
      },
      wait: {
        type: 'boolean',
        default: false,
        description:
          'Wait for wait_condition; without one, until Deployments, DaemonSets and StatefulSets are rolled out, Pods ready, or objects to delete are gone.',
      },
      wait_condition: {
        type: 'object',
        properties: {
          type: { type: 'string', description: 'Such as Available.' },
          status: { enum: ['True', 'False', 'Unknown'], default: 'True' },
        },
        required: ['type'],
        additionalProperties: false,
        description: 'type and status (default "True") of a condition that the objects must have.',
      },
      wait_timeout: { type: 'integer', minimum: 1, default: 120, description: 'Seconds.' },
      ...kubeParams,
    },
    oneOf: [
      { required: ['definition'] },
      { required: ['src'] },
      { required: ['template'] },
      { required: ['kind', 'name'] },
      {
        properties: { state: { const: 'get' } },
        required: ['state', 'kind'],
        not: { anyOf: [{ required: ['name'] }, { required: ['definition'] }] },
      },
    ],
    additionalProperties: false,
  },
  returns: {
    resources: 'the objects, as the API has them (in a dry run: would have them); none of those deleted',
    result: 'the same of a single object, else null',
    method: 'create, apply, delete or get',
  },
  examples: [
    {
      title: 'A namespace and what is in it',
      yaml: `- kube:\n    kubeconfig: /etc/kubernetes/admin.conf\n    definition: |\n      apiVersion: v1\n      kind: Namespace\n      metadata: {name: web}\n      ---\n      apiVersion: v1\n      kind: ConfigMap\n      metadata: {name: settings, namespace: web}\n      data: {colour: green}`,
      cannotRun: 'it needs a running apiserver',
    },
    {
      title: 'A deployment, rolled out',
      yaml: `- kube:\n    kubeconfig: /etc/kubernetes/admin.conf\n    namespace: web\n    definition:\n      apiVersion: apps/v1\n      kind: Deployment\n      metadata: {name: site}\n      spec:\n        selector: {matchLabels: {app: site}}\n        template:\n          metadata: {labels: {app: site}}\n          spec: {containers: [{name: site, image: "nginx:1.27"}]}\n    wait: true`,
      cannotRun: 'it needs a running apiserver',
    },
    {
      title: 'Which nodes are there',
      yaml: `- kube: {state: get, kind: Node, kubeconfig: /etc/kubernetes/admin.conf}\n  register: nodes\n- debug: {msg: !expr 'nodes.resources.map(node, node.metadata.name)'}`,
      cannotRun: 'it needs a running apiserver',
    },
    {
      title: 'A namespace is gone',
      yaml: `- kube: {state: absent, kind: Namespace, name: web, wait: true, kubeconfig: /etc/kubernetes/admin.conf}`,
      cannotRun: 'it needs a running apiserver',
    },
  ],
  async probe(host, given, controller): Promise<State> {
    const params = given as Params
    if (params.state === 'get' && params.kind !== undefined) return inquire(host, params)
    const manifests = await manifestsOf(params, controller)
    for (const manifest of manifests) keepSecrets(manifest, controller)
    const looks = await lookAt(host, manifests, params, controller)
    if ('failed' in looks) return { entries: [], trouble: looks }
    if (params.state === 'get')
      return { entries: [], found: looks.flatMap(({ live }) => live ?? []), ...(await waited(host, looks, params)) }
    return { entries: looks, ...(await waited(host, looks.filter(isRight(params)), params)) }
  },
  plan({ entries, found, trouble }, given): Plan {
    const params = given as Params
    if (trouble) return { ...trouble, result: resultOf(found ?? [], params) }
    if (found !== undefined) return { result: resultOf(found, params, 'get') }
    const wrong = entries.filter((entry) => !isRight(params)(entry))
    const orders = wrong.map((entry) =>
      params.state === 'absent' ? removal(entry, params) : application(entry, params),
    )
    const waits = params.wait && params.state === 'present' ? wrong.flatMap((entry) => waitStep(entry, params)) : []
    const method = params.state === 'absent' ? 'delete' : wrong.some(({ live }) => live === null) ? 'create' : 'apply'
    const plan: Plan = {
      changes: wrong.map(({ manifest, live, next }) => ({
        path: sayManifest(live ?? next ?? manifest, params.namespace),
        ...(live === null ? {} : { before: manifestText(live) }),
        ...(next === null || params.state === 'absent' ? {} : { after: manifestText(next) }),
        ...(manifest.kind === 'Secret' ? { secret: true } : {}),
      })),
      steps: [...orders, ...waits],
      result: resultOf(
        entries.flatMap(({ next }) => (params.state === 'absent' ? [] : (next ?? []))),
        params,
        method,
      ),
    }
    kept.set(
      plan,
      entries.map((entry) => (wrong.includes(entry) ? undefined : (entry.next ?? undefined))),
    )
    return plan
  },
  after(_host, plan, replies, given) {
    const params = given as Params
    if (params.state !== 'present') return {}
    const applied = replies.map(({ stdout }) => stdout.toString('utf8'))
    const resources = (kept.get(plan) ?? []).map((there) => there ?? (JSON.parse(applied.shift()!) as Manifest))
    return resultOf(resources, params)
  },
})

async function manifestsOf(params: Params, controller: Controller): Promise<Manifest[]> {
  const { definition, src, template, api_version, kind, name } = params
  if (definition !== undefined) return manifestsIn(definition, 'the definition')
  if (src !== undefined) return manifestsIn((await (await controller.file(src, 'files')).content()).toString(), src)
  if (template === undefined) return [{ apiVersion: api_version, kind: kind!, metadata: { name: name! } }]
  const file = await controller.file(template, 'templates')
  return manifestsIn(controller.render((await file.content()).toString(), file.path), template)
}

/** What a Secret holds is masked, encoded or not. */
function keepSecrets(manifest: Manifest, controller: Controller): void {
  if (manifest.kind !== 'Secret') return
  for (const value of Object.values((manifest['stringData'] ?? {}) as object)) controller.secret(String(value))
  for (const value of Object.values((manifest['data'] ?? {}) as object)) {
    controller.secret(String(value))
    controller.secret(Buffer.from(String(value), 'base64').toString())
  }
}

const accessOf = ({ kubectl, kubeconfig, context, namespace }: Params): KubeAccess => ({
  kubectl,
  kubeconfig,
  context,
  namespace,
})

const askOf = (manifest: Manifest, params: Params) => ({
  access: accessOf(params),
  manifest,
  ...(params.state === 'present' ? { apply: applyWords(params) } : {}),
})

function applyWords({
  server_side_apply: { field_manager = 'tsplay', force_conflicts = false } = {},
}: Params): string[] {
  return [
    'apply',
    '--server-side',
    `--field-manager=${field_manager}`,
    ...(force_conflicts ? ['--force-conflicts'] : []),
    '-f',
    '-',
  ]
}

async function lookAt(
  host: Host,
  manifests: readonly Manifest[],
  params: Params,
  controller: Controller,
): Promise<Entry[] | KubeTrouble> {
  const access = accessOf(params)
  const looks = await Promise.all(manifests.map((manifest) => host.read(kubeResource, askOf(manifest, params))))
  const entries: Entry[] = []
  for (const [index, manifest] of manifests.entries()) {
    const look = looks[index]!
    const { live, next, trouble } = look
    if (controller.checking && !look.foreseen) await refuseToGuess(host, access, manifest)
    if (live) keepSecrets(live, controller)
    if (!trouble) entries.push({ manifest, live, next })
    else if (params.state !== 'present' && /no matches for kind/.test(trouble.failed))
      entries.push({ manifest, live: null, next: null })
    else if (params.state === 'present' && (await isToCome(host, access, trouble.failed, manifests.slice(0, index))))
      entries.push({ manifest, live: null, next: manifest })
    else return { ...trouble, failed: `${sayManifest(manifest, params.namespace)}: ${trouble.failed}` }
  }
  return entries
}

/** Objects by kind, name and selectors. */
async function inquire(host: Host, params: Params): Promise<State> {
  const { kind, name, api_version, label_selectors, field_selectors } = params
  // KIND.VERSION.GROUP, as kubectl takes it; the core group has no name.
  const [version, group = ''] = api_version.split('/').reverse()
  const words = [
    `${kind}.${version}.${group}`,
    ...(name === undefined ? [] : [name]),
    ...(label_selectors.length > 0 ? [`--selector=${label_selectors.join(',')}`] : []),
    ...(field_selectors.length > 0 ? [`--field-selector=${field_selectors.join(',')}`] : []),
    ...(params.namespace === undefined ? ['--all-namespaces'] : []),
  ]
  const got = await host.maybe(kubeResources, { access: accessOf(params), words })
  if (isUnknown(got)) return { entries: [], found: got }
  if (got.trouble) return { entries: [], trouble: got.trouble }
  const entries = got.items.map((live) => ({ manifest: live, live, next: live }))
  return { entries: [], found: got.items, ...(await waited(host, entries, params)) }
}

/** Waits for objects that need no change. */
async function waited(host: Host, entries: readonly Entry[], params: Params): Promise<{ trouble?: KubeTrouble }> {
  if (!params.wait) return {}
  for (const entry of entries) {
    const words = waitWords(entry, params)
    if (!words) continue
    const reply = await host.query(kubectlScript(accessOf(params), words, bare(entry.manifest)), { volatile: true })
    if (reply.status === 0) continue
    const trouble = kubectlTrouble(reply, accessOf(params))
    return { trouble: { ...trouble, failed: `${sayManifest(entry.manifest, params.namespace)}: ${trouble.failed}` } }
  }
  return {}
}

const ROLLED_OUT = ['Deployment', 'DaemonSet', 'StatefulSet']

function waitWords({ manifest, live }: Entry, { state, wait_condition, wait_timeout }: Params): string[] | undefined {
  const end = [`--timeout=${wait_timeout}s`, '-f', '-']
  if (state === 'absent') return live ? ['wait', '--for=delete', ...end] : undefined
  if (wait_condition) return ['wait', `--for=condition=${wait_condition.type}=${wait_condition.status}`, ...end]
  if (ROLLED_OUT.includes(manifest.kind)) return ['rollout', 'status', ...end]
  return manifest.kind === 'Pod' ? ['wait', '--for=condition=Ready', ...end] : undefined
}

/** No more than what tells which object it is. */
const bare = ({ apiVersion, kind, metadata: { name, namespace } }: Manifest): Manifest => ({
  apiVersion,
  kind,
  metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
})

/** Whether there is nothing to do for it. */
const isRight =
  ({ state }: Params) =>
  ({ live, next }: Entry): boolean => {
    if (state === 'get') return true
    // What is being deleted stays for as long as its finalizers need.
    if (state === 'absent') return live === null || live.metadata['deletionTimestamp'] !== undefined
    return live !== null && next !== null && manifestText(live) === manifestText(next)
  }

function application({ manifest, next }: Entry, params: Params): Step {
  const access = accessOf(params)
  const apply = kubectlScript(access, [...applyWords(params), '-o', 'json'], manifest, { sent: true })
  // Its objects can be applied only once the API serves their kind.
  const served = kubectlScript(
    access,
    ['wait', '--for=condition=Established', '--timeout=60s', '-f', '-'],
    bare(manifest),
  )
  return exec({
    show: `apply ${sayManifest(manifest, params.namespace)}`,
    send: Buffer.from(JSON.stringify(manifest)),
    script: manifest.kind === 'CustomResourceDefinition' ? `${apply} || exit\n${served} >/dev/null` : apply,
    effects: kubeEffects(askOf(manifest, params), next),
  })
}

function removal({ manifest }: Entry, params: Params): Step {
  const { propagationPolicy, gracePeriodSeconds } = params.delete_options ?? {}
  const words = [
    ...['delete', '--ignore-not-found', `--wait=${params.wait}`],
    ...(params.wait ? [`--timeout=${params.wait_timeout}s`] : []),
    ...(propagationPolicy === undefined ? [] : [`--cascade=${propagationPolicy.toLowerCase()}`]),
    ...(gracePeriodSeconds === undefined ? [] : [`--grace-period=${gracePeriodSeconds}`]),
    ...['-f', '-'],
  ]
  return exec({
    show: `delete ${sayManifest(manifest, params.namespace)}`,
    script: kubectlScript(accessOf(params), words, bare(manifest)),
    effects: kubeEffects(askOf(manifest, params), null),
  })
}

function waitStep(entry: Entry, params: Params): Step[] {
  const words = waitWords(entry, params)
  if (!words) return []
  const script = kubectlScript(accessOf(params), words, bare(entry.manifest))
  return [exec({ show: `wait for ${sayManifest(entry.manifest, params.namespace)}`, script, effects: [] })]
}

function resultOf(resources: readonly Manifest[] | Unknown, params: Params, method?: string): Record<string, unknown> {
  const single =
    !isUnknown(resources) && resources.length === 1 && (params.state !== 'get' || params.name !== undefined)
  return {
    resources,
    result: isUnknown(resources) ? resources : single ? resources[0] : null,
    ...(method === undefined ? {} : { method }),
  }
}
