import {
  type Change,
  defineModule,
  defineRead,
  ETCD_SECTION,
  type EtcdAccess,
  type EtcdMember,
  etcdctlScript,
  etcdctlTrouble,
  etcdMemberName,
  etcdParams,
  exec,
  type Plan,
  quote,
  readEtcdCluster,
  type Step,
} from 'tsplay'

interface Params extends EtcdAccess {
  state: 'present' | 'absent' | 'list'
  name?: string
  peer_urls?: string[]
  learner: boolean
  force: boolean
  timeout: number
}

type Member = Pick<EtcdMember, 'id' | 'name' | 'peer_urls' | 'client_urls' | 'learner' | 'leader'> & {
  healthy: boolean
}

/** The cluster's own list, with who of them answers. */
interface Seen {
  readonly members: readonly Member[]
  readonly trouble?: { readonly failed: string; readonly hint: string }
}

const membership = defineRead<EtcdAccess, Seen>({
  name: 'etcd-members',
  key: ({ endpoints }) => [...endpoints].sort().join(','),
  volatile: true,
  items: (asks) =>
    asks.map(
      (access) => `${etcdctlScript(access)}
echo '${ETCD_SECTION}members'; e member list
echo '${ETCD_SECTION}health'; e endpoint health --cluster
echo '${ETCD_SECTION}status'; e endpoint status --cluster
:`,
    ),
  parse: (replies, asks) =>
    asks.map((access, index) => {
      const { status, stdout, stderr } = replies[index]!
      return seenIn({ status, output: `${stdout}${stderr}` }, access)
    }),
})

export default defineModule({
  summary: 'Keep the members of an etcd cluster: add, promote, remove, list.',
  description:
    'Asks and changes the cluster through etcdctl on a host that can reach it, best a running member (delegate_to). A member is known by its ' +
    'name, or, before it was first started, by its peer URLs. A learner becomes a voting member by the same task with learner: false, once ' +
    'it has caught up. What would leave the cluster without a quorum is refused. Change one member at a time: throttle: 1.',
  volatile: true,
  params: {
    type: 'object',
    properties: {
      state: {
        enum: ['present', 'absent', 'list'],
        default: 'present',
        description: 'list changes nothing.',
      },
      name: { type: 'string', minLength: 1, description: "The member's name." },
      peer_urls: {
        type: 'array',
        items: { type: 'string', pattern: '^https?://[^/\\s]+$' },
        minItems: 1,
        aliases: ['peer_url'],
        description: 'Where the other members reach it; of a member that is there, they are changed to these.',
      },
      learner: {
        type: 'boolean',
        default: false,
        description: 'Added without a vote, so that it can catch up; a member that has a vote keeps it.',
      },
      force: { type: 'boolean', default: false, description: 'Also what costs the cluster its quorum.' },
      timeout: {
        type: 'integer',
        minimum: 0,
        default: 60,
        description: 'Seconds that a learner may take to catch up before it is promoted.',
      },
      ...etcdParams,
    },
    dependentRequired: { cert: ['key'], key: ['cert'] },
    anyOf: [
      { properties: { state: { const: 'list' } }, required: ['state'] },
      { required: ['name'] },
      { properties: { state: { const: 'absent' } }, required: ['state', 'peer_urls'] },
    ],
    additionalProperties: false,
  },
  returns: {
    members: 'id (hex), name (null before it was first started), peer_urls, client_urls, learner, leader, healthy',
    member: 'the one that the task is about; null when there is none',
    quorum: 'how many voting members the cluster needs',
    initial_cluster: 'name=URL of all members, for ETCD_INITIAL_CLUSTER of the new one (with the state "existing")',
  },
  examples: [
    {
      title: 'One more member, first as a learner',
      yaml: `- etcd-member:\n    name: etcd-4\n    peer_urls: ["https://192.168.1.40:2380"]\n    learner: true\n    cacert: /etc/kubernetes/pki/etcd/ca.crt\n    cert: /etc/kubernetes/pki/etcd/server.crt\n    key: /etc/kubernetes/pki/etcd/server.key\n  delegate_to: k8s-master-1\n  register: joined\n- debug: {var: joined.initial_cluster}`,
      cannotRun: 'it needs a running etcd cluster',
    },
    {
      title: 'It gets its vote, when it has caught up',
      yaml: `- etcd-member:\n    name: etcd-4\n    endpoints: ["http://127.0.0.1:2379"]`,
      cannotRun: 'it needs a running etcd cluster',
    },
    {
      title: 'A member that is gone for good',
      yaml: `- etcd-member:\n    name: etcd-2\n    state: absent\n    endpoints: ["http://127.0.0.1:2379"]`,
      cannotRun: 'it needs a running etcd cluster',
    },
  ],
  probe: (host, params) => host.read(membership, params as Params),
  plan(seen: Seen, given): Plan {
    const params = given as Params
    if (seen.trouble) return { ...seen.trouble, result: resultOf([], params) }
    const found = seen.members.filter((member) => isMeant(member, params))
    if (params.state === 'list') return { result: resultOf(seen.members, params) }
    if (found.length > 1 || (params.name && found[0]?.name && found[0].name !== params.name))
      return {
        failed: `${found.map((member) => `${etcdMemberName(member as EtcdMember)} (${member.peer_urls.join(', ')})`).join(' and ')}: not the one member that is meant.`,
        hint: 'A peer URL belongs to another member. Remove that one first, or correct name and peer_urls.',
        result: resultOf(seen.members, params),
      }
    const decided =
      params.state === 'absent' ? removal(seen.members, found[0], params) : presence(seen.members, found[0], params)
    if ('refused' in decided)
      return { failed: decided.refused, hint: decided.hint, result: resultOf(seen.members, params) }
    const { members, orders } = decided
    return {
      changes: orders.map(({ change }) => change),
      steps: orders.map((order) => stepOf(order, members, params)),
      result: resultOf(members, params),
    }
  },
  async after(host, _plan, _replies, given) {
    const params = given as Params
    const { members, trouble } = await host.read(membership, params)
    // A cluster that has no quorum until its new member runs cannot be asked just now.
    return trouble ? {} : resultOf(members, params)
  },
})

function seenIn(reply: { status: number; output: string }, access: EtcdAccess): Seen {
  const trouble = etcdctlTrouble(reply, access, 'status')
  if (trouble) return { members: [], trouble }
  const listed = readEtcdCluster(reply.output, [])
  if (!listed.listed) {
    const { members } = readEtcdCluster(reply.output, access.endpoints)
    const why = members.map(({ endpoint, error }) => `${endpoint}: ${error}`).join('; ')
    return {
      members: [],
      trouble: {
        failed: `The cluster does not list its members: ${why}.`,
        hint: 'Is one of them running, and reached from here? See the module etcd-health.',
      },
    }
  }
  const urls = listed.members.flatMap(({ client_urls }) => client_urls)
  // A member with several URLs is well when it answers at one.
  const each = urls.map((url) => readEtcdCluster(reply.output, [url]).members)
  return {
    members: listed.members.map(({ id, name, peer_urls, client_urls, learner }) => {
      const asked = each.flatMap((members) => members.filter((member) => member.id === id))
      return {
        id,
        name,
        peer_urls,
        client_urls,
        learner,
        leader: asked.some((member) => member.leader),
        healthy: asked.some((member) => member.healthy === true),
      }
    }),
  }
}

const isMeant = (member: Member, { name, peer_urls }: Params): boolean =>
  (name !== undefined && member.name === name) || member.peer_urls.some((url) => peer_urls?.includes(url))

interface Order {
  readonly words: readonly string[]
  readonly change: Change
  /** It may take a while until etcd allows it. */
  readonly patient?: boolean
}
type Decision = { members: readonly Member[]; orders: Order[] } | { refused: string; hint: string }

function presence(members: readonly Member[], there: Member | undefined, params: Params): Decision {
  const name = params.name!
  const path = `etcd member ${name}`
  if (!there) {
    if (!params.peer_urls)
      return { refused: `The cluster has no member ${name}.`, hint: 'Give peer_urls to have it added.' }
    const { peer_urls, learner } = params
    const added = [
      ...members,
      { id: null, name: null, peer_urls, client_urls: [], learner, leader: false, healthy: false },
    ]
    const words = ['member', 'add', name, `--peer-urls=${peer_urls.join(',')}`, ...(learner ? ['--learner'] : [])]
    const change = { path, after: `${kindOf(learner)} at ${peer_urls.join(', ')}` }
    return (
      lacking(members, added, params, `Adding ${name}`, 'Add it with learner: true, start it, and promote it then') ?? {
        members: added,
        orders: [{ words, change }],
      }
    )
  }
  const urls = params.peer_urls ?? there.peer_urls
  const orders: Order[] = []
  if (!same(urls, there.peer_urls))
    orders.push({
      words: ['member', 'update', there.id!, `--peer-urls=${urls.join(',')}`],
      change: { path: `${path} peer_urls`, before: there.peer_urls, after: urls },
    })
  const promoted = there.learner && !params.learner
  if (promoted) {
    if (!there.healthy)
      return {
        refused: `${name} is a learner that does not answer.`,
        hint: 'It gets its vote once it runs and has caught up.',
      }
    orders.push({
      words: ['member', 'promote', there.id!],
      change: { path, before: kindOf(true), after: kindOf(false) },
      patient: true,
    })
  }
  const changed = members.map((member) =>
    member === there ? { ...member, peer_urls: urls, learner: member.learner && !promoted } : member,
  )
  const refused =
    orders.length > 0
      ? lacking(members, changed, params, `Promoting ${name}`, 'See to the other members first')
      : undefined
  return refused ?? { members: changed, orders }
}

function removal(members: readonly Member[], there: Member | undefined, params: Params): Decision {
  if (!there) return { members, orders: [] }
  const left = members.filter((member) => member !== there)
  const name = params.name ?? etcdMemberName(there as EtcdMember)
  const before = `${kindOf(there.learner)} at ${there.peer_urls.join(', ')}`
  if (voters(left).length === 0)
    return {
      refused: `${name} is the only voting member: without it there is no cluster.`,
      hint: 'Stop etcd and remove its data instead.',
    }
  return (
    lacking(members, left, params, `Removing ${name}`, 'Bring the other members back first') ?? {
      members: left,
      orders: [{ words: ['member', 'remove', there.id!], change: { path: `etcd member ${name}`, before } }],
    }
  )
}

const kindOf = (learner: boolean): string => (learner ? 'learner' : 'voting member')
const voters = (members: readonly Member[]): Member[] => members.filter(({ learner }) => !learner)
const same = (one: readonly string[], other: readonly string[]): boolean =>
  one.length === other.length && one.every((url) => other.includes(url))
const quorumOf = (members: readonly Member[]): number => Math.floor(voters(members).length / 2) + 1
const healthyOf = (members: readonly Member[]): number => voters(members).filter(({ healthy }) => healthy).length

/** The refusal of what cannot be done, or leaves the cluster without a quorum. */
function lacking(
  now: readonly Member[],
  then: readonly Member[],
  { force }: Params,
  what: string,
  way: string,
): { refused: string; hint: string } | undefined {
  const counted = (members: readonly Member[]) =>
    `${healthyOf(members)} of ${voters(members).length} voting members healthy, ${quorumOf(members)} needed`
  if (healthyOf(now) < quorumOf(now))
    return {
      refused: `The cluster has no quorum, so its members cannot be changed: ${counted(now)}.`,
      hint: 'Bring members back; if they are lost for good, restore a snapshot.',
    }
  if (force || healthyOf(then) >= quorumOf(then)) return undefined
  return {
    refused: `${what} would leave the cluster without a quorum: ${counted(then)}.`,
    hint: `${way}; or set force, if that is meant.`,
  }
}

function stepOf({ words, patient }: Order, members: readonly Member[], params: Params): Step {
  // In 3.4, etcdctl cannot say as JSON that it promoted a member: it crashes.
  const command = `e -w simple ${words.map(quote).join(' ')}`
  // Only etcd's own words: its log comes with them.
  const giveUp = `{ printf '%s\\n' "$out" | grep -v '^{' >&2; exit 1; }`
  const wait = `end=$(($(date +%s) + ${params.timeout}))
until out=$(${command}); do
  case $out in *'in sync with leader'*) [ "$(date +%s)" -lt "$end" ] || ${giveUp} ;; *) ${giveUp} ;; esac
  sleep 1
done`
  return exec({
    show: `run etcdctl ${words.join(' ')}`,
    script: `${etcdctlScript(params)}\n${patient ? wait : `out=$(${command}) || ${giveUp}`}`,
    effects: [{ read: membership.name, key: membership.key(params), gives: { members } }],
  })
}

/** Those that never ran come last: they have no name to go by. */
const byName = (one: Member, other: Member): number =>
  (one.name ?? `\uffff${one.peer_urls}`) < (other.name ?? `\uffff${other.peer_urls}`) ? -1 : 1

function resultOf(all: readonly Member[], params: Params): Record<string, unknown> {
  const members = [...all].sort(byName)
  const meant = params.state === 'list' ? undefined : members.find((member) => isMeant(member, params))
  const named = members.map((member) =>
    member === meant ? { ...member, name: member.name ?? params.name ?? null } : member,
  )
  return {
    members,
    member: meant ?? null,
    quorum: members.length > 0 ? quorumOf(members) : null,
    initial_cluster: named
      .flatMap(({ name, peer_urls }) => (name === null ? [] : peer_urls.map((url) => `${name}=${url}`)))
      .join(','),
  }
}
